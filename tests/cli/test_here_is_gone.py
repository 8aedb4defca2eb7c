"""A terminal may stand in a folder that was deleted, as after a change of branch: no command takes that for a bug."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Answers, Program

SAID = "The folder that this terminal is in is not there any more"


@pytest.fixture(autouse=True)
def _gone(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `program` has chosen its own folder."""
    monkeypatch.delenv("INCIDENTCTL_RUNBOOKS")
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()


@pytest.mark.parametrize(
    "words",
    [
        ("lint",), ("lint", "."), ("lint", "-"), ("lint", "--since", "HEAD"), ("doctor", "--offline"),
        ("show", "checkout"), ("new", "shop"), ("--store", "here.db", "doctor"),
        ("--runbooks", str(ROOT / "runbooks"), "--store", "here.db", "doctor", "--offline"),
    ],
)  # fmt: skip
def test_what_needs_the_folder_says_that_it_is_gone(program: Program, words: tuple[str, ...]) -> None:
    done = program(*words)
    assert (done.status, done.out) == (4, "")
    assert done.err.startswith(f"{SAID}\nGo to one that is")


@pytest.mark.parametrize(
    "words",
    [
        ("import", "x.md", "--service", "x", "--output", "y.yaml"), ("start", "x", "--from-alert", "a.json"),
        ("start", "x", "--answers", "a.yaml"), ("--store", "here.db", "status"), ("--runbooks", "books", "show", "x"),
    ],
)  # fmt: skip
def test_a_file_that_is_named_from_there_is_not_found(program: Program, words: tuple[str, ...]) -> None:
    assert program(*words).status == 4


def test_runbooks_that_are_named_are_shown(program: Program) -> None:
    assert program("--runbooks", str(ROOT / "runbooks"), "show", "checkout").status == 0


def test_an_incident_is_walked_from_there_all_the_same(program: Program, answers: Answers) -> None:
    said = answers("start.runbook: built-in", "triage.severity: P3")
    begun = program("start", "shop", "--title", "Slow", "--no-checks", "--answers", said)
    assert begun.incident
    assert SAID in begun.err
    for words in (
        ("note", "x"), ("severity", "P2", "--reason", "x"), ("assign", "engineer", "Eve"), ("status",), ("brief",),
        ("timeline",), ("history",), ("change", "shop", "x"), ("change", "shop", "--run", "--", "true"),
        ("resolve", "--answers", answers("clear.verify: yes")), ("reopen", "--reason", "x"), ("schema",),
        ("resume", "--no-checks", "--answers", answers()), ("handoff", "Bob", "--answers", answers()),
        ("update", "--request"),
    ):  # fmt: skip
        done = program(*words)
        assert done.status in (0, 2, 3), (words, done.out, done.err)
