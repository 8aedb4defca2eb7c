from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.text.escape import clean, columns, one_line


@pytest.mark.parametrize(
    ("foreign", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hgone", "gone"),
        ("\x1b]0;a new title\x07here", "here"),
        ("\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0;2;0;0;0\x1b\\sixel", "sixel"),
        ("\x1bc reset", " reset"),
        ("\x9b31mred", "red"),
        ("a\x07b\x08c\x00d\x7f", "abcd"),
        ("\u202edeveiler\u202c \u2066x\u2069", "deveiler x"),
        ("one\ntwo\tthree", "one two three"),
        ("one\u2028two", "one two"),
        ("half \ud800 a pair", "half ? a pair"),
        ("\ufeffbom", "bom"),
    ],
)
def test_what_a_terminal_would_obey_is_removed(foreign: str, harmless: str) -> None:
    assert clean(foreign) == harmless


def test_lines_and_tabs_stay_where_they_are_wanted() -> None:
    assert clean("a\r\n\tb\x1b[0m\rc", lines=True) == "a\n\tbc"


@pytest.mark.parametrize(
    "text", ["echo 'ä' | grep [/red]", "日本語 \U0001f469\u200d\U0001f4bb é", "GET [/api/v1] 500", ""]
)
def test_what_is_harmless_comes_back_unchanged(text: str) -> None:
    assert clean(text) == text


@given(st.text())
def test_no_control_character_survives_and_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text, lines=True)
    assert not [char for char in once if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t"]
    assert clean(once, lines=True) == once


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_one_line_is_one_line_and_fits(text: str, width: int) -> None:
    line = one_line(text, width)
    assert len(line.splitlines()) <= 1
    assert columns(line) <= width


@pytest.mark.parametrize(
    ("text", "width", "line"),
    [
        ("incident-20261123", 17, "incident-20261123"),
        ("incident-20261123", 9, "incident…"),
        ("日本語", 5, "日本…"),
        ("ab", 1, "…"),
    ],
)
def test_what_does_not_fit_ends_in_an_ellipsis(text: str, width: int, line: str) -> None:
    assert one_line(text, width) == line
