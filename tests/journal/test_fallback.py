from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from incidentctl.errors import Conflict, StoreUnreachable
from incidentctl.journal.fallback import FallbackJournal
from incidentctl.journal.sqlite import SqliteJournal
from tests.journal.entries import INCIDENT, entries


class Store:
    """A real store on disk, and a way to break it: what SQLite finds there is no longer a table of ours."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[StoreUnreachable] = []
        self.journal = FallbackJournal(SqliteJournal(path), self.heard.append)

    def rename(self, old: str, new: str) -> None:
        with sqlite3.connect(self.path) as database:
            database.execute(f"ALTER TABLE {old} RENAME TO {new}")
        database.close()

    def breaks(self) -> None:
        self.rename("entry", "gone")

    def mended(self) -> SqliteJournal:
        self.journal.close()
        self.rename("gone", "entry")
        return SqliteJournal(self.path)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "incidents.db")


def test_the_session_goes_on_in_memory_and_is_told_once(store: Store) -> None:
    store.journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    assert not store.journal.degraded
    store.breaks()
    store.journal.append(INCIDENT, entries(3, 3), expected_seq=2)
    store.journal.append(INCIDENT, entries(4, 4), expected_seq=3)
    assert store.journal.degraded
    assert [str(store.path) in error.message for error in store.heard] == [True]
    assert list(store.journal.read(INCIDENT)) == entries(1, 4)
    assert list(store.journal.read(INCIDENT, after=3)) == entries(4, 4)
    assert store.journal.last_seq(INCIDENT) == 4
    assert store.journal.incidents() == [INCIDENT]


def test_unsaved_are_those_that_never_reached_the_disk(store: Store) -> None:
    store.journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    assert store.journal.unsaved() == {}
    store.breaks()
    store.journal.append(INCIDENT, entries(3, 4), expected_seq=2)
    store.journal.append(INCIDENT, entries(3, 4), expected_seq=2)
    assert store.journal.unsaved() == {INCIDENT: entries(3, 4)}
    saved = store.mended()
    assert list(saved.read(INCIDENT)) == entries(1, 2)
    saved.close()


def test_what_was_read_before_is_still_known(store: Store) -> None:
    other = SqliteJournal(store.path)
    other.append(INCIDENT, entries(1, 3), expected_seq=0)
    other.close()
    assert list(store.journal.read(INCIDENT)) == entries(1, 3)
    store.breaks()
    assert list(store.journal.read(INCIDENT)) == entries(1, 3)
    store.journal.append(INCIDENT, entries(4, 4), expected_seq=3)
    assert list(store.journal.read(INCIDENT)) == entries(1, 4)


@pytest.mark.parametrize("first", ["read", "last_seq", "incidents"])
def test_reading_may_be_what_finds_out(store: Store, first: str) -> None:
    store.journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    store.breaks()
    found = {
        "read": lambda: list(store.journal.read(INCIDENT)) == entries(1, 2),
        "last_seq": lambda: store.journal.last_seq(INCIDENT) == 2,
        "incidents": lambda: store.journal.incidents() == [INCIDENT],
    }
    assert found[first]()
    assert len(store.heard) == 1


def test_an_entry_is_taken_even_where_the_earlier_ones_were_never_read(store: Store) -> None:
    store.breaks()
    store.journal.append(INCIDENT, entries(8, 9), expected_seq=7)
    assert store.journal.unsaved() == {INCIDENT: entries(8, 9)}
    assert store.journal.last_seq(INCIDENT) == 9


def test_another_writer_is_a_conflict_and_no_failure(store: Store) -> None:
    other = SqliteJournal(store.path)
    other.append(INCIDENT, entries(1, 1, by="grace"), expected_seq=0)
    other.close()
    with pytest.raises(Conflict):
        store.journal.append(INCIDENT, entries(1, 1, by="ada"), expected_seq=0)
    assert (store.journal.degraded, store.journal.unsaved()) == (False, {})


def test_without_a_store_everything_is_unsaved() -> None:
    heard: list[StoreUnreachable] = []
    journal = FallbackJournal(None, heard.append)
    journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    assert journal.degraded
    assert heard == []
    assert journal.unsaved() == {INCIDENT: entries(1, 2)}
    journal.close()
