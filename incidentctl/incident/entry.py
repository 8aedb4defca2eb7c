"""One line of the journal."""

from __future__ import annotations

from datetime import datetime

from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.events import Event, NoteAdded, UpdateSent, UpdateWritten
from incidentctl.incident.paging import PageAnswered
from incidentctl.record import record


def occurred_at(event: Event, now: datetime) -> datetime:
    """When `event` occurred: what it says itself, else `now`."""
    match event:
        case UpdateWritten(made_at=moment) | UpdateSent(made_at=moment) | NoteAdded(at=datetime() as moment):
            return moment
        case PageAnswered(at=moment):
            return moment
        case AlertReceived(counts_from=datetime() as moment):
            return moment
        case _:
            return now


@record
class Entry:
    """One line of the journal.

    `id` is random and unique, `seq` counts from 1 in each incident.  `occurred_at` is when it happened (a person may
    say), `recorded_at` when it was written down.  `role` is the author's at that time, or empty.  `prompt` is the id
    of the prompt whose reply made this entry, else None.
    """

    id: str
    seq: int
    occurred_at: datetime
    recorded_at: datetime
    author: str
    role: str
    prompt: str | None
    event: Event
