"""A long history: known by outlines, which always say what a fold of the whole journal says."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given

from incidentctl.cli.past import Past
from incidentctl.incident.entry import Entry
from incidentctl.incident.fold import fold
from incidentctl.incident.state import Incident
from incidentctl.journal.memory import MemoryJournal
from tests.cli.conftest import ROOT, Program
from tests.cli.resolved import resolved
from tests.journal.entries import entries
from tests.strategies import journals

WALK = str(ROOT / "runbooks/answers/checkout.yaml")
TWO_DAYS = timedelta(days=2)
NAME = "20261123-0312-abc"


class Reader:
    """Folds, and counts how often."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.journal = journal
        self.read: list[str] = []

    def __call__(self, name: str) -> Incident | None:
        self.read.append(name)
        return fold(name, self.journal.read(name))

    def past(self) -> Past:
        return Past(self.journal, self, lambda _: TWO_DAYS)


@given(written=journals())
def test_an_outline_that_was_kept_is_the_one_that_would_be_made(written: Sequence[Entry]) -> None:
    journal = MemoryJournal()
    journal.append(NAME, written, expected_seq=0)
    reader = Reader(journal)
    first = reader.past()
    made = list(first.outlines)
    first.remember()
    assert list(reader.past().outlines) == made
    assert reader.read == ([NAME] if written else [])


@given(written=journals())
def test_an_outline_tells_what_the_fold_tells(written: Sequence[Entry]) -> None:
    journal = MemoryJournal()
    journal.append(NAME, written, expected_seq=0)
    for outline in Reader(journal).past().outlines:
        incident = fold(NAME, written)
        assert (outline.is_open, outline.service, outline.mode) == (incident.is_open, incident.service, incident.mode)
        assert (outline.opened_at, outline.ended_at) == (incident.opened_at, incident.clear.given_at)


@pytest.mark.parametrize("text", ["", "[]", "{}", '["0.0.9", "shop", "real", null, null, null]', '["?"', "null"])
def test_what_this_version_did_not_keep_is_worked_out_anew(text: str) -> None:
    journal = MemoryJournal()
    journal.append(NAME, entries(1, 2), expected_seq=0)
    journal.remember({NAME: (2, text)})
    reader = Reader(journal)
    assert reader.past().outlines[0].id == NAME
    assert reader.read == [NAME]


def spoil(store: Path, incident: str) -> None:
    """Damage the entries of an incident, so that whoever reads them says so."""
    with closing(sqlite3.connect(store)) as database:
        database.execute("UPDATE entry SET recorded_at = 'soon' WHERE incident = ?", (incident,))
        database.commit()


def test_no_command_reads_an_incident_that_it_is_not_about(program: Program, tmp_path: Path) -> None:
    ended = program("start", "checkout", "--title", "x", "--answers", WALK).incident
    program("start", "payments", "--title", "Cards fail")
    spoil(tmp_path / "store.db", ended)
    for words in (("status",), ("note", "x"), ("resume",), ("timeline",)):
        assert ended not in program(*words).err
    assert f"an entry of {ended} is damaged" in program("history").err
    assert "Cards fail" in program("history").out
    named = program("status", ended)
    assert named.status == 4
    assert f"The entries of {ended} cannot be read" in named.err


def test_reading_commands_keep_nothing(program: Program, tmp_path: Path) -> None:
    program("start", "checkout", "--title", "x", "--answers", WALK)
    before = (tmp_path / "store.db").read_bytes()
    for words in (("status",), ("timeline",), ("history", "--json")):
        assert program(*words).status == 0
    assert (tmp_path / "store.db").read_bytes() == before


@pytest.mark.rule("P-CLEAR-4")
def test_many_overdue_post_mortems_fit_on_the_screen(program: Program, tmp_path: Path) -> None:
    late = [resolved(tmp_path / "store.db", timedelta(hours=60 - hour)) for hour in range(5)]
    for _ in range(2):  # worked out, and remembered
        said = " ".join(program("note", "x", "-i", late[0]).err.split())
        assert f"Post-mortem overdue: {', '.join(late[:3])} and 2 more. " in said
