"""A key that comes in the very moment in which the question is taken away."""

from __future__ import annotations

import pytest

from tests.tty.screen import Terminal
from tests.tty.walk import FOOT


@pytest.mark.rule("P-COMMS-3")
@pytest.mark.parametrize("keys", ["\r", "y\r"])
def test_it_does_not_answer_the_question_that_comes_instead(keys: str) -> None:
    with Terminal("-m", "tests.tty.late") as terminal:
        terminal.wait_for(FOOT, "looking")
        terminal.press(keys)
        terminal.wait_for("Put aside", "? Update 2 (investigating):", FOOT)
        terminal.press("e\r")
        assert terminal.wait_for_end() == 0
        assert "Replied(reply=Word(value='edit'))" in terminal.shown


def test_ctrl_c_stops_even_then() -> None:
    with Terminal("-m", "tests.tty.late") as terminal:
        terminal.wait_for(FOOT, "looking")
        terminal.press("\x03")
        terminal.wait_for_end()
        assert "KeyboardInterrupt" in terminal.shown
        assert "? Update 2" not in terminal.shown
