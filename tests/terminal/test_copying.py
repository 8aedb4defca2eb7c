"""One text after the other goes into the clipboard, and it is said whose is there."""

from __future__ import annotations

import pytest

from incidentctl.errors import UserError
from incidentctl.incident.words import Text
from incidentctl.terminal.copying import Copies
from tests.terminal.examples import DRAFT, UPDATE

TEXTS = UPDATE.shown.texts
HOLE = Text("support", "Next update at [[no value: next_update_at]].")


class Clipboard:
    """What was copied last; `answers`: it says that it took it."""

    def __init__(self, *, answers: bool = False) -> None:
        self.text = ""
        self.answers = answers

    def take(self, text: str) -> bool:
        self.text = text
        return self.answers


def test_each_audience_in_turn_and_then_the_first_again() -> None:
    clipboard = Clipboard(answers=True)
    copies = Copies(clipboard.take)
    copies.show(TEXTS)
    assert copies.said == "", "nothing is copied by itself"
    said = []
    for text in (*TEXTS, TEXTS[0]):
        copies.take_next()
        assert clipboard.text == text.text
        said.append(copies.said)
    assert said == [
        "customers: in your clipboard; c again: internal",
        "internal: in your clipboard; c again: customers",
        "customers: in your clipboard; c again: internal",
    ]


def test_a_terminal_that_does_not_answer_is_not_believed() -> None:
    copies = Copies(Clipboard().take)
    copies.show(TEXTS[:1])
    copies.take_next()
    assert copies.said == "customers: in your clipboard, if the terminal allows it"


def test_the_question_behind_goes_on_where_the_one_before_was_and_other_texts_begin_anew() -> None:
    clipboard = Clipboard()
    copies = Copies(clipboard.take)
    copies.show(TEXTS)
    copies.take_next()
    copies.show(TEXTS)
    assert copies.said.startswith("customers: in your clipboard")
    copies.take_next()
    assert clipboard.text == TEXTS[1].text
    copies.show((Text("customers", "Paying works again."), TEXTS[1]))
    assert copies.said == "", "what is in the clipboard is not what stands here"
    copies.take_next()
    assert clipboard.text == "Paying works again."


@pytest.mark.rule("P-COMMS-4")
def test_a_text_with_a_hole_is_not_copied_and_the_next_one_is() -> None:
    clipboard = Clipboard()
    copies = Copies(clipboard.take)
    copies.show((HOLE, *TEXTS))
    copies.take_next()
    assert clipboard.text == ""
    assert copies.said.startswith("support: not copied, it has a hole, marked [[...]]")
    assert copies.said.endswith("; c again: customers")
    copies.take_next()
    assert clipboard.text == DRAFT


def test_where_nothing_takes_it_that_is_said_with_what_to_do() -> None:
    def nowhere(_: str) -> bool:
        raise UserError("there is no clipboard that can be reached from here", "Copy it from the screen.")

    copies = Copies(nowhere)
    copies.show(TEXTS)
    copies.take_next()
    assert copies.said == (
        "customers: not copied, there is no clipboard that can be reached from here. Copy it from the screen."
    )
