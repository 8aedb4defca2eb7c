"""A program that appends and says so, to be killed, traced and starved: `appender STORE FIRST LAST BATCH`.

It appends the entries FIRST to LAST in batches, and after each batch writes `kept SEQ`; what the store says against
it is written as `refused MESSAGE`, and ends it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from incidentctl.errors import Conflict, StoreUnreachable
from incidentctl.journal.sqlite import SqliteJournal
from tests.journal.entries import INCIDENT, entries


def main(store: str, first: str, last: str, batch: str) -> None:
    """Append, and say after each append what is kept."""
    size = int(batch)
    try:
        journal = SqliteJournal(Path(store))
        print("opened", flush=True)
        for start in range(int(first), int(last) + 1, size):
            journal.append(INCIDENT, entries(start, start + size - 1), expected_seq=start - 1)
            print(f"kept {start + size - 1}", flush=True)
    except StoreUnreachable as error:
        print(f"refused {error.message}", flush=True)
    except Conflict:
        print("conflict", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
