"""The file that an editor is given, and what is taken from it again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.errors import UserError
from incidentctl.terminal.editor import editor_of, page, text_of
from incidentctl.text.escape import clean


def test_visual_comes_before_editor_and_is_split_into_words() -> None:
    assert editor_of({"VISUAL": "code --wait", "EDITOR": "vi"}) == ["code", "--wait"]
    assert editor_of({"VISUAL": " ", "EDITOR": "'/opt/my editor' -n"}) == ["/opt/my editor", "-n"]
    with pytest.raises(UserError, match="Neither VISUAL nor EDITOR is set"):
        editor_of({})


def test_below_the_text_stands_what_was_sent_last() -> None:
    file, mark = page("We are on it.", ("Sent last, 03:12 UTC:", "  It fails.\n[31m\x1b[31mSorry."))
    assert mark == "#"
    assert file.splitlines()[0] == "We are on it."
    assert file.splitlines()[3:] == ["# Sent last, 03:12 UTC:", "#   It fails.", "# [31mSorry."]


def test_lines_of_the_text_that_look_like_comments_stay() -> None:
    file, mark = page("# Outage\n\nIt fails.", ("It failed.",))
    assert mark == "##"
    assert text_of(file, mark) == "# Outage\n\nIt fails."
    assert text_of("#war-room is open\n# mine\n#\n", "#") == "#war-room is open"


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("# \n")), st.lists(st.text(), max_size=3))
def test_a_file_that_nobody_touched_gives_the_text_back(text: str, beside: list[str]) -> None:
    file, mark = page(text, beside)
    assert text_of(file, mark) == clean(text, lines=True).strip()
