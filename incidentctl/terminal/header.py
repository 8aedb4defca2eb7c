"""The line on every screen: how bad, how long, when the next update is due, who commands, where people talk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from incidentctl.incident.state import FIRST_UPDATE_GRACE, Incident
from incidentctl.text.escape import clean, columns, one_line
from incidentctl.text.times import zone
from incidentctl.walker import due, presence
from incidentctl.walker.due import Due

Tone = Literal["", "loud", "level", "drill", "quiet"]
Part = tuple[Tone, str]
Moments = Sequence[Due] | None

DECISION_NEAR: Final = timedelta(minutes=5)
_SEPARATOR: Final = " · "
_WEIGHTED: Final = ("triage", "update", "decision", "stable")
_SHORTEST: Final = 6
_NAME: Final = 12
"""Columns of the name of whoever is asked in the place of the one who looks."""
_LAST_WORD: Final = "tell customers it is over"
_FIRST: Final = "first update due"
_UPDATE_NOW: Final = "update due"
_DECIDE: Final = "decide now"


def header(incident: Incident, now: datetime, width: int, known: Moments = None) -> tuple[Part, ...]:
    """The header line in parts, each with its tone; at most `width` columns.

    The parts stand in the order of their weight, so that a narrow screen shortens the channel first, then the name.
    Before there is an incident there is nothing to say, except that it will be a drill.  `known` is all that
    falls due, where the runbook has a say in it.
    """
    parts: list[Part] = []
    used = 0
    for tone, text in _parts(incident, now, known):
        gap = columns(_SEPARATOR) if parts else 0
        room = width - used - gap
        if room < min(columns(text), _SHORTEST):
            break
        fitting = one_line(text, room)
        parts += [("quiet", _SEPARATOR), (tone, fitting)] if parts else [(tone, fitting)]
        used += gap + columns(fitting)
    return tuple(parts)


def header_text(incident: Incident, now: datetime, width: int, known: Moments = None) -> str:
    """The same line as plain text."""
    return "".join(text for _, text in header(incident, now, width, known))


def title(incident: Incident, now: datetime, known: Moments = None) -> str:
    """What the terminal's title says: the id, the level, and what is due, so that a tab is found.

    It names the time of day, not the time left, so that it changes only when something happens or falls due.
    """
    parts = [incident.id, _level(incident)]
    for one in _weighed(due.moments(incident, now) if known is None else known):
        match one.what:
            case "triage" if now >= one.at:
                parts.append("severity OVERDUE")
            case "update":
                parts.append(_title_of_update(incident, one, now))
            case "decision" if one.has_come(now):
                parts.append(_DECIDE)
            case _:
                pass
    return clean(" ".join(parts))


def _title_of_update(incident: Incident, update: Due, now: datetime) -> str:
    if _waits(update, now):
        return f"update due, {_who(update)} is asked"
    if due.is_last(incident):
        return _LAST_WORD
    if _is_first(incident, update, now):
        return _FIRST
    if due.clock_went_back(incident, now):
        return _UPDATE_NOW
    return f"update {of_day(update.at, incident.timezone)}" if update.at > now else "update OVERDUE"


def of_day(moment: datetime, timezone: str) -> str:
    """`03:12`, in the incident's time zone; in UTC where this machine does not know that zone."""
    return f"{moment.astimezone(zone(timezone)):%H:%M}"


def counted(span: timedelta) -> str:
    """`17:26` below an hour, else `1:17:26`; never negative."""
    seconds = max(0, int(span.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def _parts(incident: Incident, now: datetime, known: Moments) -> Iterator[Part]:
    if incident.mode == "drill":
        yield "drill", "DRILL"
    begun = incident.paged_at
    if incident.opened_at is None or begun is None:
        return
    yield "level", _level(incident)
    lasted = (incident.clear.given_at or now) - begun
    yield "", counted(lasted) if incident.is_open else f"lasted {counted(lasted)}"
    for one in _weighed(due.moments(incident, now) if known is None else known):
        yield from _due(incident, one, now)
    yield from _commander(incident)
    if incident.channel:
        yield "", incident.channel


def _level(incident: Incident) -> str:
    if incident.condition != "open":
        return incident.condition
    if incident.severity is not None:
        return incident.severity.level
    return "light" if incident.process == "light" else "no severity yet"


def _weighed(known: Sequence[Due]) -> Sequence[Due]:
    """What is shown, in the order of its weight."""
    return sorted((one for one in known if one.what in _WEIGHTED), key=lambda one: _WEIGHTED.index(one.what))


def _due(incident: Incident, one: Due, now: datetime) -> Iterator[Part]:
    """What falls due while somebody sits here; the rest is in `brief`."""
    match one.what:
        case "triage":
            yield _left("triage", one, now)
        case "update":
            yield from _update(incident, one, now)
        case "decision" if one.has_come(now):
            yield "loud", _DECIDE
        case "decision" if one.at - now <= DECISION_NEAR:
            yield "", f"decide in {_minutes(one.at - now)}"
        case "stable":
            yield "", f"stable in {_minutes(one.at - now)}" if now < one.at else "stable"
        case _:
            pass


def _left(what: str, one: Due, now: datetime) -> Part:
    """`triage 04:10 left`"""
    return ("", f"{what} {_minutes(one.at - now)} left") if now <= one.at else ("loud", _overdue(what, one, now))


def _overdue(what: str, one: Due, now: datetime) -> str:
    return f"{what} OVERDUE {_minutes(now - one.at)}".strip()


def _update(incident: Incident, update: Due, now: datetime) -> Iterator[Part]:
    tone, text = _owed(incident, update, now)
    yield tone, text
    if _waits(update, now):
        yield "level", f"{_who(update)} is asked, you in {_minutes(update.asked_at - now)}"
    elif text.startswith("OVERDUE") and now < update.asked_at:
        yield "", f"asked again in {_minutes(update.asked_at - now)}"


def _waits(update: Due, now: datetime) -> bool:
    """Whether somebody else is asked, before whoever looks here (*The order*, "who is asked")."""
    return bool(update.first) and update.at <= now < update.asked_at


def _who(update: Due) -> str:
    return one_line(update.first, _NAME)


def _owed(incident: Incident, update: Due, now: datetime) -> Part:
    if due.is_last(incident):
        # Nobody waits for a next update: what is owed is the one that says it is over.
        return "level", _LAST_WORD
    if _is_first(incident, update, now):
        return "loud", _FIRST
    if due.clock_went_back(incident, now):
        return "loud", _UPDATE_NOW
    if now <= update.at:
        return "", f"next update {_minutes(update.at - now)}"
    return "loud", _overdue("", update, now)


def _is_first(incident: Incident, update: Due, now: datetime) -> bool:
    """The first update is due with the severity, and late only after five minutes (P-COMMS-8)."""
    return not incident.comms.sent and now < update.at + FIRST_UPDATE_GRACE


def _commander(incident: Incident) -> Iterator[Part]:
    commander = incident.holder("ic")
    if gone := presence.vacancy(incident):
        yield "loud", gone
    elif commander and incident.process == "full":
        yield "", f"IC {commander}"


def _minutes(span: timedelta) -> str:
    """`62:03`: minutes may pass an hour, for the cadence is in minutes; from 100 on, hours are shown."""
    if span >= timedelta(minutes=100):
        return counted(span)
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    return f"{minutes:02}:{seconds:02}"
