"""The change log: what was deployed, switched or configured, and by whom.  The first question of the tree reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Protocol

from incidentctl.incident.words import Change


class Changes(Protocol):
    """A log of changes, beside the journal.  One contract suite proves it for each store.

    Services are the same whether their letters are written large or small.
    """

    def record(self, change: Change) -> str:
        """Make `change` durable, and return its id.  When this returns, a power cut loses nothing.

        Raises StoreUnreachable where it cannot be written (nothing of it was kept).
        """

    def ended(self, name: str, at: datetime, status: int) -> None:
        """Write down when the change with the id `name` ended, and its exit status.  Raises StoreUnreachable."""

    def since(self, service: str, moment: datetime) -> Sequence[Change]:
        """What began or ended at `moment` or later, the newest first.  Raises StoreUnreachable."""

    def all(self, service: str | None = None) -> Sequence[Change]:
        """Everything, of one service or of all, the newest first.  Raises StoreUnreachable."""

    def close(self) -> None:
        """Let go of the store.  Nothing may be called afterwards."""


def open_changes(path: Path | None) -> Changes:
    """The change log of the store in that file; None: in memory.  Raises StoreUnreachable."""
    if path is None:
        from incidentctl.journal.memory import MemoryChanges

        return MemoryChanges()
    from incidentctl.journal.sqlite import SqliteChanges

    return SqliteChanges(path)


def reader(path: Path | None) -> Callable[[str, datetime], Sequence[Change]]:
    """What a check asks the log with, `(service, since)`: from any thread, each time on a connection of its own.

    It raises StoreUnreachable, and makes no store where there is none.
    """

    def read(service: str, since: datetime) -> Sequence[Change]:
        if path is None or not path.exists():
            return []
        with closing(open_changes(path)) as changes:
            return changes.since(service, since)

    return read
