"""The shipped walks, cut and put together again, and what a journal holds when ids are left out."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path

import pytest

from incidentctl.cli.main import main
from incidentctl.incident.entry import Entry
from incidentctl.incident.events import IncidentResumed
from incidentctl.journal.sqlite import SqliteJournal
from incidentctl.runbook.answers import Row, load_answers

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


def run(*words: str) -> Ran:
    """One command of the program, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["incidentctl", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    return Ran(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def journal(store: Path) -> Sequence[Entry]:
    """The entries of the one incident in `store`."""
    with closing(SqliteJournal(store)) as opened:
        [incident] = opened.incidents()
        return opened.read(incident)


def story(store: Path) -> list[tuple[object, ...]]:
    """What the journal holds, without its random ids, its numbers and who resumed: the same for the same answers."""
    return [
        (entry.event, entry.prompt, entry.author, entry.role, entry.occurred_at, entry.recorded_at)
        for entry in journal(store)
        if not isinstance(entry.event, IncidentResumed)
    ]


def answered(store: Path) -> list[str]:
    """The prompts that were answered, in order; one reply may have made several entries."""
    told = [entry for entry in journal(store) if not isinstance(entry.event, IncidentResumed)]
    return [prompt for prompt, _ in groupby(entry.prompt for entry in told) if prompt is not None]


def spelt_out(walk: Path, prompts: Sequence[str]) -> list[Row]:
    """One row for each of `prompts`, in order, as the file `walk` answers them."""
    left = list(load_answers(walk))
    rows = []
    for prompt in prompts:
        row = next(row for row in left if fnmatchcase(prompt, row.prompt))
        if not row.repeat:
            left.remove(row)
        rows.append(Row(prompt, row.answer, row.after))
    return rows


def write_answers(path: Path, rows: Sequence[Row]) -> str:
    """An answers file with exactly `rows`."""
    path.write_text(json.dumps({"answers": [_plain(row) for row in rows]}))
    return str(path)


def _plain(row: Row) -> dict[str, object]:
    after = {"after": f"{int(row.after.total_seconds())} s"} if row.after else {}
    answer = {"answer": row.answer} if row.answer is not None else {}
    return {"prompt": row.prompt, **answer, **after}
