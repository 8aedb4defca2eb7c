"""What a long history costs `start`: CPU to the first prompt with 300 past incidents, less the same with none.

    python -m bench.history [RUNS]

Every past incident is the example's walk, some 60 entries each; every third still owes its post-mortem.  The two
stores are measured in turns, so that a busy machine slows both; medians are compared.  The first command after the
incidents ended pays once for all of them, which is printed as well.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bench.startup import PROGRAM, ROOT, cpu_of, cpu_to_first_prompt, quiet_environment
from incidentctl.cli.opening import Wanted, begin
from incidentctl.cli.settings import Settings
from incidentctl.cli.wiring import open_desk
from incidentctl.clock import SystemClock, random_id
from incidentctl.incident.entry import Entry
from incidentctl.incident.events import ItemAnswered, NoteAdded
from incidentctl.journal.sqlite import SqliteJournal

INCIDENTS, ENTRIES = 300, 60
TARGET = 25


def walked(folder: Path) -> Sequence[Entry]:
    """The entries of the example's walk, filled up with notes."""
    settings = Settings(runbooks=ROOT / "runbooks", store=str(folder / "one.db"), me="bench")
    answers = ROOT / "runbooks/answers/checkout.yaml"
    with contextlib.redirect_stdout(io.StringIO()), open_desk(settings, "begin", answers=answers) as desk:
        begin(desk, Wanted("checkout", "Orders fail", None, (), drill=False))
    with contextlib.closing(SqliteJournal(folder / "one.db")) as journal:
        entries = journal.read(journal.incidents()[0])
    notes = (NoteAdded(f"We have looked at dashboard number {number}") for number in range(ENTRIES))
    fill = [replace(entries[0], prompt=None, event=note) for note in notes]
    return [*entries[:5], *fill[: ENTRIES - len(entries)], *entries[5:]]


def again(entries: Sequence[Entry], ago: timedelta, *, owes: bool) -> Iterator[Entry]:
    """The same once more, so long ago."""
    for seq, entry in enumerate(entries, 1):
        event = entry.event
        if owes and isinstance(event, ItemAnswered) and event.item == "post-mortem":
            event = replace(event, result="later")
        at = entry.recorded_at - ago
        yield replace(entry, id=random_id(), seq=seq, occurred_at=at, recorded_at=at, event=event)


def fill(path: Path, entries: Sequence[Entry]) -> str:
    """Put the history of a year into the store at `path`; the id of its last incident."""
    now, name = SystemClock().now(), ""
    with contextlib.closing(SqliteJournal(path)) as journal:
        for number in range(INCIDENTS):
            ago = timedelta(days=366 - number)
            name = f"{now - ago:%Y%m%d-%H%M}-abc"
            journal.append(name, [*again(entries, ago, owes=number % 3 == 0)], expected_seq=0)
    return name


def cpu_with(store: Path, number: int) -> float:
    """Seconds of CPU to the first prompt on a copy of `store`: what one run opens must not meet the next."""
    copy = store.with_name(f"{number}-{store.name}")
    shutil.copy(store, copy)
    return cpu_to_first_prompt(copy)


def main() -> None:
    """Measure."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with quiet_environment() as folder:
        short, long = folder / "short.db", folder / "long.db"
        SqliteJournal(short).close()
        last = fill(long, walked(folder))
        note = [*PROGRAM, "--store", str(long), "--me", "bench", "note", "x", "-i", last]
        first, second = (cpu_of(note) * 1000 for _ in range(2))
        pairs = [(cpu_with(short, number), cpu_with(long, number)) for number in range(runs + 1)][1:]
    none, many = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    print(f"first prompt with {INCIDENTS} past incidents: {many:.0f} ms of CPU, with none: {none:.0f} ms;", end=" ")
    print(f"{many - none:.0f} ms more (target {TARGET})")
    print(f"the first command that sees them: {first:.0f} ms, the second: {second:.0f} ms")


if __name__ == "__main__":
    main()
