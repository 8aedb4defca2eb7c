"""Defects that other programs of this kind had, tried on ours from the outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from stat import S_IMODE

import pexpect
import pytest

from tests.cli.conftest import ROOT, Answers, Program
from tests.needs import needs

BOOK = """\
format: 1
service: shop
decision_tree:
  - {ask: Is the moon full?, id: moon}
"""
TO_THE_TREE = ("{prompt: first.*, repeat: true}", "{prompt: triage.*, repeat: true}", "{prompt: roles.*}",
               "{prompt: comms.*, repeat: true}")  # fmt: skip
WALK = str(ROOT / "runbooks/answers/checkout.yaml")


def test_peer_defect_01_a_question_that_was_put_above_does_not_move_the_one_that_is_open(
    program: Program, answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(tmp_path))
    (tmp_path / "shop.yaml").write_text(BOOK)
    begun = program("start", "shop", "--title", "x", "--severity", "P1", "--answers", answers(*TO_THE_TREE, rest=False))
    assert "`tree.moon`" in begun.err
    above = BOOK.replace("  - {ask: Is the moon full?", "  - {ask: Is it Monday?, id: monday}\n  - {ask: Is it dark?")
    (tmp_path / "shop.yaml").write_text(above)
    resumed = program("resume")
    assert "`tree.moon` needs an answer (Is the moon full?)" in resumed.err
    status = program("status", "--json").json
    assert status["open_prompt"] == "tree.moon"
    assert [line["question"] for line in status["tree"]] == ["Is the moon full?"]
    (tmp_path / "shop.yaml").unlink()
    assert "`tree.moon`" in program("resume").err


def test_peer_defect_02_two_walks_of_one_service_at_once_do_not_touch(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    rows = answers("start.open-incident: new", "clear.verify: yes", "tree.recent-deploy: yes",
                   "tree.roll-back.recovered: yes")  # fmt: skip
    command = [sys.executable, "-m", "incidentctl", "start", "checkout", "--severity", "P1", "--answers", rows]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "INCIDENTCTL_STORE": str(tmp_path / "new" / "store.db")}
    walks = [
        subprocess.Popen([*command, "--title", f"walk {number}"], env=environment, stdout=subprocess.DEVNULL)
        for number in range(3)
    ]
    assert [walk.wait() for walk in walks] == [0, 0, 0]
    store = tmp_path / "new" / "store.db"
    assert (S_IMODE(store.parent.stat().st_mode), S_IMODE(store.stat().st_mode)) == (0o700, 0o600)
    incidents = program("history", "--json", "--store", str(store)).json["incidents"]
    assert {one["title"] for one in incidents} == {"walk 0", "walk 1", "walk 2"}
    stories = []
    for one in incidents:
        entries = program("timeline", one["id"], "--json", "--store", str(store)).json["entries"]
        stories.append([(entry["seq"], entry["kind"], entry["prompt"]) for entry in entries])
        assert one["state"] == "closed"
    assert stories[0] == stories[1] == stories[2]


def test_peer_defect_02_a_planted_link_is_refused_and_its_target_left_alone(program: Program, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "store.db").symlink_to(tmp_path / "victim")
    done = program("start", "checkout", "--title", "x", "--answers", WALK)
    assert done.status == 4
    assert "not an ordinary file of yours" in " ".join(done.err.split())
    assert "NOTHING IS SAVED" in done.err
    assert (tmp_path / "victim").read_text() == "precious"


def test_peer_defect_06_a_reminder_survives_its_process_and_ends_with_the_incident(
    program: Program, answers: Answers
) -> None:
    rows = answers(*TO_THE_TREE, rest=False)
    program("start", "checkout", "--title", "x", "--severity", "P1", "--answers", rows)
    due = program("status", "--json").json["next_update_due_at"]
    program("resume")
    assert program("status", "--json").json["next_update_due_at"] == due
    program("resolve", "--answers", answers("clear.verify: yes"))
    program("resume", "--answers", answers())
    status = program("status", "--json").json
    assert (status["state"], status["next_update_due_at"], status["open_prompt"]) == ("closed", None, None)


def test_peer_defect_07_an_update_of_its_own_moves_the_next_one(program: Program, answers: Answers) -> None:
    program("start", "checkout", "--title", "x", "--severity", "P1", "--answers", answers(*TO_THE_TREE, rest=False))
    before = program("status", "--json").json
    program("update", "--answers", answers(rest=True))
    after = program("status", "--json").json
    assert after["next_update_due_at"] > before["next_update_due_at"]
    assert after["open_prompt"] != "comms.update"


@pytest.mark.parametrize("every", ["0 min", "-5 min", "0"])
def test_peer_defect_08_a_cadence_of_nothing_is_an_error_with_its_place(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: str
) -> None:
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(tmp_path))
    (tmp_path / "shop.yaml").write_text(f"{BOOK}severity:\n  P1: {{update_every: {every}}}\n")
    done = program("show", "shop")
    assert done.status == 4
    assert "shop.yaml:6:22: " in done.err


def test_peer_defect_10_a_terminal_on_one_side_only_answers_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color",
                   "INCIDENTCTL_STORE": str(tmp_path / "store.db"),
                   "INCIDENTCTL_RUNBOOKS": str(ROOT / "runbooks")}  # fmt: skip
    program = f"{sys.executable} -m incidentctl start checkout --title x"
    for command in (f"{program} | cat; echo status ${{PIPESTATUS[0]}}", f"{program} < /dev/null; echo status $?"):
        child = pexpect.spawn(needs("bash"), ["-c", command], env=environment, encoding="utf-8", timeout=20)
        child.expect("(first.acknowledge|start.open-incident)` needs an answer")
        child.expect("status 3")
        child.expect(pexpect.EOF)
        child.close()


def test_peer_defect_13_resolved_and_reopened_both_spans_are_there_once(program: Program, answers: Answers) -> None:
    program("start", "checkout", "--title", "x", "--severity", "P2")
    yes = answers("clear.verify: yes")
    program("resolve", "--answers", yes)
    program("reopen", "--reason", "it came back")
    for level in ("P1", "P3", "P2"):
        assert program("severity", level).status == 0
    program("resolve", "--answers", yes)
    kinds = [entry["kind"] for entry in program("timeline", "--json").json["entries"]]
    ends = [kind for kind in kinds if kind in ("all-clear.given", "incident.reopened")]
    assert ends == ["all-clear.given", "incident.reopened", "all-clear.given"]
