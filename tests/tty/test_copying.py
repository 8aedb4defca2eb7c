"""The texts of an update go into the clipboard with a key, on a real terminal, and out when somebody says so."""

from __future__ import annotations

import pytest

from tests.comms.channels.test_clipboard import NOWHERE, copied
from tests.terminal.examples import UPDATE
from tests.tty.screen import Terminal

FOOT = "Ctrl-C stops"
CUSTOMERS, INTERNAL = (text.text for text in UPDATE.shown.texts)
MAYBE = "in your clipboard, if the terminal allows it"


def copying(*names: str, **environment: str) -> Terminal:
    return Terminal("-m", "tests.tty.asks", *names, environment={**NOWHERE, **environment})


@pytest.mark.rule("P-COMMS-6")
def test_a_key_copies_one_audience_after_the_other_and_none_of_it_is_sent() -> None:
    with copying("update", "sent") as terminal:
        terminal.wait_for("c copies", FOOT)
        terminal.press("c")
        shown = terminal.wait_for(f"customers: {MAYBE}; c again: internal", FOOT)
        assert copied(terminal) == [CUSTOMERS]
        assert shown.count("For customers:") == 1
        terminal.press("s\r")
        terminal.wait_for("Copied and sent to customers, internal?", f"customers: {MAYBE}", "c copies", FOOT)
        terminal.press("1 ")
        terminal.wait_for("[x] 1  customers")
        terminal.press("c")
        shown = terminal.wait_for(f"internal: {MAYBE}; c again: customers", "[x] 1  customers")
        assert copied(terminal) == [CUSTOMERS, INTERNAL]
        terminal.press("c")
        terminal.wait_for(f"customers: {MAYBE}; c again: internal")
        assert "=> comms.sent" not in terminal.shown
        terminal.press("\r")
        terminal.wait_for("Several(values=('customers',))")


def test_elsewhere_it_is_no_key() -> None:
    with copying("tree") as terminal:
        shown = terminal.wait_for(FOOT)
        assert "copies" not in shown
        terminal.press("c\r")
        terminal.wait_for("Word(value='unknown')")
        assert copied(terminal) == []


def test_a_text_with_a_hole_is_not_copied() -> None:
    with copying("holed") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("c")
        terminal.wait_for("customers: not copied, it has a hole, marked [[...]]", "c again: internal", FOOT)
        assert copied(terminal) == []
        terminal.press("c")
        terminal.wait_for(f"internal: {MAYBE}")
        assert copied(terminal) == [INTERNAL]


def test_where_there_is_no_clipboard_it_says_so_and_what_to_do() -> None:
    with copying("sent", TERM="linux") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("c")
        terminal.wait_until(
            lambda shown: (
                "customers: not copied, there is no clipboard that can be reached from here. Copy it from "
                "the screen." in " ".join(shown.split())
            ),
            "it says why",
        )
        assert copied(terminal) == []


@pytest.mark.rule("P-COMMS-1")
def test_no_enter_says_that_customers_were_told_until_somebody_chooses_it() -> None:
    with copying("update", "sent") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("s\r\r\r\r\r")
        terminal.wait_for("Copied and sent to customers, internal?", "There is no default here: choose a row first")
        assert "=> comms.sent" not in terminal.shown
        terminal.press("y\r")
        terminal.wait_for("=> comms.sent\nReplied(reply=Word(value='yes'))")


@pytest.mark.rule("P-COMMS-1")
def test_nor_where_the_cursor_cannot_move_and_there_is_a_key_to_copy_too() -> None:
    with copying("sent", TERM="dumb") as terminal:
        terminal.wait_for("? says why", "c copies")
        terminal.press("\n")
        terminal.wait_for("there is no default here", "It takes `yes`")
        terminal.press("c\n")
        terminal.wait_for("customers: not copied, there is no clipboard")
        terminal.press("y\n")
        terminal.wait_for("=> comms.sent\nReplied(reply=Word(value='yes'))")
