"""A terminal that cannot move its cursor."""

from __future__ import annotations

import pytest

from tests.tty.screen import Terminal, asking

KEYS = "? says why"


def plain(*names: str) -> Terminal:
    return asking(*names, TERM="dumb")


def test_no_escape_sequence_is_ever_written() -> None:
    with plain("tree", "impact", "words", "hostile") as terminal:
        terminal.wait_for(KEYS)
        terminal.press("?\n")
        terminal.wait_for("Why: Most incidents")
        terminal.press("+\n")
        terminal.wait_for("Note:")
        terminal.press("seen\n")
        terminal.wait_for("Noted(text='seen')", "Back to: Was there")
        terminal.press("\n\n\n\n")
        assert terminal.wait_for_end() == 0
        assert b"\x1b" not in terminal.written


@pytest.mark.rule("P-COMMS-3")
def test_what_is_due_takes_the_prompt_away_and_half_a_line_never_answers_the_next() -> None:
    with plain("tree", "--due-after", "1") as terminal:
        terminal.wait_for(KEYS)
        terminal.press("ye")
        terminal.wait_for("Put aside for now", "Update 2 (investigating):")
        assert terminal.bells == 1
        terminal.press("n\n")
        terminal.wait_for("comms.update\nReplied(reply=Word(value='no-progress'))")
        terminal.press("\n")
        assert terminal.wait_for_end() == 0


def test_the_end_of_the_input_says_how_to_go_on() -> None:
    with plain("tree") as terminal:
        terminal.wait_for(KEYS)
        terminal.press("\x04")
        assert terminal.wait_for_end() == 3
        assert "=> AnswerNeeded: `tree.recent-deploy`" in terminal.shown
        assert "--answers FILE" in terminal.shown.replace("\n", "")


def test_ctrl_c_stops() -> None:
    with plain("tree") as terminal:
        terminal.wait_for(KEYS)
        terminal.press("\x03")
        assert terminal.wait_for_end() == 130
