"""`incidentctl update --request`: anyone may ask for an update, and is answered by the next one."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Answers, Program


@pytest.fixture
def open_one(program: Program) -> str:
    """The id of an open P1."""
    return program("start", "checkout", "--title", "Orders fail", "--severity", "P1").incident


def test_a_request_is_recorded_shown_and_answered_by_the_next_update(
    program: Program, open_one: str, answers: Answers
) -> None:
    asked = program("update", "--request", "the board meets at four", "--me", "Carla")
    assert asked.status == 0
    assert "Whoever walks this incident is asked for an update now." in asked.out
    assert "Asked next: First update:" in asked.out
    entry = program("timeline", "--json").json["entries"][-1]
    assert (entry["kind"], entry["author"], entry["data"]) == (
        "update.requested",
        "Carla",
        {"reason": "the board meets at four"},
    )
    for shown in (program("status").out, program("brief").out):
        assert "by Carla at" in shown
        assert "the board meets at four" in shown
    sent = program("update", "--answers", answers("comms.update: send", "comms.sent"))
    assert "Asked for by Carla, " in sent.out
    assert "Carla" not in program("status").out


def test_who_asks_right_after_an_update_is_told_so(program: Program, open_one: str, answers: Answers) -> None:
    program("update", "--answers", answers("comms.update: send", "comms.sent"))
    asked = program("update", "--request")
    assert asked.status == 0
    assert "Noted: the last update is only" in asked.out
    assert "Asked next: Acknowledge the page" in asked.out


def test_before_the_severity_it_is_noted(program: Program) -> None:
    program("start", "checkout", "--title", "x")
    assert "once the severity is decided" in program("update", "--request").out
    program("severity", "P1")
    assert "Asked for  an update, by Ada" in program("status").out


@pytest.mark.rule("P-SEV-3")
def test_where_nobody_is_sent_updates_it_is_refused(program: Program) -> None:
    program("start", "checkout", "--title", "x", "--severity", "P3")
    refused = program("update", "--request", "how is it?")
    assert refused.status == 2
    assert "at P3 nobody is sent updates (P-SEV-3)" in refused.err
    assert "incidentctl note TEXT" in refused.err


def test_a_text_alone_is_not_an_update(program: Program, open_one: str) -> None:
    done = program("update", "all is well")
    assert done.status == 2
    assert "--request" in done.err
