"""Entries for tests, as a session would make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from incidentctl.incident.entry import Entry
from incidentctl.incident.events import Event, NoteAdded

INCIDENT = "20261123-0312-abc"
NOON = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


def entry(seq: int, event: Event | None = None, *, by: str = "ada") -> Entry:
    """The entry that `by` writes at `seq`; two writers never make the same id."""
    at = NOON + timedelta(minutes=seq)
    return Entry(f"{by}-{seq}", seq, at, at, by, "ic", None, event or NoteAdded(f"note {seq}"))


def entries(first: int, last: int, *, by: str = "ada") -> list[Entry]:
    """The entries `first` to `last`."""
    return [entry(seq, by=by) for seq in range(first, last + 1)]
