"""What is worth one line beside any command: earlier incidents, and post-mortems that are overdue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from incidentctl.cli.past import Outline, Past
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Answer
from incidentctl.text.times import span

_SHOWN: Final = 2
_NAMED: Final = 3


def one_line(incident: Incident, now: datetime) -> str:
    """`20261123-0312-abc  checkout  P1  open for 12 min  Payments fail`"""
    level = incident.severity.level if incident.severity else "no severity"
    drill = ("drill",) if incident.mode == "drill" else ()
    parts = (incident.id, incident.service, *drill, level, _lasted(incident, now), incident.title)
    return " ".join("  ".join(parts).splitlines()).rstrip()


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


def overdue_post_mortems(past: Sequence[Outline], now: datetime) -> str:
    """One line about the post-mortems that are overdue (P-CLEAR-4); empty where none is."""
    late = [one.id for one in past if one.post_mortem_due_at is not None and now > one.post_mortem_due_at]
    if not late:
        return ""
    more = f" and {len(late) - _NAMED} more" if len(late) > _NAMED else ""
    names = f"{', '.join(late[:_NAMED])}{more}"
    return f"Post-mortem overdue: {names}. Tick it with `incidentctl resume {late[0]}` when it is written."
