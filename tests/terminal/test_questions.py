from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from incidentctl.terminal.questions import (
    Follow,
    Question,
    answer_needed,
    following_reply,
    question_of,
    reply_shown,
    row_reply,
    small_question,
    split_list,
    under_enter,
)
from incidentctl.walker.replies import Hypothesis, Lasting, Raw, Reply, Several, Skip, Snooze, Typed, Word, read_reply
from incidentctl.walker.requests import Request
from tests.terminal.examples import (
    AFFECTED,
    ALL,
    CHANNEL,
    DRAFT,
    ESTIMATE,
    EXHAUSTED,
    HOSTILE,
    IMPACT,
    PAGE,
    ROLE,
    SENT,
    SEVERITY,
    TREE,
    UPDATE,
    WORDS,
)


def drawn(question: Question) -> list[str]:
    """Each row as its key and label, the one that Enter takes with an arrow."""
    return [
        f"{'>' if index == question.start else ' '}{'[]' if row.ticks else ''}{row.key} {row.label}"
        for index, row in enumerate(question.rows)
    ]


@pytest.mark.parametrize(
    ("request_", "kind", "rows"),
    [
        (TREE, "select", [" y yes", " n no", ">u don't know", " s skip, with a reason"]),
        (EXHAUSTED, "select", [" a go round again", " w open the war room", " h name a hypothesis"]),
        (
            UPDATE, "select",
            [" s send this", ">n still working on it, no news", " e write it in my own words", " l remind me later"],
        ),
        (CHANNEL, "select", [">1 incident-20261123-0312", " t type another name", " s skip, with a reason"]),
        (ROLE, "select", [" t type a name", ">v nobody yet"]),
        (PAGE, "checkbox", [" []1 lead", " []2 comms-lead", ">d done", " s skip, with a reason"]),
        (AFFECTED, "checkbox", [" []1 ledger", " []2 mail", " t type others", ">n none"]),
    ],
)  # fmt: skip
def test_whatever_can_be_answered_is_a_row_with_a_key_and_enter_stands_on_the_default(
    request_: Request, kind: str, rows: list[str]
) -> None:
    question = question_of(request_)
    assert (question.kind, drawn(question)) == (kind, rows)


def test_conditions_are_ticked_numbers_typed_and_words_chosen() -> None:
    assert [(row.key, row.ticks, row.follows, row.raw) for row in question_of(IMPACT).rows[1:]] == [
        ("2", True, "", "error rate > 5 %"),
        ("3", True, "", "degraded"),
        ("t", False, "list", ""),
        ("u", False, "", "unsure"),
        ("n", False, "", "none"),
    ]


def test_levels_that_share_a_letter_are_reached_by_their_numbers() -> None:
    assert [row.key for row in question_of(SEVERITY).rows] == ["1", "2", "3"]


def test_a_line_shows_its_default_and_a_draft_stands_there_to_be_edited() -> None:
    assert (question_of(ESTIMATE).placeholder, question_of(ESTIMATE).prefill) == ("30 min", "")
    assert (question_of(WORDS).placeholder, question_of(WORDS).prefill) == ("", DRAFT)


@pytest.mark.parametrize("name", [name for name, request in ALL.items() if under_enter(request) is not None])
def test_enter_alone_gives_the_default(name: str) -> None:
    request = ALL[name]
    question = question_of(request)
    if question.kind == "text":
        assert question.placeholder or question.prefill
        return
    raw = row_reply(question, question.start, question.ticked)
    assert read_reply(request.prompt, request.accepts, raw) == request.default


@pytest.mark.rule("P-COMMS-1")
def test_that_customers_were_told_is_under_no_enter_though_a_script_may_take_it() -> None:
    assert SENT.default == Word("yes")
    assert question_of(SENT).start == -1


def test_a_list_that_is_proposed_begins_ticked() -> None:
    question = question_of(replace(AFFECTED, default=Several(("mail",))))
    assert question.ticked == (1,)
    assert row_reply(question, question.start, question.ticked) == ("mail",)


def test_what_is_ticked_wins_over_the_word_that_the_arrow_stands_on() -> None:
    question = question_of(IMPACT)
    assert row_reply(question, question.start, {1}) == ("error rate > 5 %",)
    assert row_reply(question, 0, set()) == ("service down or critically degraded for customers",)


@pytest.mark.parametrize(
    ("request_", "follows", "text", "reply"),
    [
        (TREE, "skip", "it is payday", Skip("it is payday")),
        (UPDATE, "snooze", "10 min", Snooze(timedelta(minutes=10))),
        (EXHAUSTED, "hypothesis", "DNS", Hypothesis("DNS")),
        (ROLE, "text", "kim", Typed("kim")),
        (IMPACT, "list", "error_rate = 5%, rows = 10,000", Several(("degraded", "error_rate = 5%", "rows = 10,000"))),
    ],
)
def test_what_follows_a_row_becomes_its_reply(request_: Request, follows: Follow, text: str, reply: Reply) -> None:
    raw: Raw = following_reply(question_of(request_), follows, text, {2} if request_ is IMPACT else ())
    assert read_reply(request_.prompt, request_.accepts, raw) == reply


def test_the_second_prompt_still_says_what_it_is_about() -> None:
    assert small_question(TREE, "skip").message == "Was there a deploy in the last 6 hours? Why skip it?"
    assert small_question(TREE, "note").message == "A note for the timeline:"


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a, b", ("a", "b")), ("n = 10,000", ("n = 10,000",)), ("a;b,", ("a", "b")), (" , ", ())],
)
def test_a_comma_before_a_digit_belongs_to_its_number(text: str, parts: tuple[str, ...]) -> None:
    assert split_list(text) == parts


@pytest.mark.parametrize(
    ("request_", "reply", "shown"),
    [
        (TREE, Word("unknown"), "don't know"),
        (TREE, Skip("later"), "skipped: later"),
        (AFFECTED, Several(()), "none"),
        (AFFECTED, Several(("mail", "x")), "mail, x"),
        (ESTIMATE, Lasting(timedelta(minutes=90)), "1 h 30 min"),
        (UPDATE, Snooze(timedelta(minutes=10)), "remind me in 10 min"),
        (EXHAUSTED, Hypothesis("DNS"), "hypothesis: DNS"),
        (ROLE, Typed("kim"), "kim"),
    ],
)
def test_the_line_left_behind_reads_as_it_was_answered(request_: Request, reply: Reply, shown: str) -> None:
    assert reply_shown(reply, request_) == shown


def test_nothing_foreign_reaches_the_drawing() -> None:
    assert question_of(HOSTILE).message == "Is [/red] red deveiler?"


def test_a_missing_answer_names_the_prompt_its_values_and_how_to_go_on() -> None:
    error = answer_needed(TREE, "nobody is here")
    assert error.prompt == "tree.recent-deploy"
    assert error.message.startswith("`tree.recent-deploy` needs an answer")
    assert "`yes`, `no`, `unknown`, `{skip: REASON}`" in error.hint
    assert "--answers FILE" in error.hint
