"""A journal and a change log in memory: for tests, for `memory:`, and for the hour in which the disk is full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from incidentctl.clock import random_id
from incidentctl.incident.entry import Entry
from incidentctl.incident.words import Change
from incidentctl.journal.interface import not_yet_kept


class MemoryJournal:
    """A `Journal` that ends with its process."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._outlines: dict[str, tuple[int, str]] = {}

    def append(self, incident: str, entries: Sequence[Entry], *, expected_seq: int) -> None:
        """Keep `entries`, all or none.  Raises Conflict."""
        kept = self._entries.get(incident, [])
        ids = [entry.id for entry in kept]
        fresh = not_yet_kept(entries, expected_seq, last_seq=len(kept), ids=ids[expected_seq:])
        if fresh:
            self._entries[incident] = [*kept, *fresh]

    def read(self, incident: str, *, after: int = 0) -> Sequence[Entry]:
        """The entries with a seq greater than `after`, in order."""
        return self._entries.get(incident, [])[after:]

    def last_seq(self, incident: str) -> int:
        """The last seq, 0 for an unknown incident."""
        return len(self._entries.get(incident, []))

    def incidents(self) -> Sequence[str]:
        """The ids of all incidents, oldest first."""
        return sorted(self._entries)

    def outlines(self) -> Mapping[str, str]:
        """What was remembered of each incident that nothing was appended to since."""
        return {name: text for name, (seq, text) in self._outlines.items() if seq == self.last_seq(name)}

    def remember(self, outlines: Mapping[str, tuple[int, str]]) -> None:
        """Keep them, where nothing was appended since."""
        self._outlines.update({name: one for name, one in outlines.items() if one[0] == self.last_seq(name)})

    def close(self) -> None:
        """Nothing to let go of."""


class MemoryChanges:
    """A change log (`changes.Changes`) that ends with its process."""

    def __init__(self) -> None:
        self._kept: dict[str, Change] = {}

    def record(self, change: Change) -> str:
        """Keep `change`; its id."""
        name = random_id()
        self._kept[name] = change
        return name

    def ended(self, name: str, at: datetime, status: int) -> None:
        """Keep how the change of that id ended."""
        if name in self._kept:
            self._kept[name] = replace(self._kept[name], ended_at=at, status=status)

    def since(self, service: str, moment: datetime) -> Sequence[Change]:
        """What began or ended at `moment` or later, the newest first."""
        return [one for one in self.all(service) if max(one.at, one.ended_at or one.at) >= moment]

    def all(self, service: str | None = None) -> Sequence[Change]:
        """Everything, of one service or of all, the newest first."""
        latest = [*self._kept.values()][::-1]
        latest.sort(key=lambda one: one.at, reverse=True)
        return [one for one in latest if service is None or one.service.casefold() == service.casefold()]

    def close(self) -> None:
        """Nothing to let go of."""
