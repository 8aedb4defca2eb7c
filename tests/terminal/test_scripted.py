from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from incidentctl.errors import AnswerNeeded, NotAllowed, NotFound
from incidentctl.runbook.answers import Row, load_answers, read_answers
from incidentctl.terminal.console import Console, Look
from incidentctl.terminal.interface import Outcome, Replied, Screen
from incidentctl.terminal.scripted import NobodyPrompter, ScriptedPrompter
from incidentctl.walker.replies import Several, Skip, Typed, Word
from incidentctl.walker.requests import Request
from tests.terminal.examples import AFFECTED, EXHAUSTED, INCIDENT, ROLE, ROLLBACK, START, TREE, UPDATE


class Stopped:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def move(self, by: timedelta) -> None:
        self.moment += by


class Run:
    """One scripted run: what was printed, and where the clock stands."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.out = io.StringIO()
        self.clock = Stopped()
        self.prompter = ScriptedPrompter(rows, self.clock, Console(self.out, Look()))

    def ask(self, request: Request) -> Outcome:
        return self.prompter.ask(request, Screen(INCIDENT, self.clock.now, lambda: False))

    @property
    def printed(self) -> str:
        return self.out.getvalue()


def rows(text: str) -> tuple[Row, ...]:
    return read_answers("answers.yaml", f"answers:\n{text}".encode())


def test_yes_stays_the_word_that_was_written() -> None:
    assert rows("- {prompt: tree.x, answer: yes}\n- {prompt: tree.y, answer: 12:30}")[0] == Row(
        "tree.x", "yes", file="answers.yaml", line=2
    )


def test_every_shape_of_an_answer_is_read() -> None:
    text = "- {prompt: a, answer: [x, y]}\n- {prompt: b, answer: {skip: no time}}\n"
    read = rows(text + "- {prompt: '*', repeat: true, after: 5 min}\n")
    assert [row.answer for row in read] == [("x", "y"), {"skip": "no time"}, None]
    assert (read[2].repeat, read[2].after) == (True, timedelta(minutes=5))


@pytest.mark.parametrize(
    ("text", "place", "words", "hint"),
    [
        ("- {prompt: a, anser: yes}", "answers.yaml:2:15:", "no key `anser`", "answer"),
        ("- {answer: yes}", "answers.yaml:2:3:", "names no `prompt`", "prompt"),
        ("- first.acknowledge", "answers.yaml:2:3:", "a row is a mapping", "prompt"),
        ("- {prompt: a, after: 5}", "answers.yaml:2:22:", "has no unit", ""),
        ("- {prompt: a, repeat: yes}", "answers.yaml:2:23:", "`true` or `false`", ""),
        ("- {prompt: a, answer: {skip: x, snooze: y}}", "answers.yaml:2:23:", "exactly one", "skip"),
        ("- {prompt: a, answer: }", "answers.yaml:2:15:", "`answer` is empty", "leave `answer` out"),
        ("- {prompt: a, answer: [[x]]}", "answers.yaml:2:24:", "not a list", ""),
        ("- {prompt: a, prompt: b}", "answers.yaml:2:15:", "second time", ""),
        ("- {prompt: a", "answers.yaml:", "not YAML", ""),
    ],
)
def test_a_broken_answers_file_says_where_and_what_to_do(text: str, place: str, words: str, hint: str) -> None:
    with pytest.raises(NotAllowed) as raised:
        rows(text)
    assert raised.value.message.startswith(place)
    assert words in raised.value.message
    assert hint in raised.value.hint


def test_an_answers_file_that_is_not_there_is_not_found(tmp_path: object) -> None:
    from pathlib import Path

    with pytest.raises(NotFound, match="cannot be read"):
        load_answers(Path(str(tmp_path)) / "none.yaml")


def test_the_first_unused_row_that_matches_counts() -> None:
    run = Run(rows("- {prompt: tree.*, answer: no}\n- {prompt: tree.recent-deploy, answer: yes}"))
    assert [run.ask(TREE), run.ask(TREE)] == [Replied(Word("no")), Replied(Word("yes"))]
    with pytest.raises(AnswerNeeded, match=r"tree\.recent-deploy"):
        run.ask(TREE)


def test_a_star_matches_dots_and_a_repeated_row_accepts_every_default() -> None:
    run = Run(rows('- {prompt: "*", repeat: true}'))
    assert [run.ask(one) for one in (TREE, ROLE, AFFECTED)] == [
        Replied(Word("unknown")),
        Replied(Word("vacant")),
        Replied(Several(())),
    ]
    assert run.prompter.unused() == ()


def test_words_texts_lists_and_keyed_answers_are_read_as_typed_ones_are() -> None:
    run = Run(
        rows("- {prompt: t*, answer: {skip: payday}}\n- {prompt: r*, answer: kim}\n- {prompt: w*, answer: [mail]}")
    )
    assert [run.ask(one) for one in (TREE, ROLE, AFFECTED)] == [
        Replied(Skip("payday")),
        Replied(Typed("kim")),
        Replied(Several(("mail",))),
    ]


def test_after_moves_the_clock_once_the_prompt_is_drawn_and_nothing_interrupts() -> None:
    run = Run(rows("- {prompt: tree.*, answer: yes, after: 40 min}"))
    assert run.prompter.moves_clock
    assert run.ask(TREE) == Replied(Word("yes"))
    run.prompter.catch_up()
    assert run.clock.now() == START + timedelta(minutes=40)
    assert "next update 30:00" in run.printed
    assert "03:52  Was there a deploy in the last 6 hours?  yes" in run.printed


def test_a_value_that_is_not_allowed_names_its_line_and_the_values() -> None:
    run = Run(rows("- {prompt: first.x}\n- {prompt: tree.*, answer: perhaps}"))
    with pytest.raises(NotAllowed) as raised:
        run.ask(TREE)
    assert raised.value.message == "answers.yaml:3: `tree.recent-deploy` does not take `perhaps`"
    assert "`yes`, `no`, `unknown`" in raised.value.hint


def test_what_the_walk_refuses_names_its_line_too() -> None:
    run = Run(rows("- {prompt: roles.*, answer: sam}"))
    run.ask(ROLE)
    with pytest.raises(NotAllowed, match=r"answers\.yaml:2: sam is already"):
        run.prompter.refused("sam is already incident commander (P-ROLE-4)", "")


def test_a_prompt_without_a_default_needs_an_answer() -> None:
    run = Run(rows('- {prompt: "*", repeat: true}'))
    with pytest.raises(AnswerNeeded) as raised:
        run.ask(EXHAUSTED)
    assert raised.value.prompt == "tree.exhausted"
    assert "`{hypothesis: TEXT}`" in raised.value.hint
    assert "repeat" not in raised.value.hint


def test_rows_that_were_never_used_are_known() -> None:
    run = Run(rows("- {prompt: tree.*}\n- {prompt: never.asked}\n- {prompt: other.*, repeat: true}"))
    run.ask(TREE)
    assert [row.place for row in run.prompter.unused()] == ["answers.yaml:3", "answers.yaml:4"]


def test_a_script_shows_all_that_a_person_would_have_seen() -> None:
    run = Run(rows("- {prompt: tree.*, answer: yes}"))
    with run.prompter:
        run.ask(TREE)
    assert "DRILL · P1 · 00:00 · next update 30:00 · IC sam · incident-20261123-0312\n" in run.printed
    assert f"\nRoll back:\n{ROLLBACK}\n" in run.printed
    assert "\nWas there a deploy in the last 6 hours?\n    1 (y)  yes\n" in run.printed
    assert run.printed.endswith("03:12  Was there a deploy in the last 6 hours?  yes\n")


def test_the_answer_is_said_only_once_it_is_on_disk_and_never_when_it_was_not_taken() -> None:
    run = Run(rows("- {prompt: tree.*, answer: yes}\n- {prompt: comms.*}"))
    run.ask(TREE)
    assert "hours?  yes" not in run.printed
    run.ask(UPDATE)
    assert "hours?  yes" in run.printed
    with pytest.raises(ValueError, match="disk"), run.prompter:
        raise ValueError("the disk is full")
    assert "no news\n" not in run.printed.rpartition("remind me later")[2]


def test_nobody_is_shown_the_question_and_asked_for_an_answers_file() -> None:
    out = io.StringIO()
    with pytest.raises(AnswerNeeded) as raised:
        NobodyPrompter(Console(out, Look())).ask(
            replace(TREE, default=None), Screen(INCIDENT, lambda: START, lambda: True)
        )
    assert raised.value.prompt == "tree.recent-deploy"
    assert "--answers FILE" in raised.value.hint
    assert "kubectl -n payments rollout history deployment/checkout\n" in out.getvalue()
