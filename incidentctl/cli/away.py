"""What changed while somebody was away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from incidentctl.incident.entry import Entry
from incidentctl.incident.facts import EvidenceTaken
from incidentctl.incident.names import same_person
from incidentctl.incident.state import Incident
from incidentctl.reports.sentences import Sentences
from incidentctl.text.times import span
from incidentctl.walker.due import moments

_SHOWN: Final = 8
"""What others wrote, at most; the rest is in the timeline."""


def changes(
    incident: Incident, entries: Sequence[Entry], me: str, now: datetime, sentences: Sentences
) -> Iterator[str]:
    """What others wrote and what fell due since the last entry of `me`, and how long ago that was."""
    mine = [entry for entry in entries if same_person(entry.author, me)]
    last = mine[-1] if mine else None
    since = last.recorded_at if last else incident.opened_at or now
    yield f"Your last entry is {span(now - since)} old." if last else f"{incident.id} is {span(now - since)} old."
    # What checks found stands, as it is now, with the question that it answers.
    others = [e for e in entries[last.seq if last else 0 :] if not isinstance(e.event, EvidenceTaken)]
    if len(others) > _SHOWN:
        yield f"{len(others) - _SHOWN} older entries of others: incidentctl timeline {incident.id}"
    for entry in others[-_SHOWN:]:
        yield f"{entry.author}, {span(now - entry.recorded_at)} ago: {sentences.short(entry.event, entry.occurred_at)}"
    yield from _fell_due(incident, since, now)
    if not others:
        yield "Nobody else wrote anything meanwhile."


def _fell_due(incident: Incident, since: datetime, now: datetime) -> Iterator[str]:
    for due in moments(incident, now):
        if due.what == "update" and due.at <= now:
            yield f"An update fell due {span(now - due.at)} ago."
        elif due.what == "decision" and since < due.at <= now:
            yield f"The question whether to roll back fell due {span(now - due.at)} ago."
