from __future__ import annotations

import io
import os

import pytest

from incidentctl.errors import AnswerNeeded, UserError
from incidentctl.terminal.console import Console, Look
from incidentctl.terminal.interface import Copy, Noted, Outcome, Replied, Screen, Withdrawn
from incidentctl.terminal.plain import PlainPrompter
from incidentctl.walker.replies import Several
from incidentctl.walker.requests import Request
from tests.terminal.examples import ALL, INCIDENT, START, TREE


def nowhere(_: str) -> bool:
    """A clipboard that nobody has."""
    raise UserError("there is no clipboard that can be reached from here", "Copy it from the screen.")


def asked(request: Request, typed: str, *, is_open: bool = True, copy: Copy = nowhere) -> tuple[Outcome, str]:
    """What became of `request` when `typed` was read, and what was printed."""
    reading, writing = os.pipe()
    os.write(writing, typed.encode())
    os.close(writing) if is_open else None
    out = io.StringIO()
    with os.fdopen(reading) as source:
        outcome = PlainPrompter(Console(out, Look()), source, copy).ask(
            request, Screen(INCIDENT, lambda: START, lambda: is_open)
        )
    if not is_open:
        os.close(writing)
    return outcome, out.getvalue()


@pytest.mark.parametrize(
    ("name", "line", "reply"),
    [
        ("tree", "", "Word(value='unknown')"),
        ("tree", "1", "Word(value='yes')"),
        ("tree", "n", "Word(value='no')"),
        ("tree", "yes", "Word(value='yes')"),
        ("tree", "skip no time", "Skip(reason='no time')"),
        ("tree", "s\nno time", "Skip(reason='no time')"),
        ("update", "snooze 10 min", "Snooze(duration=datetime.timedelta(seconds=600))"),
        ("role", "kim", "Typed(text='kim')"),
        ("impact", "2, error_rate = 5%", "Several(values=('error rate > 5 %', 'error_rate = 5%'))"),
        ("impact", "unsure", "Word(value='unsure')"),
        ("page", "1", "Several(values=('lead',))"),
        ("affected", "n", "Several(values=())"),
        ("estimate", "20 min", "Lasting(duration=datetime.timedelta(seconds=1200))"),
        ("estimate", "20\n", "Lasting(duration=datetime.timedelta(seconds=1800))"),
        ("exhausted", "\nh\nDNS", "Hypothesis(text='DNS')"),
    ],
)
def test_a_number_a_letter_a_word_or_a_text_answers(name: str, line: str, reply: str) -> None:
    outcome, _ = asked(ALL[name], f"{line}\n")
    assert isinstance(outcome, Replied)
    assert str(outcome.reply) == reply


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("?\nyes\n", "Why: Most incidents follow a change"),
        ("perhaps\nyes\n", "`tree.recent-deploy` does not take `perhaps`. It takes `yes`, `no`"),
        ("+\n\nyes\n", "Note: > "),
        ("skip\n\nyes\n", "does not take `skip`"),
    ],
)
def test_what_answers_nothing_asks_again(typed: str, printed: str) -> None:
    outcome, out = asked(TREE, typed)
    assert isinstance(outcome, Replied)
    assert printed in out


@pytest.mark.rule("P-COMMS-6")
def test_a_text_is_copied_as_it_stands_there_and_the_next_one_after_it() -> None:
    copied: list[str] = []

    def take(text: str) -> bool:
        copied.append(text)
        return True

    outcome, out = asked(ALL["sent"], "c\nc\n1\n", copy=take)
    assert outcome == Replied(Several(("customers",)))
    assert copied == [text.text for text in ALL["sent"].shown.texts]
    assert "internal: in your clipboard; c again: customers" in out


def test_a_note_can_be_written() -> None:
    assert asked(TREE, "+\nrestarted the cache\n")[0] == Noted("restarted the cache")


def test_a_question_that_is_no_longer_the_one_to_ask_is_put_aside() -> None:
    outcome, out = asked(TREE, "ye", is_open=False)
    assert outcome == Withdrawn()
    assert "Put aside for now; what stood on this line was not kept." in out


def test_the_end_of_the_input_needs_an_answer_from_elsewhere() -> None:
    with pytest.raises(AnswerNeeded, match="the input has ended"):
        asked(TREE, "")
