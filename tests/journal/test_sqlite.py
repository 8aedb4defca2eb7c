"""What only a file can do: be another program's, be newer, be damaged, be planted, be locked."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE

import pytest

from incidentctl.errors import Conflict, StoreUnreachable
from incidentctl.incident.events import TreeAnswered
from incidentctl.incident.words import Answer
from incidentctl.journal import schema
from incidentctl.journal.codec import event_of
from incidentctl.journal.sqlite import SqliteJournal
from tests.journal.entries import INCIDENT, entries, entry

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "incidents.db"


@contextmanager
def opened(path: Path) -> Iterator[SqliteJournal]:
    with closing(SqliteJournal(path)) as journal:
        yield journal


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        yield connection


def refusal(path: Path) -> StoreUnreachable:
    with pytest.raises(StoreUnreachable) as caught:
        SqliteJournal(path)
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


def test_the_store_is_for_its_owner_alone(path: Path) -> None:
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 1), expected_seq=0)
        modes = {file.name: S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes == {"incidents.db": 0o600, "incidents.db-wal": 0o600, "incidents.db-shm": 0o600}


def test_it_is_durable_and_says_whose_it_is(path: Path) -> None:
    with opened(path) as journal:
        assert journal._database.execute("PRAGMA synchronous").fetchone() == (2,)
    with database(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA application_id").fetchone() == (0x696E6374,)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_what_was_appended_is_there_after_reopening(path: Path) -> None:
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    with opened(path) as journal:
        assert journal.read(INCIDENT) == entries(1, 2)


def test_a_row_can_be_read_by_any_program(path: Path) -> None:
    answered = TreeAnswered("recent-deploy", "Was there a deploy?", Answer.NO, ())
    with opened(path) as journal:
        journal.append(INCIDENT, [entry(1, answered)], expected_seq=0)
    with database(path) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM entry").fetchone())
    assert json.loads(row.pop("data"))["answer"] == "no"
    assert row == {
        "incident": INCIDENT,
        "seq": 1,
        "id": "ada-1",
        "occurred_at": "2026-11-23T03:13:00.000Z",
        "recorded_at": "2026-11-23T03:13:00.000Z",
        "author": "ada",
        "role": "ic",
        "prompt": None,
        "kind": "tree.answered/1",
    }


def test_two_programs_on_one_incident_never_both_win(path: Path) -> None:
    with opened(path) as ada, opened(path) as grace:
        ada.append(INCIDENT, entries(1, 2, by="ada"), expected_seq=0)
        with pytest.raises(Conflict):
            grace.append(INCIDENT, entries(1, 1, by="grace"), expected_seq=0)
        assert grace.last_seq(INCIDENT) == 2
        grace.append(INCIDENT, entries(3, 3, by="grace"), expected_seq=2)
        assert [one.author for one in ada.read(INCIDENT)] == ["ada", "ada", "grace"]


def test_peer_defect_02_two_incidents_at_once_do_not_touch(path: Path) -> None:
    other = "20261123-0312-xyz"
    with opened(path) as ada, opened(path) as grace:
        for seq in range(1, 4):
            ada.append(INCIDENT, [entry(seq, by="ada")], expected_seq=seq - 1)
            grace.append(other, [entry(seq, by="grace")], expected_seq=seq - 1)
        assert grace.read(INCIDENT) == entries(1, 3, by="ada")
        assert ada.read(other) == entries(1, 3, by="grace")


def test_naming_the_incidents_reads_no_runbook(path: Path) -> None:
    with opened(path) as journal:
        plan = journal._database.execute(f"EXPLAIN QUERY PLAN {schema.INCIDENTS}").fetchone()[-1]
    assert "COVERING INDEX incident" in plan


def test_what_the_document_shows_can_be_asked(path: Path) -> None:
    shown = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "journal.md").read_text(), re.DOTALL)
    lines = (ROOT / "tests" / "corpus" / "journals" / "v1.jsonl").read_text(encoding="utf-8").splitlines()
    with opened(path) as journal:
        for seq, line in enumerate(map(json.loads, lines), start=1):
            event = event_of(line["kind"], line["data"])
            journal.append(INCIDENT, [entry(seq, event)], expected_seq=seq - 1)
    with database(path) as connection:
        answers = [connection.execute(question).fetchall() for question in shown]
    incidents, story, tree, rollbacks = answers
    assert incidents == [(INCIDENT, "checkout", "Payments fail", "real")]
    assert len(story) == len(lines)
    assert tree[0] == (INCIDENT, "Was there a deploy in the last 6 hours?", "yes", "")
    assert rollbacks == [(INCIDENT, "Roll the deploy back", 300, 312.5)]


# --- newer, foreign, damaged -------------------------------------------------------------------------------


def test_a_newer_store_is_read_and_never_written(path: Path) -> None:
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 2), expected_seq=0)
    with database(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    with opened(path) as journal:
        assert journal.read(INCIDENT) == entries(1, 2)
        with pytest.raises(StoreUnreachable, match="written by a newer incidentctl"):
            journal.append(INCIDENT, entries(3, 3), expected_seq=2)
        assert journal.last_seq(INCIDENT) == 2


@pytest.mark.parametrize("identity", [0, 42])
def test_another_programs_database_is_refused_and_not_touched(path: Path, identity: int) -> None:
    path.parent.mkdir()
    with database(path) as connection:
        connection.execute(f"PRAGMA application_id = {identity}")
        connection.execute("CREATE TABLE bookmarks (url)")
    before = path.read_bytes()
    assert "another program's" in refusal(path).message
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_not_touched(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("service: checkout\n" * 100)
    assert "not an incidentctl store" in refusal(path).message
    assert path.read_text() == "service: checkout\n" * 100


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 1), expected_seq=0)
        assert journal.last_seq(INCIDENT) == 1


def test_a_damaged_file_is_told_from_a_missing_one(path: Path) -> None:
    with opened(path) as journal:
        for seq in range(1, 200):
            journal.append(INCIDENT, [entry(seq)], expected_seq=seq - 1)
    raw = bytearray(path.read_bytes())
    raw[4096:] = b"\xff" * (len(raw) - 4096)
    path.write_bytes(raw)
    with opened(path) as journal, pytest.raises(StoreUnreachable, match="damaged"):
        journal.read(INCIDENT)


def test_a_damaged_time_names_the_incident(path: Path) -> None:
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 1), expected_seq=0)
        with database(path) as connection:
            connection.execute("UPDATE entry SET recorded_at = 'noon'")
        with pytest.raises(StoreUnreachable, match=f"an entry of {INCIDENT} is damaged"):
            journal.read(INCIDENT)


def test_text_that_is_no_unicode_is_stored_all_the_same(path: Path) -> None:
    with opened(path) as journal:
        journal.append(INCIDENT, [replace(entry(1), author="ren\udce9")], expected_seq=0)
        assert journal.read(INCIDENT)[0].author == "ren\\udce9"


# --- outlines ----------------------------------------------------------------------------------------------


def test_a_store_without_outlines_gets_them_when_they_are_first_kept(path: Path) -> None:
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 2), expected_seq=0)
        assert not tables(path) - {"entry"}
        journal.remember({INCIDENT: (2, "it ended")})
        assert tables(path) == {"entry", "outline"}
    with opened(path) as journal:
        assert journal.outlines() == {INCIDENT: "it ended"}


def test_a_program_that_knows_no_outlines_leaves_none_that_are_wrong(path: Path) -> None:
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 2), expected_seq=0)
        journal.remember({INCIDENT: (2, "it ended")})
    with database(path) as older:
        older.execute(schema.INSERT, schema.row_of(INCIDENT, entry(3)))
    with opened(path) as journal:
        assert journal.outlines() == {}


def test_outlines_that_cannot_be_kept_or_read_are_no_trouble(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidentctl.journal.sqlite._BUSY_SECONDS", 0.05)
    with opened(path) as journal, database(path) as other:
        journal.append(INCIDENT, entries(1, 1), expected_seq=0)
        other.execute("BEGIN IMMEDIATE")
        journal.remember({INCIDENT: (1, "locked out")})
        other.execute("ROLLBACK")
        assert journal.outlines() == {}
        other.execute("CREATE TABLE outline (something_else)")
        journal.remember({INCIDENT: (1, "no place for it")})
        assert journal.outlines() == {}
        assert journal.read(INCIDENT) == entries(1, 1)


def test_a_newer_store_is_not_written_for_an_outline_either(path: Path) -> None:
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 1), expected_seq=0)
    with database(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    with opened(path) as journal:
        journal.remember({INCIDENT: (1, "open")})
        assert journal.outlines() == {}


def test_a_thousand_outlines_are_found_without_reading_an_entry(path: Path) -> None:
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 1), expected_seq=0)
        journal.remember({INCIDENT: (1, "open")})
        plan = [row[-1] for row in journal._database.execute(f"EXPLAIN QUERY PLAN {schema.OUTLINES}")]
    assert plan == ["SCAN outline", "CORRELATED SCALAR SUBQUERY 1", "SEARCH entry USING PRIMARY KEY (incident=?)"]


def tables(path: Path) -> set[str]:
    with database(path) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


# --- what stands where the store should be -----------------------------------------------------------------


def test_a_directory_in_place_of_the_file(path: Path) -> None:
    path.mkdir(parents=True)
    assert "not an ordinary file" in refusal(path).message


def test_a_file_in_place_of_the_directory(path: Path) -> None:
    path.parent.write_text("")
    assert "Not a directory" in refusal(path).message


@pytest.mark.parametrize("name", ["incidents.db", "incidents.db-wal", "incidents.db-shm", "incidents.db-journal"])
@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
def test_peer_defect_02_a_planted_symlink_is_refused(path: Path, name: str, there: bool) -> None:
    path.parent.mkdir()
    target = path.parent.parent / "victim"
    if there:
        target.write_text("precious")
    (path.parent / name).symlink_to(target)
    assert name in refusal(path).message
    assert target.exists() == there
    assert not there or target.read_text() == "precious"


@pytest.fixture
def somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on this process is another person, so that everything on the disk is somebody else's."""
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 4711)


