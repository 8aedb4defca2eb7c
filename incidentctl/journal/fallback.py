"""A journal that goes on when its store does not: what a full disk takes away is kept in memory, and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from incidentctl.errors import StoreUnreachable
from incidentctl.incident.entry import Entry
from incidentctl.journal.interface import Journal, not_yet_kept


class FallbackJournal:
    """A `Journal` that never raises StoreUnreachable.

    `primary` is the store, or None where it could not be opened.  From its first failure on, which `on_failure` hears
    of once, everything of this process stays in memory: what was read, what was written, and what comes.  The store
    is not tried again, so that it never holds an incident with a gap.
    """

    def __init__(self, primary: Journal | None, on_failure: Callable[[StoreUnreachable], None]) -> None:
        self._primary = primary
        self._failed = primary is None
        self._on_failure = on_failure
        self._seen: dict[str, dict[int, Entry]] = {}
        self._unsaved: dict[str, list[Entry]] = {}

    @property
    def degraded(self) -> bool:
        """Whether the store failed, so that only memory is left."""
        return self._failed

    def unsaved(self) -> Mapping[str, Sequence[Entry]]:
        """By incident, the entries of this process that never reached the store, in order."""
        return self._unsaved

    def append(self, incident: str, entries: Sequence[Entry], *, expected_seq: int) -> None:
        """Keep `entries`, all or none, in the store or else in memory.  Raises Conflict."""
        if store := self._store():
            try:
                store.append(incident, entries, expected_seq=expected_seq)
            except StoreUnreachable as error:
                self._fail(error)
            else:
                self._remember(incident, entries)
                return
        self._append_in_memory(incident, entries, expected_seq)

    def read(self, incident: str, *, after: int = 0) -> Sequence[Entry]:
        """The entries with a seq greater than `after`, in order, as far as they are still known."""
        if store := self._store():
            try:
                entries = store.read(incident, after=after)
            except StoreUnreachable as error:
                self._fail(error)
            else:
                self._remember(incident, entries)
                return entries
        seen = self._seen.get(incident, {})
        return [seen[seq] for seq in sorted(seen) if seq > after]

    def last_seq(self, incident: str) -> int:
        """The last seq, 0 for an unknown incident."""
        if store := self._store():
            try:
                return store.last_seq(incident)
            except StoreUnreachable as error:
                self._fail(error)
        return max(self._seen.get(incident, {}), default=0)

    def incidents(self) -> Sequence[str]:
        """The ids of the incidents, oldest first, as far as they are still known."""
        if store := self._store():
            try:
                return store.incidents()
            except StoreUnreachable as error:
                self._fail(error)
        return sorted(self._seen)

    def outlines(self) -> Mapping[str, str]:
        """What the store remembers of its incidents."""
        store = self._store()
        return store.outlines() if store else {}

    def remember(self, outlines: Mapping[str, tuple[int, str]]) -> None:
        """Let the store remember; memory forgets at the end anyway."""
        if store := self._store():
            store.remember(outlines)

    def close(self) -> None:
        """Let go of the store; what is unsaved can still be had."""
        if self._primary is not None:
            self._primary.close()

    def _store(self) -> Journal | None:
        return None if self._failed else self._primary

    def _fail(self, error: StoreUnreachable) -> None:
        self._failed = True
        self._on_failure(error)

    def _remember(self, incident: str, entries: Sequence[Entry]) -> None:
        if entries:
            self._seen.setdefault(incident, {}).update({entry.seq: entry for entry in entries})

    def _append_in_memory(self, incident: str, entries: Sequence[Entry], expected_seq: int) -> None:
        """Only this process writes here: what it says that it has folded is believed, seen here or not."""
        seen = self._seen.get(incident, {})
        later = [seen[seq].id for seq in sorted(seen) if seq > expected_seq]
        last_seq = max([expected_seq, *seen])
        fresh = not_yet_kept(entries, expected_seq, last_seq=last_seq, ids=later)
        self._remember(incident, fresh)
        if fresh:
            self._unsaved.setdefault(incident, []).extend(fresh)
