"""Deploys read from real clones: what counts, how fresh they are, and that nothing of theirs is run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from incidentctl.checks.interface import Found
from incidentctl.incident.words import Answer
from tests.checks.deploying import ALONE, Repository, ago, look


@pytest.fixture(autouse=True)
def _nobody_s_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(name="upstream")
def _upstream(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "upstream")
    repository.commit("Begin", ago(days=3), "Bo")
    return repository


def seen(repository: Repository, **more: str) -> Found:
    return look({"git.repository": str(repository.folder), **{f"git.{key}": value for key, value in more.items()}})


def test_the_answer_turns_with_the_commits(upstream: Repository) -> None:
    assert seen(upstream).answer is Answer.NO
    name = upstream.commit("Round up", ago(hours=1, minutes=10), tag="v1.42")
    found = seen(upstream)
    assert found.answer is Answer.YES
    assert found.said == "1 deploy in the last 6 h: 14:02 UTC, 1 h 10 min ago, v1.42: Round up by Ana"
    assert [(row.text[-16:], row.key) for row in found.rows] == [(f"(git {name})", name)]
    upstream.git("update-ref", "-d", "HEAD")
    gone = seen(upstream)
    assert gone.answer is Answer.UNKNOWN
    assert "there is no commit" in gone.said


def test_the_folder_counts_from_the_runbook_s(upstream: Repository) -> None:
    runbooks = upstream.folder / "runbooks"
    runbooks.mkdir()
    found = look({"git.repository": ".."}, folder=runbooks)
    assert (found.answer, "Begin by Bo" in found.said) == (Answer.NO, True)


def test_only_what_reached_the_branch_is_a_deploy_and_a_merge_is_one(upstream: Repository) -> None:
    upstream.git("checkout", "--quiet", "-b", "side")
    for number in range(3):
        upstream.commit(f"Work {number}", ago(hours=2))
    upstream.git("checkout", "--quiet", "main")
    assert seen(upstream).answer is Answer.NO
    upstream.git("merge", "--quiet", "--no-ff", "-m", "Merge the side", "side", at=ago(minutes=20))
    assert seen(upstream).said.startswith("1 deploy in the last 6 h: 14:52 UTC, 20 min ago, Merge the side")
    assert seen(upstream, ref="side").said.startswith("3 deploys")


def test_a_clone_is_read_where_everybody_s_branch_stood(upstream: Repository, tmp_path: Path) -> None:
    copy = upstream.clone(tmp_path / "copy")
    copy.commit("Not pushed", ago(minutes=5))
    found = seen(copy)
    assert (found.answer, "Begin" in found.said) == (Answer.NO, True)
    assert seen(copy, ref="main").answer is Answer.YES


def test_a_clone_that_was_not_fetched_lately_cannot_say_no(upstream: Repository, tmp_path: Path) -> None:
    copy = upstream.clone(tmp_path / "copy", fetched=ago(minutes=50))
    assert seen(copy).said.endswith("git: last fetched 50 min ago")
    copy.fetched(ago(days=3))
    stale = seen(copy)
    assert stale.answer is Answer.UNKNOWN
    assert stale.said == "git: last fetched 3 days ago: newer deploys are not seen"
    upstream.commit("Round up", ago(hours=5))
    copy.git("fetch", "--quiet")
    copy.fetched(ago(hours=2), "FETCH_HEAD")
    assert seen(copy).answer is Answer.YES


def test_a_fetch_that_failed_is_none(upstream: Repository, tmp_path: Path) -> None:
    copy = upstream.clone(tmp_path / "copy", fetched=ago(days=3))
    (copy.folder / ".git/FETCH_HEAD").write_text("")
    copy.fetched(ago(minutes=1), "FETCH_HEAD")
    assert "last fetched 3 days ago" in seen(copy).said


def test_a_shallow_clone_cannot_say_no(upstream: Repository, tmp_path: Path) -> None:
    upstream.commit("Older", ago(days=2))
    copy = upstream.clone(tmp_path / "copy", "--depth=1")
    found = seen(copy)
    assert (found.answer, found.said) == (
        Answer.UNKNOWN,
        "git: the clone is shallow: not all of its history is there",
    )


def test_what_cannot_be_read_says_why(upstream: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "git knows no `nope`" in seen(upstream, ref="nope").said
    assert "git knows no `--all`" in seen(upstream, ref="--all").said
    missing = look({"git.repository": "nowhere"}, folder=tmp_path)
    assert (missing.answer, "No such file or directory" in missing.said) == (Answer.UNKNOWN, True)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "plain").mkdir()
    assert "not a git repository" in look({"git.repository": "plain"}, folder=tmp_path).said
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert "detected dubious ownership" in seen(upstream).said
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "`git` cannot be started" in seen(upstream).said


def test_nothing_that_a_repository_names_is_run(upstream: Repository, tmp_path: Path) -> None:
    mark = tmp_path / "was run"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
    trap.chmod(0o755)
    upstream.commit("Signed", ago(hours=1))
    signed = upstream.git("cat-file", "commit", "HEAD").replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n", 1
    )
    written = subprocess.run(
        ["git", "-C", str(upstream.folder), "hash-object", "-t", "commit", "-w", "--stdin"],
        input=f"{signed}\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    upstream.git("reset", "--quiet", "--hard", written.stdout.strip())
    hostile = {
        "log.showSignature": "true", "gpg.program": trap, "core.fsmonitor": trap, "core.pager": trap,
        "pager.log": "true", "diff.external": trap, "core.sshCommand": trap, "core.hooksPath": tmp_path,
        "core.alternateRefsCommand": trap, "alias.log": f"!{trap}", "remote.origin.uploadpack": trap,
        "extensions.partialClone": "origin", "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{trap}", "protocol.ext.allow": "always",
    }  # fmt: skip
    for key, value in hostile.items():
        upstream.git("config", key, str(value))
    subprocess.run(["git", "-C", str(upstream.folder), "log", "-1"], capture_output=True, check=False)
    assert mark.exists(), "the trap works where nothing is done about it"
    mark.unlink()
    assert "Signed" in seen(upstream).said
    assert "git knows no `0123" in seen(upstream, ref="0123456789012345678901234567890123456789").said
    assert not mark.exists()


def test_a_hook_that_started_us_does_not_lead_to_its_own_repository(
    upstream: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository(tmp_path / "other")
    other.commit("Another story", ago(hours=1))
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    assert seen(upstream).answer is Answer.NO


def test_names_may_hold_anything(upstream: Repository) -> None:
    upstream.commit("\x1b[31mred\x1b[0m, tag: v9 → done", ago(hours=1), by="Zoë [bold]")
    assert seen(upstream).said.endswith("red, tag: v9 → done by Zoë [bold]")
