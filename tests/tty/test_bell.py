"""The bell and the title of a real terminal, when something falls due."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.tty.walk import RESUME, START, TO_THE_TREE, Place, Step, answer, wait_until_asked

UPDATE = Step("comms.update", "Update 2 (", "n\r")
SENT = Step("comms.sent", "Copied and sent to customers, internal, support?", "y\r")
SEAT = Step("roles.comms-lead", "Who is comms lead?")
DECISION_DUE = Step("mitigation.reconsider", "The 30 minutes are over and it is not fixed. Roll back?", "f\r")
DEPLOY = Step("tree.recent-deploy", "Was there a deploy in the last 6 hours?")
ACKNOWLEDGE = Step("first.acknowledge", "Acknowledge the page")


def at(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


@pytest.mark.rule("P-COMMS-3")
def test_an_update_that_is_due_rings_once_and_stands_in_the_title(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.script(*TO_THE_TREE)
    with place.terminal(*RESUME) as terminal:
        wait_until_asked(terminal, DEPLOY)
        assert terminal.bells == 0
        place.clock.set(at(30))
        wait_until_asked(terminal, UPDATE)
        assert terminal.bells == 1
        assert b"P1 update OVERDUE decide now\a" in terminal.written
        answer(terminal, UPDATE, SENT)
        wait_until_asked(terminal, DECISION_DUE)
        assert terminal.bells == 1, "whoever has just answered is there"


@pytest.mark.rule("P-FIRST-6")
def test_the_end_of_the_five_minutes_rings_once_and_leaves_the_question_alone(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with place.terminal(*START) as terminal:
        shown = wait_until_asked(terminal, ACKNOWLEDGE)
        assert "triage 05:00 left" in shown
        place.clock.set(at(5))
        terminal.wait_for("triage 00:00 left")
        place.clock.set(at(7))
        terminal.wait_for("triage OVERDUE 02:00")
        place.clock.set(at(8))
        terminal.wait_for("triage OVERDUE 03:00")
        wait_until_asked(terminal, ACKNOWLEDGE)
        assert terminal.bells == 1
        assert b"severity OVERDUE\a" in terminal.written