@pytest.mark.usefixtures("somebody_else")
def test_peer_defect_02_a_directory_that_others_planted_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o777)
    assert "others can put files" in refusal(path).message


def test_a_link_of_ones_own_to_a_directory_is_fine(path: Path) -> None:
    (path.parent.parent / "real").mkdir()
    path.parent.symlink_to("real", target_is_directory=True)
    with opened(path) as journal:
        journal.append(INCIDENT, entries(1, 1), expected_seq=0)


if (
    os.geteuid() == 0
):  # only root can make what is somebody else's, and only to root these can happen in a safe directory

    def test_peer_defect_02_a_link_to_a_directory_is_refused_where_somebody_else_made_it(path: Path) -> None:
        (path.parent.parent / "real").mkdir()
        path.parent.symlink_to("real", target_is_directory=True)
        os.chown(path.parent, 65534, 65534, follow_symlinks=False)
        assert "others can put files" in refusal(path).message

    def test_peer_defect_02_somebody_elses_file_is_refused(path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        os.chown(path, 65534, 65534)
        assert "not an ordinary file of yours" in refusal(path).message


# --- locked ------------------------------------------------------------------------------------------------


def test_a_store_that_stays_locked_is_said_so_and_can_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidentctl.journal.sqlite._BUSY_SECONDS", 0.05)
    with opened(path) as journal, database(path) as other:
        journal.append(INCIDENT, entries(1, 1), expected_seq=0)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnreachable, match="another program holds it locked"):
            journal.append(INCIDENT, entries(2, 2), expected_seq=1)
        assert journal.read(INCIDENT) == entries(1, 1)
        other.execute("ROLLBACK")
        journal.append(INCIDENT, entries(2, 2), expected_seq=1)
        assert journal.last_seq(INCIDENT) == 2
