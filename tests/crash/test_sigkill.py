"""Killed at any moment, the journal holds everything that was acknowledged, and nothing half."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from incidentctl.journal.sqlite import SqliteJournal
from tests.journal.entries import INCIDENT, entries

ROOT = Path(__file__).parents[2]
BATCH = 3


@contextmanager
def appender(store: Path, last: int, batch: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.crash.appender", str(store), "1", str(last), str(batch)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        yield child


def said(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def kept(store: Path) -> int:
    """The last seq; on the way, that the file is whole and the entries are what was sent."""
    with closing(sqlite3.connect(store)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with closing(SqliteJournal(store)) as journal:
        found = journal.read(INCIDENT)
    assert found == entries(1, len(found))
    return len(found)


@pytest.mark.parametrize("acknowledged", range(1, 6))
def test_killed_after_any_append_nothing_is_lost_and_nothing_is_half(tmp_path: Path, acknowledged: int) -> None:
    """The kill comes while the child goes on with the next batch, so it hits any point of an append."""
    store = tmp_path / "incidents.db"
    with appender(store, last=3000, batch=BATCH) as child:
        assert said(child) == "opened"
        for number in range(1, acknowledged + 1):
            assert said(child) == f"kept {number * BATCH}"
        child.kill()
        assert child.wait() == -signal.SIGKILL
    there = kept(store)
    assert there >= acknowledged * BATCH
    assert there % BATCH == 0


def test_killed_before_the_first_append_the_store_can_be_used(tmp_path: Path) -> None:
    store = tmp_path / "incidents.db"
    with appender(store, last=3000, batch=1) as child:
        assert said(child) == "opened"
        child.kill()
    there = kept(store)
    with closing(SqliteJournal(store)) as journal:
        journal.append(INCIDENT, entries(there + 1, there + 1), expected_seq=there)
    assert kept(store) == there + 1


def test_of_many_programs_that_start_at_once_exactly_one_opens_the_incident(tmp_path: Path) -> None:
    """They also race to make the directory, the file and the table."""
    store = tmp_path / "state" / "incidents.db"
    command = [sys.executable, "-m", "tests.crash.appender", str(store), "1", "1", "1"]
    children = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    # `sent twice` is no conflict, and all of them send the same entry: so all are told that it is kept.
    assert {child.communicate()[0] for child in children} == {"opened\nkept 1\n"}
    assert kept(store) == 1
