"""What is worth one line beside any command: earlier incidents, and post-mortems that are overdue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from incidentctl.cli.past import Outline, Past
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Answer
from incidentctl.text.times import span
from incidentctl.walker import due

_SHOWN: Final = 2
_NAMED: Final = 3
_SATURDAY: Final = 5
_WORK: Final = (9, 17)
"""From nine to five: the hours that lie in nearly everybody's working day.  Nothing is lost where they do not."""


def one_line(incident: Incident, now: datetime) -> str:
    """`20261123-0312-abc  checkout  P1  open for 12 min  Payments fail`"""
    level = incident.severity.level if incident.severity else "no severity"
    drill = ("drill",) if incident.mode == "drill" else ()
    parts = (
        incident.id,
        incident.service,
        *drill,
        level,
        _lasted(incident, now),
        *_next_update(incident, now),
        incident.title,
    )
    return " ".join("  ".join(parts).splitlines()).rstrip()


def _next_update(incident: Incident, now: datetime) -> Iterator[str]:
    """When the next update is due, while there is one to wait for."""
    at = incident.comms.due_at
    if at is None or due.is_last(incident):
        return
    if at > now:
        yield f"update in {span(at - now)}"
    else:
        yield "update OVERDUE" if due.late_by(incident, now) else "update due"


def _lasted(incident: Incident, now: datetime) -> str:
    begun = incident.opened_at or now
    if incident.clear.given_at is None:
        return f"open for {span(now - begun)}"
    return f"{incident.condition} after {span(incident.clear.given_at - begun)}"


def earlier(past: Past, service: str, now: datetime, names: Callable[[str], str]) -> Iterator[str]:
    """The last incidents of `service`, what ended each, and what is still to do after it (P-LEARN-1)."""
    ended = [one for one in past.outlines if one.mode == "real" and not one.is_open and one.service == service]
    for outline in reversed(ended[-_SHOWN:]):
        if incident := past.incident(outline.id):
            yield f"Earlier: {one_line(incident, now)}; {_ending(incident, names)}{_left(incident)}."
    if len(ended) > _SHOWN:
        yield f"{len(ended) - _SHOWN} more: incidentctl history"


def _ending(incident: Incident, names: Callable[[str], str]) -> str:
    """Which branch of the walk ended it."""
    if incident.clear.ticket:
        return f"became the ticket {incident.clear.ticket}"
    helped = [step for step, done in incident.tree.steps.items() if done.recovered is Answer.YES]
    if helped:
        return f"ended by: {names(helped[-1])}"
    return "nobody wrote down what ended it"


def _left(incident: Incident) -> str:
    open_items = [item for item, result in incident.clear.items.items() if result != "done"]
    return f"; still to do: {', '.join(open_items)}" if open_items else ""


def post_mortems(past: Sequence[Outline], now: datetime) -> str:
    """One line about the post-mortems that are overdue, at any hour (P-CLEAR-4), or else are due; empty where none is.

    What is not overdue yet waits for working hours, in the zone of `now`, and for a time when nothing is open: nobody
    who was woken by one incident is asked to write about another.
    """
    owed = [(one.post_mortem_due_at, one.id) for one in past if one.post_mortem_due_at is not None]
    late = [name for at, name in owed if now > at]
    if late:
        return f"Post-mortem overdue: {_named(late)}. {_tick(late[0])}"
    if not owed or not _in_working_hours(now) or any(one.is_open for one in past):
        return ""
    return (
        f"Post-mortem due in {span(min(owed)[0] - now)}: {_named([name for _at, name in owed])}. {_tick(min(owed)[1])}"
    )


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _tick(name: str) -> str:
    return f"Tick it with `incidentctl resume {name}` when it is written."


def _in_working_hours(now: datetime) -> bool:
    return now.weekday() < _SATURDAY and _WORK[0] <= now.hour < _WORK[1]
