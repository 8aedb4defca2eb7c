"""What changed since the last update, as it is shown next to the new one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.text.difference import WIDTHS, changes
from incidentctl.text.escape import clean, columns

SEEING = "We are seeing a problem with paying. Our team is working on it. Next update by 03:42 UTC."
FOUND = "We have found the cause of the problem with paying and are working on the fix. Next update by 04:12 UTC."


def test_what_came_and_what_went_stand_on_a_line_each() -> None:
    assert changes("We look into paying by card.", "We look into paying by transfer.") == ("+ transfer.", "- card.")
    assert changes("It is slow.", "It is slow. Ordering is, too.") == ("+ Ordering is, too.",)
    assert changes("It is slow. Ordering is, too.", "It is slow.") == ("- Ordering is, too.",)


def test_another_phase_is_told_in_phrases_and_not_in_scattered_words() -> None:
    assert changes(SEEING, FOUND) == (
        "+ have found the cause of the problem with paying an...",
        "- are seeing a problem with paying. Our team is working on it.",
    )


@pytest.mark.parametrize(
    "after",
    [
        SEEING,
        SEEING.replace("03:42 UTC", "04:12 UTC"),
        SEEING.replace("03:42 UTC", "00:12 UTC on 24 November"),
        SEEING.replace("03:42 UTC", "0:42 CET"),
        SEEING.replace("03:42 UTC", "04:12 UTC-03"),
        SEEING.replace(". ", ".\n\n"),
    ],
)
def test_another_time_and_other_line_breaks_are_no_change(after: str) -> None:
    assert changes(SEEING, after) == ()


def test_a_number_that_is_no_clock_time_is_a_change() -> None:
    assert changes("About 30 orders failed.", "About 90 orders failed.") == ("+ 90", "- 30")
    assert changes("10:300:20 of them", "10:301:20 of them") != ()


def test_places_are_joined_and_what_does_not_fit_is_cut() -> None:
    assert changes("", "so many words " * 30) == (f"+ {('so many words ' * 30)[:49]}...",)
    before = " ".join(f"same{n} as ever before word{n}" for n in range(9))
    assert changes(before, before.replace("word", "text")) == (
        "+ text0 ... text1 ... text2 ... text3 ... text4...",
        "- word0 ... word1 ... word2 ... word3 ... word4 ... word5 ... word6...",
    )


def test_what_differs_behind_ten_thousand_equal_words_is_found() -> None:
    assert changes("so it is " * 10_000 + "here", "so it is " * 10_000 + "there") == ("+ there", "- here")
    assert [line[:3] for line in changes("a " * 10_000 + "x", "b " * 10_000 + "y")] == ["+ b", "- a"]


@given(st.text(), st.text())
def test_any_two_texts_give_a_few_short_lines_without_control_characters(before: str, after: str) -> None:
    lines = changes(before, after)
    for line, width in zip(lines, WIDTHS[: len(lines)], strict=True):
        assert columns(line) <= width
        assert clean(line) == line
        assert line.startswith(("- ", "+ "))
        assert line.isascii() or not (before + after).isascii()


WORDS = st.lists(st.sampled_from(["paying", "is", "slow", "3:42", "13:42 UTC", "and"]), max_size=40).map(" ".join)


@given(WORDS, WORDS)
def test_what_is_the_same_has_no_lines_and_what_is_not_has_some(before: str, after: str) -> None:
    assert changes(before, before) == ()
    times = str.maketrans("0123456789", "0000000000")
    if before.replace("13:42 UTC", "3:42") != after.replace("13:42 UTC", "3:42"):
        assert changes(before, after)
    else:
        assert changes(before, after.translate(times)) == ()
