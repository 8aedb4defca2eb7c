"""A person at a terminal, on a real pseudo-terminal."""

from __future__ import annotations

import re

import pytest

from tests.terminal.examples import ROLLBACK
from tests.tty.screen import Terminal, asking

FOOT = "Ctrl-C stops"


def test_enter_takes_the_default() -> None:
    with asking("tree") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("\r")
        assert terminal.wait_for_end() == 0
        assert "=> tree.recent-deploy\nReplied(reply=Word(value='unknown'))" in terminal.shown


def test_a_key_moves_and_enter_takes() -> None:
    with asking("tree") as terminal:
        terminal.wait_for("❯ u  don't know")
        terminal.press("y")
        terminal.wait_for("❯ y  yes")
        terminal.press("j\x1b[B\x1b[A")
        terminal.wait_for("❯ n  no")
        terminal.press("4")
        terminal.wait_for("❯ s  skip, with a reason")
        terminal.press("k\r")
        terminal.wait_for("Word(value='unknown')")


def test_an_answer_leaves_one_line_behind_and_the_prompt_is_gone() -> None:
    with asking("tree", "estimate") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("n\r")
        shown = terminal.wait_for("How long will it take?", FOOT)
        assert re.search(r"^\d\d:\d\d  Was there a deploy in the last 6 hours\?  no$", shown, re.MULTILINE)
        assert "skip, with a reason" not in shown


def test_what_a_killed_walk_left_below_the_cursor_is_wiped_away() -> None:
    # Its lines stay, and the cursor stands on the first of them, as where a shell begins again.
    left = "".join(f"{'a question that nobody asks any more':>70}\\n" for _ in range(4))
    shell = ("sh", "-c", f"printf '{left}\\033[4A'; exec \"$@\"", "sh")
    with Terminal("-m", "tests.tty.asks", "severity", tracer=shell) as terminal:
        shown = terminal.wait_for("Proposed: P2 (degraded).", FOOT)
        assert "nobody asks any more" not in shown


def test_where_there_is_no_default_enter_answers_nothing() -> None:
    with asking("exhausted") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("\r")
        terminal.wait_for("There is no default here")
        terminal.press("h")
        terminal.wait_until(lambda shown: "There is no default here" not in shown, "the warning is gone")
        terminal.press("\r")
        terminal.wait_for("What do you think it is?")
        terminal.press("DNS\r")
        terminal.wait_for("Hypothesis(text='DNS')")


def test_a_reason_is_asked_in_a_second_prompt_and_an_empty_line_goes_back() -> None:
    with asking("tree") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("s\r")
        terminal.wait_for("Why skip it?")
        terminal.press("\r")
        terminal.wait_for("❯ s  skip, with a reason")
        terminal.press("\rno time\r")
        terminal.wait_for("Skip(reason='no time')")


def test_conditions_are_ticked_and_numbers_typed_by_hand() -> None:
    with asking("impact") as terminal:
        terminal.wait_for("❯     n  none of these")
        terminal.press("2 ")
        terminal.wait_for("[x] 2  error rate > 5 %")
        terminal.press("t\r")
        terminal.wait_for("Numbers, beside what is ticked:")
        terminal.press("error_rate = 5.01%\r")
        terminal.wait_for("Several(values=('error rate > 5 %', 'error_rate = 5.01%'))")


def test_a_value_that_does_not_fit_is_said_under_the_line() -> None:
    with asking("estimate") as terminal:
        terminal.wait_for("30 min")
        terminal.press("5\r")
        terminal.wait_for("It takes a duration such as `20 min`.")
        terminal.press(" min\r")
        terminal.wait_for("Lasting(duration=datetime.timedelta(seconds=300))")


def test_a_draft_stands_in_the_line_to_be_edited() -> None:
    with asking("words") as terminal:
        terminal.wait_for("Next update at 03:42 UTC.")
        terminal.press("\x01Sorry. \r")
        terminal.wait_for("Typed(text='Sorry. We are looking into")


def test_a_question_mark_says_why_and_shows_nothing_twice() -> None:
    with asking("tree") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("?")
        shown = terminal.wait_for("Why: Most incidents follow a change", FOOT)
        assert shown.count("The last deploys:") == 1
        terminal.press("\r")
        terminal.wait_for("Word(value='unknown')")


