"""The change log: one contract for each store, and what a file must do besides."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidentctl.errors import StoreUnreachable
from incidentctl.incident.words import Change
from incidentctl.journal.changes import Changes, open_changes, reader
from incidentctl.journal.sqlite import SqliteJournal
from tests.journal.entries import INCIDENT, entries

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def change(text: str = "v1.42", minutes: float = 0, service: str = "checkout", command: str = "") -> Change:
    return Change(service, text, NOON + timedelta(minutes=minutes), "Ada", command=command)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "incidents.db"


@pytest.fixture(name="log", params=["in memory", "in a file"])
def _log(request: pytest.FixtureRequest, path: Path) -> Iterator[Changes]:
    with closing(open_changes(path if request.param == "in a file" else None)) as log:
        yield log


# --- the contract ------------------------------------------------------------------------------------------


def test_nothing_is_in_a_new_log(log: Changes) -> None:
    assert list(log.all()) == list(log.all("checkout")) == list(log.since("checkout", NOON)) == []


def test_what_was_recorded_comes_back_the_newest_first(log: Changes) -> None:
    made = [change("one"), change("three", 2), change("two", 1), change("also two", 1), change("other", 9, "ledger")]
    for one in made:
        log.record(one)
    assert [one.text for one in log.all("checkout")] == ["three", "also two", "two", "one"]
    assert [one.text for one in log.all()] == ["other", "three", "also two", "two", "one"]
    assert log.all("ledger") == [made[-1]]


def test_since_includes_the_moment_itself_and_what_ended_later(log: Changes) -> None:
    long = log.record(change("long", -60, command="deploy"))
    log.record(change("before", -0.001))
    log.record(change("exactly"))
    assert [one.text for one in log.since("checkout", NOON)] == ["exactly"]
    log.ended(long, NOON + timedelta(minutes=5), 3)
    assert [one.text for one in log.since("checkout", NOON)] == ["exactly", "long"]
    ended = log.since("checkout", NOON)[1]
    assert ended == replace(change("long", -60, command="deploy"), ended_at=NOON + timedelta(minutes=5), status=3)


def test_a_service_is_found_however_it_is_written(log: Changes) -> None:
    log.record(change(service="Checkout"))
    assert len(log.all("checkOUT")) == len(log.since("CHECKOUT", NOON)) == 1
    assert list(log.all("check")) == []


def test_any_text_comes_back(log: Changes) -> None:
    odd = replace(change("'; DROP TABLE change; -- \x00 é → \udc80"), by="\udc80")
    log.record(odd)
    (back,) = log.all()
    assert back.text.startswith("'; DROP TABLE change; -- \x00 é → ")


# --- a file ------------------------------------------------------------------------------------------------


def test_it_is_there_for_the_next_program(path: Path) -> None:
    with closing(open_changes(path)) as log:
        name = log.record(change(command="deploy"))
    with closing(open_changes(path)) as log:
        log.ended(name, NOON, 0)
    with closing(open_changes(path)) as log:
        assert log.all() == [replace(change(command="deploy"), ended_at=NOON, status=0)]


def test_a_store_from_before_there_was_a_log_takes_one_and_stays_what_it_was(path: Path) -> None:
    with closing(SqliteJournal(path)) as journal:
        journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'change'").fetchone() == (0,)
    with closing(open_changes(path)) as log:
        assert list(log.all()) == []
        log.record(change())
    with closing(sqlite3.connect(path)) as database:
        # An older program looks at this number alone, and goes on writing.
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
    with closing(SqliteJournal(path)) as journal:
        journal.append(INCIDENT, entries(3, 3), expected_seq=2)
        assert journal.read(INCIDENT) == entries(1, 3)


def test_a_newer_store_is_read_and_not_written(path: Path) -> None:
    with closing(open_changes(path)) as log:
        name = log.record(change())
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 9")
    with closing(open_changes(path)) as log:
        assert log.all() == [change()]
        with pytest.raises(StoreUnreachable, match="newer incidentctl"):
            log.record(change())
        with pytest.raises(StoreUnreachable, match="newer incidentctl"):
            log.ended(name, NOON, 0)


def test_damage_is_said(path: Path) -> None:
    with closing(open_changes(path)) as log:
        log.record(change())
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("UPDATE change SET at = 'yesterday'")
        with pytest.raises(StoreUnreachable, match="a line of the change log is damaged"):
            log.all()


def test_it_is_read_from_any_thread_while_others_write(path: Path) -> None:
    read = reader(path)
    assert list(read("checkout", NOON)) == []
    assert not path.exists(), "a reader makes no store"
    failed: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(10):
                with closing(open_changes(path)) as log:
                    log.ended(log.record(change(f"{name} {number}", command="x")), NOON, 0)
                read("checkout", NOON)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    writers = [threading.Thread(target=write, args=(name,)) for name in ("ada", "grace")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    assert len(read("checkout", NOON)) == 20
    assert list(read("checkout", NOON + timedelta(minutes=1))) == []
    assert list(reader(None)("checkout", NOON)) == []
