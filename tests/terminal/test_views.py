"""Everything that stands around a question, in blocks with one blank line between them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

from incidentctl.incident.state import Incident
from incidentctl.terminal.console import Console, Look
from incidentctl.terminal.interface import Noted, Replied, Screen
from incidentctl.terminal.questions import question_of
from incidentctl.terminal.views import Voice, row_text
from incidentctl.text.escape import columns
from incidentctl.walker.replies import Word
from incidentctl.walker.requests import Command, Shown
from tests.terminal.examples import HOSTILE, IMPACT, INCIDENT, SENT, START, TREE, UPDATE

SCREEN = Screen(INCIDENT, lambda: START + timedelta(minutes=1), lambda: True)


class Heard(Voice):
    """A voice, and what it said."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        super().__init__(Console(self.out, Look()))

    @property
    def said(self) -> str:
        return self.out.getvalue()


def test_a_text_that_was_just_printed_to_copy_is_not_printed_again() -> None:
    voice = Heard()
    assert voice.show(UPDATE.shown)
    assert not voice.show(SENT.shown)
    assert voice.said.count("For customers:") == 1
    assert not voice.said.endswith("\n\n")


def test_a_text_is_printed_again_where_it_is_another_or_wanted_again_or_the_run_is_new() -> None:
    voice = Heard()
    voice.show(UPDATE.shown)
    voice.show(replace(SENT.shown, texts=SENT.shown.texts[:1]))
    voice.show(UPDATE.shown)
    voice.show(SENT.shown, again=True)
    assert voice.said.count("For customers:") == 4
    resumed = Heard()
    resumed.show(SENT.shown)
    assert resumed.said.count("For customers:") == 1


def test_what_an_interrupted_command_said_is_parted_from_the_command() -> None:
    voice = Heard()
    voice.show(Shown(commands=(Command("It was:", "clean /data"),), output=("starting", "word " * 20)))
    assert voice.said.startswith("\nIt was:\nclean /data\nIt said last:\n  starting\n  word word")
    assert all(line.startswith("  ") for line in voice.said.splitlines()[4:])


def test_lines_of_output_keep_their_indent_where_they_are_wrapped() -> None:
    voice = Heard()
    voice.tell("  " + "word " * 20)
    assert all(line.startswith("  word") for line in voice.said.splitlines())


def test_what_stands_beside_the_texts_is_still_printed() -> None:
    voice = Heard()
    voice.show(UPDATE.shown)
    voice.show(replace(SENT.shown, said=("Status page first.",)))
    assert voice.said.endswith("\nStatus page first.\n")
    assert voice.said.count("For customers:") == 1


def test_one_blank_line_stands_between_blocks_and_none_within() -> None:
    voice = Heard()
    voice.tell("Your last entry is 3 min old.")
    voice.tell("Nobody else wrote anything meanwhile.")
    voice.show(Shown(said=("Proposed: P2.",)))
    voice.hold(TREE, Replied(Word("no")), SCREEN)
    voice.catch_up()
    voice.hold(TREE, Replied(Word("yes")), SCREEN)
    voice.tell("sam wrote meanwhile: IC: kim")
    assert voice.said.splitlines() == [
        "Your last entry is 3 min old.",
        "Nobody else wrote anything meanwhile.",
        "",
        "Proposed: P2.",
        "",
        "03:13  Was there a deploy in the last 6 hours?  no",
        "03:13  Was there a deploy in the last 6 hours?  yes",
        "",
        "sam wrote meanwhile: IC: kim",
    ]


def test_the_header_stands_directly_above_its_question() -> None:
    voice = Heard()
    voice.show_all(TREE, SCREEN)
    lines = voice.said.splitlines()
    assert lines[lines.index(TREE.text) - 1].startswith("DRILL · P1 · 01:00")
    assert lines[lines.index(TREE.text) - 2] == ""


def test_no_header_and_no_time_before_there_is_an_incident() -> None:
    voice = Heard()
    nowhere = Screen(Incident(""), lambda: START, lambda: True)
    voice.show_all(replace(TREE, shown=Shown()), nowhere)
    voice.hold(TREE, Replied(Word("no")), nowhere)
    voice.catch_up()
    lines = voice.said.splitlines()
    assert lines[:2] == ["", TREE.text]
    assert lines[-1] == f"{TREE.text}  no"


def test_a_note_leaves_a_line_too() -> None:
    voice = Heard()
    voice.hold(TREE, Noted("restarted [/red] \x1b[31mthe cache"), SCREEN)
    assert voice.said == ""
    voice.catch_up()
    assert voice.said == "03:13  Note: restarted [/red] the cache\n"


def test_no_line_of_ours_is_wider_than_eighty_columns() -> None:
    voice = Heard()
    wide = "支付失败用户付款时看到错误页面" * 4
    voice.tell(wide)
    voice.hold(replace(HOSTILE, text=wide), Replied(Word("no")), SCREEN)
    voice.show_all(replace(TREE, text=wide, shown=Shown()), SCREEN)
    assert max(map(columns, voice.said.splitlines())) <= 80


def test_a_hint_is_told_apart_from_its_label() -> None:
    rows = question_of(IMPACT).rows
    assert row_text(rows[1]) == "  error rate > 5 % - P1"
    assert row_text(rows[3]) == " (t)  type numbers by hand - error_rate = 5%"