def test_a_note_is_written_at_any_prompt_and_the_reason_begun_below_it_stays() -> None:
    with asking("tree") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("s\r")
        terminal.wait_for("Why skip it?")
        terminal.press("half a rea\x0e")
        terminal.wait_for("A note for the timeline:")
        terminal.press("5 + 5 ? yes\r")
        terminal.wait_for("Noted(text='5 + 5 ? yes')", "Why skip it?", "half a rea")
        terminal.press("son\r")
        terminal.wait_for("Skip(reason='half a reason')")


def test_half_a_note_at_the_end_is_said_to_be_lost_and_can_be_copied() -> None:
    with asking("tree") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("+the graph falls, token: hunter2hunter2")
        terminal.wait_for("A note for the timeline:", "hunter2hunter2")
        terminal.press("\x03")
        assert terminal.wait_for_end() == 130
        assert "Your note was not recorded:\nthe graph falls, token: <redacted>\n" in terminal.shown


def test_plus_writes_a_note_too() -> None:
    with asking("update") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("+")
        terminal.wait_for("A note for the timeline:")
        terminal.press("restarted the cache\r")
        shown = terminal.wait_for("Noted(text='restarted the cache')", FOOT)
        assert shown.count("For customers:") == 1
        terminal.press("\r")
        assert re.search(r"^\d\d:\d\d  Note: restarted the cache$", terminal.wait_for("comms.update\n"), re.MULTILINE)


@pytest.mark.rule("P-COMMS-6")
def test_texts_to_copy_are_printed_once_for_the_two_questions_below_them() -> None:
    with asking("update", "sent") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("s\r")
        terminal.wait_for("Copied and sent to customers, internal?", FOOT)
        assert terminal.written.count(b"For customers:") == 1
        terminal.press("?")
        terminal.wait_for("Why: An update counts once", FOOT)
        assert terminal.written.count(b"For customers:") == 2


@pytest.mark.rule("P-COMMS-3")
def test_what_is_due_takes_the_prompt_away_with_no_key_pressed_and_gives_it_back_half_typed() -> None:
    with asking("tree", "--due-after", "2") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("s\r")
        terminal.wait_for("Why skip it?")
        terminal.press("it is pay")
        shown = terminal.wait_for("Put aside for now, as you left it: Was there", "Update 2 (investigating):", FOOT)
        assert "Why skip it?" not in shown
        terminal.press("\r")
        terminal.wait_for("Back to: Was there a deploy in the last 6 hours?", "Why skip it?", "it is pay")
        terminal.press("day\r")
        assert terminal.wait_for_end() == 0
        assert "Skip(reason='it is payday')" in terminal.shown


@pytest.mark.rule("P-COMMS-3")
def test_what_was_ticked_is_still_ticked_when_the_question_comes_back() -> None:
    with asking("impact", "--due-after", "2") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("1 3 ")
        terminal.wait_for("[x] 3  degraded")
        terminal.wait_for("Update 2 (investigating):", FOOT)
        terminal.press("\r")
        terminal.wait_for("Back to: How bad is it?", "[x] 1  service down", "❯ [x] 3  degraded")


@pytest.mark.rule("P-COMMS-3")
def test_somebody_who_is_typing_when_the_prompt_goes_does_not_answer_the_next_one() -> None:
    with asking("words", "--due-after", "1") as terminal:
        terminal.wait_for(FOOT)

        def put_aside(shown: str) -> bool:
            terminal.press("x")
            return "Put aside" in shown

        terminal.wait_until(put_aside, "the prompt is taken away under the fingers")
        terminal.press("\r")
        terminal.wait_for("Update 2 (investigating):", FOOT)
        terminal.press("e\r")
        terminal.wait_for("comms.update\nReplied(reply=Word(value='edit'))")


def test_a_reply_that_is_refused_stands_there_again() -> None:
    with asking("role") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("t\r")
        terminal.wait_for("Type it:")
        terminal.press("too long\r")
        shown = terminal.wait_for("Not taken: that is too long.", "Write less.", "❯  too long")
        assert "nobody yet" not in shown


def test_what_is_pasted_does_nothing_and_stays_one_line() -> None:
    with asking("exhausted") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("h\r")
        terminal.wait_for("What do you think it is?")
        terminal.press("\x1b[200~DNS \x1b[31m[/red]\rof \u202ethe shop\nis slow\x1b[201~")
        terminal.wait_for("DNS [/red] of the shop is slow")
        terminal.press("\r")
        terminal.wait_for("Hypothesis(text='DNS [/red] of the shop is slow')")


