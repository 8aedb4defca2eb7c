"""What `journal/interface.py` promises, of every journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from incidentctl.errors import Conflict
from incidentctl.incident.entry import Entry
from incidentctl.incident.events import NoteAdded, Unrecognised
from incidentctl.journal.fallback import FallbackJournal
from incidentctl.journal.interface import Journal
from incidentctl.journal.memory import MemoryJournal
from incidentctl.journal.sqlite import SqliteJournal
from tests.journal.entries import INCIDENT, entries, entry
from tests.strategies import journals

OTHER = "20261123-0313-abc"


def never(error: Exception) -> None:
    raise AssertionError(error)


JOURNALS: dict[str, Callable[[Path], Journal]] = {
    "memory": lambda _: MemoryJournal(),
    "sqlite": SqliteJournal,
    "fallback": lambda path: FallbackJournal(SqliteJournal(path), never),
    "fallback without a store": lambda _: FallbackJournal(None, never),
}


@pytest.fixture(params=JOURNALS)
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    journal = JOURNALS[request.param](tmp_path / "incidents.db")
    yield journal
    journal.close()


@pytest.fixture
def remembers(request: pytest.FixtureRequest) -> bool:
    """Where there is no store, there is no next command that could ask."""
    return "without a store" not in request.node.name


def test_an_unknown_incident_is_empty(journal: Journal) -> None:
    assert list(journal.read(INCIDENT)) == []
    assert journal.last_seq(INCIDENT) == 0
    assert list(journal.incidents()) == []


def test_what_was_appended_is_read_in_order(journal: Journal) -> None:
    journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    journal.append(INCIDENT, entries(3, 3), expected_seq=2)
    assert list(journal.read(INCIDENT)) == entries(1, 3)
    assert journal.last_seq(INCIDENT) == 3


def test_read_after_gives_only_what_is_new(journal: Journal) -> None:
    journal.append(INCIDENT, entries(1, 4), expected_seq=0)
    assert list(journal.read(INCIDENT, after=2)) == entries(3, 4)
    assert list(journal.read(INCIDENT, after=4)) == []


def test_what_was_read_does_not_change_afterwards(journal: Journal) -> None:
    journal.append(INCIDENT, entries(1, 1), expected_seq=0)
    before = journal.read(INCIDENT)
    journal.append(INCIDENT, entries(2, 2), expected_seq=1)
    assert list(before) == entries(1, 1)


def test_of_two_writers_the_second_is_told_and_nothing_of_its_call_is_kept(journal: Journal) -> None:
    journal.append(INCIDENT, entries(1, 1), expected_seq=0)
    journal.append(INCIDENT, entries(2, 2, by="ada"), expected_seq=1)
    with pytest.raises(Conflict):
        journal.append(INCIDENT, entries(2, 4, by="grace"), expected_seq=1)
    assert list(journal.read(INCIDENT)) == entries(1, 2)
    journal.append(INCIDENT, entries(3, 3, by="grace"), expected_seq=2)
    assert [one.author for one in journal.read(INCIDENT)] == ["ada", "ada", "grace"]


def test_sent_twice_is_kept_once(journal: Journal) -> None:
    journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    journal.append(INCIDENT, entries(2, 2), expected_seq=1)
    assert list(journal.read(INCIDENT)) == entries(1, 2)


def test_sent_twice_and_more_keeps_the_rest(journal: Journal) -> None:
    journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    journal.append(INCIDENT, entries(2, 4), expected_seq=1)
    assert list(journal.read(INCIDENT)) == entries(1, 4)


def test_sent_twice_after_another_writer_went_on_is_no_conflict(journal: Journal) -> None:
    journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    journal.append(INCIDENT, entries(3, 3, by="grace"), expected_seq=2)
    journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    assert journal.last_seq(INCIDENT) == 3


@pytest.mark.parametrize("wrong", [[entry(3)], [entry(2), entry(4)], [entry(1)]], ids=["ahead", "a gap", "behind"])
def test_entries_with_a_gap_are_a_bug_of_the_caller_and_not_kept(journal: Journal, wrong: list[Entry]) -> None:
    journal.append(INCIDENT, entries(1, 1), expected_seq=0)
    with pytest.raises(ValueError, match="without a gap"):
        journal.append(INCIDENT, wrong, expected_seq=1)
    assert list(journal.read(INCIDENT)) == entries(1, 1)


def test_nothing_to_append_is_nothing(journal: Journal) -> None:
    journal.append(INCIDENT, [], expected_seq=0)
    assert list(journal.incidents()) == []


def test_incidents_do_not_touch_and_are_named_oldest_first(journal: Journal) -> None:
    journal.append(OTHER, [entry(1, NoteAdded("other"))], expected_seq=0)
    journal.append(INCIDENT, entries(1, 3), expected_seq=0)
    assert list(journal.incidents()) == [INCIDENT, OTHER]
    assert (journal.last_seq(INCIDENT), journal.last_seq(OTHER)) == (3, 1)
    assert list(journal.read(OTHER)) == [entry(1, NoteAdded("other"))]


def test_events_of_a_newer_version_are_kept(journal: Journal) -> None:
    newer = Unrecognised("bridge.opened/7", {"url": "https://meet.example", "deep": [1, {"é": None}]})
    journal.append(INCIDENT, [entry(1, newer)], expected_seq=0)
    assert journal.read(INCIDENT)[0].event == newer


def test_an_outline_is_remembered_until_something_is_appended(journal: Journal, remembers: bool) -> None:
    journal.append(INCIDENT, entries(1, 3), expected_seq=0)
    journal.append(OTHER, entries(1, 1), expected_seq=0)
    assert dict(journal.outlines()) == {}
    journal.remember({INCIDENT: (3, "ended"), OTHER: (1, "open")})
    both = {INCIDENT: "ended", OTHER: "open"}
    assert dict(journal.outlines()) == (both if remembers else {})
    journal.append(OTHER, entries(2, 2), expected_seq=1)
    assert dict(journal.outlines()) == ({INCIDENT: "ended"} if remembers else {})
    journal.remember({OTHER: (2, "closed")})
    assert dict(journal.outlines()) == (both | {OTHER: "closed"} if remembers else {})


def test_an_outline_of_what_has_moved_on_is_not_remembered(journal: Journal) -> None:
    journal.append(INCIDENT, entries(1, 3), expected_seq=0)
    journal.remember({INCIDENT: (2, "too old"), OTHER: (1, "never there")})
    assert dict(journal.outlines()) == {}


@pytest.mark.parametrize("name", list(JOURNALS))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=journals(max_size=6))
def test_any_journal_comes_back_as_it_was_written(
    name: str, written: list[Entry], tmp_path_factory: pytest.TempPathFactory
) -> None:
    journal = JOURNALS[name](tmp_path_factory.mktemp("store") / "incidents.db")
    journal.append(INCIDENT, written, expected_seq=0)
    assert list(journal.read(INCIDENT)) == written
    journal.close()
