"""The line on every screen: how bad, how long, when the next update is due, who commands, where people talk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

from incidentctl.incident.state import FIRST_UPDATE_GRACE, Incident
from incidentctl.text.escape import clean, columns, one_line
from incidentctl.text.times import zone

Tone = Literal["", "loud", "level", "drill", "quiet"]
Part = tuple[Tone, str]

DECISION_NEAR: Final = timedelta(minutes=5)
_SEPARATOR: Final = " · "
_SHORTEST: Final = 6
_LAST_WORD: Final = "tell customers it is over"


def header(incident: Incident, now: datetime, width: int) -> tuple[Part, ...]:
    """The header line in parts, each with its tone; at most `width` columns.

    The parts stand in the order of their weight, so that a narrow screen shortens the channel first, then the name.
    Before there is an incident there is nothing to say, except that it will be a drill.
    """
    parts: list[Part] = []
    used = 0
    for tone, text in _parts(incident, now):
        gap = columns(_SEPARATOR) if parts else 0
        room = width - used - gap
        if room < min(columns(text), _SHORTEST):
            break
        fitting = one_line(text, room)
        parts += [("quiet", _SEPARATOR), (tone, fitting)] if parts else [(tone, fitting)]
        used += gap + columns(fitting)
    return tuple(parts)


def header_text(incident: Incident, now: datetime, width: int) -> str:
    """The same line as plain text."""
    return "".join(text for _, text in header(incident, now, width))


def title(incident: Incident, now: datetime) -> str:
    """What the terminal's title says: the id, the level, and when the next update is due, so that a tab is found.

    It names the time of day, not the time left, so that it changes only when something happened.
    """
    parts = [incident.id, _level(incident)]
    due = incident.comms.due_at
    if due is not None and _is_over(incident):
        parts.append(_LAST_WORD)
    elif due is not None:
        parts.append(f"update {of_day(due, incident.timezone)}" if due > now else "update OVERDUE")
    return clean(" ".join(parts))


def of_day(moment: datetime, timezone: str) -> str:
    """`03:12`, in the incident's time zone; in UTC where this machine does not know that zone."""
    return f"{moment.astimezone(zone(timezone)):%H:%M}"


def counted(span: timedelta) -> str:
    """`17:26` below an hour, else `1:17:26`; never negative."""
    seconds = max(0, int(span.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def _parts(incident: Incident, now: datetime) -> Iterator[Part]:
    if incident.mode == "drill":
        yield "drill", "DRILL"
    begun = incident.paged_at
    if incident.opened_at is None or begun is None:
        return
    yield "level", _level(incident)
    lasted = (incident.clear.given_at or now) - begun
    yield "", counted(lasted) if incident.is_open else f"lasted {counted(lasted)}"
    yield from _update(incident, now)
    yield from _decision(incident, now)
    yield from _commander(incident)
    if incident.channel:
        yield "", incident.channel


def _level(incident: Incident) -> str:
    if incident.condition != "open":
        return incident.condition
    if incident.severity is not None:
        return incident.severity.level
    return "light" if incident.process == "light" else "no severity yet"


def _update(incident: Incident, now: datetime) -> Iterator[Part]:
    due = incident.comms.due_at
    if due is None:
        return
    if _is_over(incident):
        # Nobody waits for a next update: what is owed is the one that says it is over.
        yield "level", _LAST_WORD
    elif not incident.comms.sent and due <= now < due + FIRST_UPDATE_GRACE:
        # The first update is due with the severity and late only after five minutes (P-COMMS-8).
        yield "loud", "first update due"
    elif now <= due:
        yield "", f"next update {_minutes(due - now)}"
    else:
        yield "loud", f"OVERDUE {_minutes(now - due)}"


def _commander(incident: Incident) -> Iterator[Part]:
    commander = incident.holder("ic")
    if incident.process == "light":
        return
    if commander:
        yield "", f"IC {commander}"
    elif incident.is_open and not _is_ticket(incident):
        yield "loud", "no IC"


def _is_ticket(incident: Incident) -> bool:
    return incident.severity is not None and not incident.severity.tree


def _is_over(incident: Incident) -> bool:
    """Whether the next update is the last: after the all clear, and at a level that has none (*The order*)."""
    return not incident.is_open or (incident.severity is not None and incident.severity.update_every is None)


def _minutes(span: timedelta) -> str:
    """`62:03`: minutes may pass an hour, for the cadence is in minutes; from 100 on, hours are shown."""
    if span >= timedelta(minutes=100):
        return counted(span)
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    return f"{minutes:02}:{seconds:02}"


def _decision(incident: Incident, now: datetime) -> Iterator[Part]:
    due = incident.decision_due_at
    if due is None or not incident.is_open or incident.recovered_at is not None or due - now > DECISION_NEAR:
        return
    yield ("", f"decide in {_minutes(due - now)}") if now <= due else ("loud", "decide now")