def test_a_text_of_several_lines_can_be_pasted_where_it_may_have_them() -> None:
    with asking("words") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("\x15\x1b[200~Sorry.\rPaying works again.\x1b[201~")
        terminal.wait_for("Paying works again.")
        terminal.press("\r")
        terminal.wait_for("Typed(text='Sorry.\\nPaying works again.')")


def test_a_wrong_time_is_answered_with_a_right_one() -> None:
    with asking("update") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("l\r")
        terminal.wait_for("Remind me again in:")
        terminal.press("soon\r")
        terminal.wait_for("Write for example `10 min`.")
        terminal.press("\x1510 min\r")
        terminal.wait_for("Snooze(duration=datetime.timedelta(seconds=600))")


def test_the_keys_that_are_named_are_those_that_work_now() -> None:
    with asking("estimate") as terminal:
        terminal.wait_for("? why · + note · Ctrl-C stops")
        terminal.press("5")
        terminal.wait_for("F1 why · ^N note · Ctrl-C stops")
        terminal.press("\x0e")
        terminal.wait_for("A note for the timeline:", "empty goes back · Ctrl-C stops")


def test_a_narrow_screen_keeps_the_keys_on_a_line_of_their_own() -> None:
    with asking("page", columns=50) as terminal:
        shown = terminal.wait_for("? why · + note · Ctrl-C stops")
        assert "space ticks, Enter goes on with what is ticked\n? why" in shown


def test_ctrl_c_stops_at_once() -> None:
    with asking("tree") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("\x03")
        assert terminal.wait_for_end() == 130
        assert "=> stopped" in terminal.shown


def test_ctrl_c_stops_in_a_line_too() -> None:
    with asking("words") as terminal:
        terminal.wait_for(FOOT)
        terminal.press("\x03")
        assert terminal.wait_for_end() == 130


def test_the_header_runs_while_the_prompt_is_open() -> None:
    with asking("tree") as terminal:
        first = re.search(r"next update (\d\d:\d\d)", terminal.wait_for("next update", FOOT))
        assert first is not None
        terminal.wait_until(
            lambda shown: "next update" in shown and first[0] not in shown, "the time left has changed by itself"
        )


@pytest.mark.parametrize("columns", [80, 40])
def test_the_header_fits_the_screen(columns: int) -> None:
    with asking("severity", columns=columns) as terminal:
        shown = terminal.wait_for("Which severity?", "update every")
        lines = shown.splitlines()
        head = next(index for index, line in enumerate(lines) if line.startswith("DRILL · P1 · 12:0"))
        assert lines[head + 1].startswith("? Which severity?")


def test_commands_are_printed_bare_byte_for_byte() -> None:
    with asking("tree") as terminal:
        terminal.wait_for(FOOT)
        assert f"\n{ROLLBACK}\r\n".encode() in terminal.written


def test_hostile_text_does_nothing_to_the_screen() -> None:
    with asking("hostile") as terminal:
        shown = terminal.wait_for("Is [/red] red deveiler?", "said [/api/v1]", "text [bold] blinking", FOOT)
        assert "echo '[/red]'  x" in shown
        assert b"owned" not in terminal.written
        assert not {"\u202e", "\u2066"} & set(terminal.written.decode())


def test_no_color_means_no_color() -> None:
    with asking("tree", NO_COLOR="1") as terminal:
        terminal.wait_for(FOOT)
        assert {cell.fg for cell in terminal.cells} == {"default"}
        assert {cell.bg for cell in terminal.cells} == {"default"}


def test_without_unicode_in_the_locale_nothing_but_ascii_is_written() -> None:
    with asking("tree", "words", LC_ALL="C") as terminal:
        terminal.wait_for("> u  don't know", "DRILL | P1 |")
        terminal.press("?\r")
        terminal.wait_for("Your words:", FOOT)
        terminal.press("\r")
        assert terminal.wait_for_end() == 0
        assert terminal.written.isascii()


def test_the_title_names_the_incident_and_is_given_back() -> None:
    with asking("tree") as terminal:
        terminal.wait_for(FOOT)
        assert b"\x1b]0;20261123-0312-abc P1 update " in terminal.written
        terminal.press("\r")
        terminal.wait_for_end()
        assert terminal.written.endswith(b"\x1b]0;\x07\x1b[23;0t")
