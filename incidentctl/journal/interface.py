"""The durable log of incidents: what every store promises.  One contract suite proves it for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from incidentctl.errors import Conflict
from incidentctl.incident.entry import Entry


class Journal(Protocol):
    """An append-only log, one per incident; `(incident, seq)` is the key, and the lock."""

    def append(self, incident: str, entries: Sequence[Entry], *, expected_seq: int) -> None:
        """Make `entries` durable, all or none; their seqs follow `expected_seq` without a gap.

        When this returns, a power cut loses nothing.  `expected_seq` is the last seq that the caller has folded, 0
        for a new incident.  An entry whose id is already in this incident's journal at the same seq is taken as sent
        twice, and is no error.  Raises Conflict if another writer was first (nothing of this call was kept), and
        StoreUnreachable if the store cannot be written (nothing of this call was kept).
        """

    def read(self, incident: str, *, after: int = 0) -> Sequence[Entry]:
        """The entries with a seq greater than `after`, in order; empty for an unknown incident.

        Events of newer versions come back as `Unrecognised`.  Raises StoreUnreachable.
        """

    def last_seq(self, incident: str) -> int:
        """The last seq, 0 for an unknown incident; cheap enough to be asked every second.  Raises StoreUnreachable."""

    def incidents(self) -> Sequence[str]:
        """The ids of all incidents, oldest first.  Raises StoreUnreachable."""

    def outlines(self) -> Mapping[str, str]:
        """By incident, what was kept with `remember`, as far as nothing was appended to it since.

        Cheap with thousands of incidents.  A convenience: what cannot be had is not in it, and nothing is raised.
        """

    def remember(self, outlines: Mapping[str, tuple[int, str]]) -> None:
        """Keep for each incident what was worked out from its entries up to that seq, for `outlines`.

        Where something was appended since, nothing is kept.  A convenience: it may be lost, and nothing is raised.
        """

    def close(self) -> None:
        """Let go of the store.  Nothing may be called afterwards."""


def not_yet_kept(entries: Sequence[Entry], expected_seq: int, *, last_seq: int, ids: Sequence[str]) -> Sequence[Entry]:
    """Those of `entries` that a store still has to keep; the one place that decides what a conflict is.

    `last_seq` is the store's, `ids` are those that it keeps after `expected_seq`, in order.  Raises Conflict where
    the store is ahead with other entries, or behind what the caller has folded.
    """
    if [entry.seq for entry in entries] != list(range(expected_seq + 1, expected_seq + 1 + len(entries))):
        raise ValueError(f"the entries do not follow seq {expected_seq} without a gap")
    twice = min(len(entries), len(ids))
    if last_seq < expected_seq or [entry.id for entry in entries[:twice]] != list(ids[:twice]):
        raise Conflict(f"the journal is at seq {last_seq}, not at {expected_seq}")
    return entries[twice:]
