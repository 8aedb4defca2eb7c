"""The first question of the tree, answered from all that knows of deploys (P-TREE-1)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from incidentctl.errors import StoreUnreachable
from incidentctl.incident.words import Answer, Change
from incidentctl.journal.changes import open_changes, reader
from tests.checks.asked import written
from tests.checks.deploying import NOW, Repository, ago, look

NOWHERE = {"argocd.url": "http://127.0.0.1:1", "argocd.application": "checkout"}


def change(text: str, at: datetime, by: str = "Ana", **more: object) -> Change:
    return Change("checkout", text, at, by, **more)  # type: ignore[arg-type]


@pytest.fixture(name="quiet")
def _quiet(tmp_path: Path) -> dict[str, str]:
    """A source that says no."""
    repository = Repository(tmp_path / "quiet")
    repository.commit("Long ago", ago(days=3), "Bo")
    return {"git.repository": str(repository.folder)}


@pytest.mark.rule("P-TREE-1")
def test_a_change_inside_the_window_is_a_yes() -> None:
    found = look({}, change("v1.42", ago(hours=1, minutes=10)))
    assert found.answer is Answer.YES
    assert found.said == "1 deploy in the last 6 h: 14:02 UTC, 1 h 10 min ago, v1.42 by Ana"
    assert [row.text for row in found.rows] == ["14:02 UTC, 1 h 10 min ago, v1.42 by Ana (change log)"]


@pytest.mark.rule("P-TREE-1")
@pytest.mark.parametrize(
    ("age", "answer"),
    [(timedelta(hours=6), Answer.YES), (timedelta(hours=6, milliseconds=1), Answer.NO), (timedelta(), Answer.YES)],
)
def test_exactly_six_hours_ago_counts(age: timedelta, answer: Answer, quiet: dict[str, str]) -> None:
    assert look(quiet, change("v1.42", NOW - age)).answer is answer


def test_the_window_is_the_question_s(quiet: dict[str, str]) -> None:
    made = change("v1.42", ago(hours=7))
    assert look(quiet, made).answer is Answer.NO
    found = look(quiet, made, within=timedelta(hours=8))
    assert (found.answer, found.said[:24]) == (Answer.YES, "1 deploy in the last 8 h")


def test_a_no_names_the_one_before(quiet: dict[str, str]) -> None:
    found = look(quiet)
    assert found.answer is Answer.NO
    assert found.said == "none since 15:12 UTC on 20 November, 3 days ago: Long ago by Bo"
    assert len(found.rows) == 1


def test_the_change_log_alone_cannot_say_no() -> None:
    found = look({})
    assert found.answer is Answer.UNKNOWN
    assert found.said == "the change log has nothing, and the runbook names no other source of deploys"
    older = look({}, change("v1.41", ago(days=2)))
    assert older.answer is Answer.UNKNOWN
    assert older.said.startswith("the change log has nothing in the last 6 h, and")
    assert "v1.41" in written(older)


def test_a_rollout_counts_until_it_has_ended(quiet: dict[str, str]) -> None:
    long = change("v1.42", ago(hours=7), ended_at=ago(hours=5), status=0, command="deployctl release")
    found = look(quiet, long)
    assert found.answer is Answer.YES
    assert "v1.42: deployctl release by Ana, took 2 h" in found.said


def test_how_a_command_ended_is_told() -> None:
    failed = change("x", ago(hours=1), ended_at=ago(minutes=59), status=1, command="x")
    running = change("y", ago(hours=2), command="y")
    rows = [row.text for row in look({}, running, failed).rows]
    assert "x by Ana, failed with 1 after 1 min" in rows[0]
    assert "y by Ana, still running or never ended" in rows[1]


@pytest.mark.rule("P-TREE-1")
def test_a_deploy_that_failed_counts_and_is_called_so() -> None:
    failed = change("v1.42", ago(hours=1), ended_at=ago(minutes=59), status=1, command="deployctl release " + "x" * 200)
    found = look({}, failed)
    assert found.answer is Answer.YES
    assert found.said.startswith(
        "1 failed deploy, which may have changed something, in the last 6 h: 14:12 UTC, 1 h ago, v1.42: deployctl rel"
    )
    assert found.said.endswith("… by Ana, failed with 1 after 1 min"), "however long its command is"
    both = look({}, failed, change("v1.43", ago(minutes=30)))
    assert both.said == "2 deploys (1 failed) in the last 6 h, the latest: 14:42 UTC, 30 min ago, v1.43 by Ana"


def test_the_newest_comes_first_and_the_rest_is_counted() -> None:
    found = look({}, *(change(f"v{number}", ago(minutes=100 - number)) for number in range(25)))
    assert found.said.startswith("25 deploys in the last 6 h, the latest: 13:56 UTC, 1 h 16 min ago, v24 by Ana")
    assert found.rows[0].text.startswith("13:56 UTC")
    assert found.rows[-1].text == "and 5 more"


def test_what_is_dated_in_the_future_counts_and_is_said(quiet: dict[str, str]) -> None:
    found = look(quiet, change("v1.42", NOW + timedelta(minutes=10)))
    assert found.answer is Answer.YES
    assert "15:22 UTC, 10 min ahead of our clock, v1.42" in found.said
    assert "0 s ago" in look(quiet, change("v1.42", NOW + timedelta(seconds=30))).said


def test_a_yes_stands_whatever_the_others_say_and_names_who_was_silent() -> None:
    found = look(NOWHERE, change("v1.42", ago(hours=1)))
    assert found.answer is Answer.YES
    assert found.said.endswith("v1.42 by Ana; not read: argocd")
    assert found.rows[-1].text == "argocd: 127.0.0.1:1 refused the connection"


def test_a_no_does_not_stand_where_one_could_not_be_read(quiet: dict[str, str]) -> None:
    found = look({**quiet, **NOWHERE})
    assert (found.answer, found.said) == (Answer.UNKNOWN, "argocd: 127.0.0.1:1 refused the connection")
    assert "Long ago" in written(found)


def test_the_log_of_a_store_is_read(tmp_path: Path, quiet: dict[str, str]) -> None:
    store = tmp_path / "store.db"
    assert look(quiet, changes=reader(store)).answer is Answer.NO
    with closing(open_changes(store)) as log:
        log.record(change("v1.42", ago(hours=1)))
        log.record(replace(change("v9", ago(minutes=1)), service="ledger"))
    assert look(quiet, changes=reader(store)).said.startswith("1 deploy in the last 6 h: 14:12 UTC, 1 h ago, v1.42")
    store.write_bytes(b"damaged" * 1000)
    found = look(quiet, changes=reader(store))
    assert (found.answer, "it is not an incidentctl store" in found.said) == (Answer.UNKNOWN, True)


def test_a_change_log_that_cannot_be_read_is_no_no(quiet: dict[str, str]) -> None:
    def broken(_service: str, _since: datetime) -> Sequence[Change]:
        raise StoreUnreachable("the disk is full or faulty")

    found = look(quiet, changes=broken)
    assert (found.answer, found.said) == (Answer.UNKNOWN, "change log: the disk is full or faulty")


def test_a_key_that_is_missing_or_not_set_is_said(quiet: dict[str, str]) -> None:
    assert "`kubernetes.deployment`" in look({**quiet, "kubernetes": ""}).said
    unset = look({"github.repository": "a/b", "github.url": "${HUB}"})
    assert (unset.answer, unset.said[:21]) == (Answer.UNKNOWN, "github: HUB is not se")


def test_a_source_that_hangs_keeps_no_answer_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = tmp_path / "bin" / "git"
    hangs.parent.mkdir()
    hangs.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    hangs.chmod(0o755)
    monkeypatch.setenv("PATH", f"{hangs.parent}:/usr/bin:/bin")
    found = look({"git.repository": "."}, change("v1.42", ago(hours=1)), seconds=0.5)
    assert found.answer is Answer.YES
    assert "took" in found.rows[-1].text


def test_what_is_common_to_all_questions_may_stand_under_sources(quiet: dict[str, str]) -> None:
    assert look({}, source=quiet).answer is Answer.NO
