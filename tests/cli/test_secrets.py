"""Canaries: whatever a person or a runbook says as a secret is in no file and on no stream, of any command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Answers, Done, Program

CANARY = "canary7hunter"
COMMANDS = (
    ("status",), ("status", "--json"), ("timeline",), ("timeline", "--json"), ("history",), ("history", "--json"),
    ("show", "checkout"), ("resume",),
)  # fmt: skip
SAID = (
    f'{{prompt: first.acknowledge, answer: {{skip: "token={CANARY}1"}}}}',
    f'{{prompt: first.channel, answer: "inc password: {CANARY}2"}}',
    '{prompt: triage.impact, answer: ["error_rate = 9%"]}',
    "triage.severity: P2",
    f'{{prompt: triage.reason, answer: "api_key={CANARY}3 says so"}}',
    f'{{prompt: roles.comms-lead, answer: "Bob password={CANARY}4"}}',
    "comms.update: edit",
    f'{{prompt: comms.text, answer: "We rotate postgres://app:{CANARY}5@db now."}}',
    "tree.recent-deploy: yes",
    f'{{prompt: tree.roll-back.run, answer: {{skip: "Authorization: Bearer {CANARY}6"}}}}',
    f'{{prompt: tree.exhausted, answer: {{hypothesis: "secret={CANARY}7"}}}}',
)


@pytest.fixture
def canaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runbooks of which one holds secrets: in an address, in a header, below a key."""
    folder = tmp_path / "runbooks"
    folder.mkdir()
    text = (ROOT / "runbooks/checkout.yaml").read_text()
    command = "kubectl rollout undo deployment/checkout -n shop"
    assert command in text
    curl = f'curl -H "Authorization: Bearer {CANARY}8" https://u:{CANARY}9@deploy.example'
    (folder / "checkout.yaml").write_text(text.replace(command, f"'{curl} --api-key={CANARY}0'"))
    (folder / "_defaults.yaml").write_text((ROOT / "runbooks/_defaults.yaml").read_text())
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return folder


def spoken(done: Done) -> str:
    return done.out + done.err


@pytest.mark.usefixtures("canaries")
def test_peer_defect_12_a_canary_is_nowhere(program: Program, answers: Answers, tmp_path: Path) -> None:
    begun = program("start", "checkout", "--title", f"db password={CANARY}a", "--affects", f"x token={CANARY}b",
                    "--answers", answers(*SAID))  # fmt: skip
    assert "The runbook is broken" not in begun.err
    assert "hypothesis: secret=<redacted>" in begun.out
    commands = (
        ("note", f"Authorization: Bearer {CANARY}c"), ("severity", "P1", "--reason", f"token={CANARY}d"),
        ("assign", "engineer", f"Eve token={CANARY}e"), ("resolve", "--answers", answers("clear.verify: yes")),
        ("reopen", "--reason", f"pwd={CANARY}f"), ("start", f"token={CANARY}g"), *COMMANDS,
    )  # fmt: skip
    done = [begun, *(program(*words) for words in commands)]
    assert [one for one in done if CANARY in spoken(one)] == []
    assert {one.status for one in done} == {0, 3, 4}
    for file in tmp_path.glob("store.db*"):
        assert CANARY.encode() not in file.read_bytes(), file


def test_a_broken_runbook_and_a_wrong_value_are_explained_without_their_secrets(
    program: Program, answers: Answers, canaries: Path
) -> None:
    text = (canaries / "checkout.yaml").read_text()
    (canaries / "checkout.yaml").write_text(text.replace("takes: 5 min", f"takes: token={CANARY}"))
    rows = answers(f'{{prompt: first.acknowledge, answer: "token={CANARY}"}}')
    for words in (("start", "checkout", "--title", "x", "--answers", rows), ("show", "checkout")):
        done = program(*words)
        assert done.status in (2, 4)
        assert CANARY not in spoken(done)
    assert "<redacted>" in program("show", "checkout").err


def test_a_bug_tells_no_secret(
    program: Program, answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canaries: Path
) -> None:
    def fails(path: Path) -> None:
        raise KeyError(f"token={CANARY}", path)

    monkeypatch.setattr("incidentctl.runbook.answers.load_answers", fails)
    done = program("start", "checkout", "--title", f"password: {CANARY}", "--answers", answers())
    assert done.status == 70
    assert CANARY not in spoken(done)
    [report] = (tmp_path / "state").rglob("bug-*.txt")
    assert CANARY not in report.read_text()
