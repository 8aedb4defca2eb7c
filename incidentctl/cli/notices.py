"""What is worth one line beside any command: earlier incidents, and post-mortems that are overdue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from incidentctl.incident.state import Incident
from incidentctl.incident.words import Answer
from incidentctl.text.times import span

_SHOWN: Final = 2
_POST_MORTEM: Final = "post-mortem"


def one_line(incident: Incident, now: datetime) -> str:
    """`20261123-0312-abc  checkout  P1  open for 12 min  Payments fail`"""
    level = incident.severity.level if incident.severity else "no severity"
    drill = ("drill",) if incident.mode == "drill" else ()
    return "  ".join((incident.id, incident.service, *drill, level, _lasted(incident, now), incident.title)).rstrip()


def _lasted(incident: Incident, now: datetime) -> str:
    begun = incident.opened_at or now
    if incident.clear.given_at is None:
        return f"open for {span(now - begun)}"
    return f"{incident.condition} after {span(incident.clear.given_at - begun)}"


def earlier(past: Sequence[Incident], service: str, now: datetime, names: Callable[[str], str]) -> Iterator[str]:
    """The last incidents of `service`, what ended each, and what is still to do after it (P-LEARN-1)."""
    ended = [one for one in past if one.mode == "real" and not one.is_open and one.service == service]
    for incident in reversed(ended[-_SHOWN:]):
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


def overdue_post_mortems(past: Sequence[Incident], now: datetime, due_after: Callable[[Incident], timedelta]) -> str:
    """One line about the post-mortems that are overdue (P-CLEAR-4); empty where none is."""
    late = [one for one in past if _owes_post_mortem(one) and now - _cleared(one, now) > due_after(one)]
    if not late:
        return ""
    names = ", ".join(one.id for one in late)
    return f"Post-mortem overdue: {names}. Tick it with `incidentctl resume {late[0].id}` when it is written."


def _owes_post_mortem(incident: Incident) -> bool:
    return incident.mode == "real" and incident.clear.items.get(_POST_MORTEM, "done") != "done"


def _cleared(incident: Incident, now: datetime) -> datetime:
    return incident.clear.given_at or now
