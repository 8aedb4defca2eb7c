"""Question -> styled fragments: what the live prompt looks like.  Pure; the style names are those of `prompts.py`."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from typing import Final

from incidentctl.terminal.questions import Question, Row
from incidentctl.text.escape import one_line

Fragment = tuple[str, str]
Fragments = list[Fragment]

POINTER: Final = "❯"
AT_POINTER: Final = ("[SetCursorPosition]", "")
"""Where the window scrolls to, when there are more rows than lines."""


def message(question: Question, width: int) -> Fragments:
    """`? Was there a deploy?`, wrapped."""
    lines = _wrapped(question.message, width - 2) or [""]
    return [("class:pointed", "? "), ("class:question", "\n  ".join(lines))]


def rows(question: Question, pointed: int, ticked: Collection[int], width: int) -> Fragments:
    """The rows of a select or checkbox, each wrapped under its own label; `pointed` is -1 where none is."""
    drawn: Fragments = []
    for index, row in enumerate(question.rows):
        drawn += _row(question, row, width, at=index == pointed, is_ticked=index in ticked)
        drawn.append(("", "\n"))
    return drawn[:-1]


def _row(question: Question, row: Row, width: int, *, at: bool, is_ticked: bool) -> Fragments:
    box = "    " if question.kind == "checkbox" else ""
    if row.ticks:
        box = "[x] " if is_ticked else "[ ] "
    before = f"{box}{row.key or ' '}  "
    indent = " " * (3 + len(before))
    lines = _wrapped(row.label, width - len(indent)) or [""]
    hint = _hint(row.hint, len(lines[-1]), width - len(indent), indent)
    style = "class:pointed" if at else ""
    start: Fragments = [("class:pointed", f" {POINTER} "), AT_POINTER] if at else [("", "   ")]
    return [*start, (style, before + f"\n{indent}".join(lines)), *hint]


def _hint(hint: str, used: int, width: int, indent: str) -> Fragments:
    """A row's hint behind its label, or on lines of its own where that would be too long."""
    if not hint:
        return []
    if used + len(hint) + 2 <= width:
        return [("class:quiet", f"  {hint}")]
    return [("class:quiet", "".join(f"\n{indent}{line}" for line in _wrapped(hint, width)))]


def footer(text: str, width: int) -> Fragments:
    """The keys, on one line."""
    return [("class:quiet", one_line(text, width))]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 10), break_on_hyphens=False)
