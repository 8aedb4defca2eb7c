"""Where the store fails: said before the first question, gone on in memory, all printed, and exit 4."""

from __future__ import annotations

import json
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Answers, Done, Program

WALK = str(ROOT / "runbooks/answers/checkout.yaml")


def copied(done: Done) -> list[str]:
    """The kinds of the entries that were printed to be copied."""
    return [json.loads(line)["kind"] for line in done.out.splitlines() if line.startswith('{"incident": ')]


def test_a_store_that_cannot_be_opened_stops_no_start(program: Program, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = str(tmp_path / "file" / "store.db")
    done = program("--store", store, "start", "checkout", "--title", "Orders fail", "--answers", WALK)
    assert done.status == 4
    assert store in done.err
    assert "NOTHING IS SAVED" in done.err
    assert "Every answer that was given is saved" not in done.err
    kinds = copied(done)
    assert (kinds[0], kinds[-1]) == ("incident.opened", "item.answered")
    assert "all-clear.given" in kinds
    assert "All clear" in done.out.rpartition("}\n")[2]


def test_it_is_said_before_the_first_question(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = str(tmp_path / "file/x.db")
    both = subprocess.run(
        [sys.executable, "-m", "incidentctl", "--store", store, "--me", "Ada", "start", "checkout"],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert both.returncode == 4
    assert 0 < both.stdout.index("NOTHING IS SAVED") < both.stdout.index("Acknowledge the page")
    assert both.stdout.count("Incident opened for checkout") == 2  # for a program, and for people


def test_another_programs_file_is_left_alone(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_text("precious")
    assert program("start", "checkout").status == 4
    assert program("status").status == 4
    assert file.read_text() == "precious"


@pytest.fixture
def _full_disk() -> Iterator[None]:
    """From now on no file of this process grows beyond what a new store and a few entries need."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


@pytest.mark.usefixtures("_full_disk")
def test_a_disk_that_fills_up_in_the_middle_loses_nothing(program: Program, tmp_path: Path) -> None:
    done = program("start", "checkout", "--title", "Orders fail", "--answers", WALK)
    assert done.status == 4
    assert "NOTHING IS SAVED" in done.err
    kinds = copied(done)
    assert (kinds[0], kinds[-1]) == ("incident.opened", "item.answered")
    assert done.out.index("Acknowledge the page") < done.out.index('{"incident": ')
    kept = len(program("timeline", "--json").json["entries"])
    assert f"NOTHING of what follows is saved from entry {kept + 1} on. Copy it." in done.err


def test_memory_is_a_store_of_its_own(program: Program) -> None:
    done = program("--store", "memory:", "start", "checkout", "--title", "x", "--answers", WALK)
    assert done.status == 0
    assert program("status").status == 4


@pytest.mark.parametrize("store", ["", "sqlite:///"])
def test_a_store_without_a_name_is_not_the_usual_one(program: Program, store: str) -> None:
    done = program("status", "--store", store)
    assert done.status == 4
    assert "names no file" in done.err


def test_memory_never_says_that_something_is_saved(program: Program) -> None:
    done = program("start", "checkout", "--title", "x", "--store", "memory:")
    assert done.status == 3
    assert "Nothing is saved: the store `memory:` ends with this command." in done.err
    assert "resume" not in done.err


def test_an_act_that_cannot_be_kept_is_printed_and_says_from_where_on(program: Program, tmp_path: Path) -> None:
    incident = program("start", "checkout", "--title", "x").incident
    with closing(sqlite3.connect(tmp_path / "store.db")) as newer:
        newer.execute("PRAGMA user_version = 9")
    done = program("note", "the disk is old")
    assert done.status == 4
    assert "written by a newer incidentctl" in done.err
    assert "NOTHING of what follows is saved from entry 2 on. Copy it." in done.err
    assert copied(done) == ["incident.opened", "note.added"]
    assert "the disk is old" in done.out.rpartition("}\n")[2]
    assert program("status", "--json").json["id"] == incident


def test_a_store_of_another_kind_is_said_plainly(program: Program) -> None:
    done = program("--store", "postgresql://db.example/incidents", "status")
    assert done.status == 4
    assert "postgresql://" in done.err
    assert "--store PATH" in done.err


def test_a_bug_is_one_line_and_a_report(
    program: Program, answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("incidentctl.runbook.answers.load_answers", lambda path: 1 / 0)
    done = program("start", "checkout", "--title", "password: hunter2hunter2", "--answers", answers())
    assert done.status == 70
    assert "ZeroDivisionError" in done.err.splitlines()[0]
    [report] = (tmp_path / "state").rglob("bug-*.txt")
    assert str(report) in done.err
    assert "Traceback" in report.read_text()
    assert "hunter2" not in report.read_text()
