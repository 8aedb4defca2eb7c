"""Earlier incidents: `incidentctl/history/1` for scripts, a list for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypedDict

from incidentctl.incident.state import Incident
from incidentctl.incident.words import Answer
from incidentctl.reports.names import Names
from incidentctl.reports.status import WIDTH, Status, headline, status
from incidentctl.runbook.model import Runbook
from incidentctl.text.escape import one_line
from incidentctl.text.times import span
from incidentctl.walker import presence


class History(TypedDict):
    """`incidentctl/history/1` (docs/json.md)."""

    schema: Literal["incidentctl/history/1"]
    incidents: list[Status]


Past = Sequence[tuple[Runbook, Incident]]
"""Incidents with the runbooks that they pinned, in the order in which they are shown."""


def history(past: Past, now: datetime) -> History:
    """The promised shape: one status for each, in the order of `past`."""
    return {"schema": "incidentctl/history/1", "incidents": [status(book, one, now) for book, one in past]}


def history_text(past: Past, now: datetime) -> str:
    """Two or three lines for each: id and state, what it was, and which answer and action ended it (P-LEARN-1)."""
    if not past:
        return "No incidents yet.\n"
    return "\n\n".join("\n".join(_lines(book, incident, now)) for book, incident in past) + "\n"


def _lines(book: Runbook, incident: Incident, now: datetime) -> list[str]:
    opened = incident.opened_at or now
    lasted = span((incident.clear.given_at or now) - opened)
    gone = presence.vacancy(incident)
    state = (
        f"open for {lasted}{f', {gone}' if gone else ''}"
        if incident.is_open
        else f"{incident.condition}, lasted {lasted}"
    )
    first = one_line(f"{incident.id}, {opened:%Y-%m-%d %H:%M} UTC, {state}", WIDTH)
    rest = [headline(incident), *_ended_by(book, incident)]
    return [first, *(f"  {one_line(line, WIDTH - 2)}" for line in rest)]


def _ended_by(book: Runbook, incident: Incident) -> list[str]:
    """The last yes, and what was done about it."""
    if incident.is_open:
        return []
    yes = [said.text for said in incident.tree.answers.values() if said.answer is Answer.YES][-1:]
    names = Names(book)
    done = [names.of(record.step) for record in incident.tree.actions if record.result == "done"][-1:]
    ticket = [f"ticket {incident.clear.ticket}"] if incident.clear.ticket else []
    return [" -> ".join([*yes, *done, *ticket])] if yes or done or ticket else []
