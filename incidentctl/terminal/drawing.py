"""Question -> styled fragments: what the live prompt looks like.  Pure; the style names are those of `prompts.py`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from incidentctl.terminal.questions import Question, Row
from incidentctl.terminal.wrapping import wrapped
from incidentctl.text.escape import columns, one_line

Fragment = tuple[str, str]
Fragments = list[Fragment]

_DASH: Final = " - "
POINTER: Final = "❯"
AT_POINTER: Final = ("[SetCursorPosition]", "")
"""Where the window scrolls to, when there are more rows than lines."""


def message(question: Question, width: int) -> Fragments:
    """`? Was there a deploy?`, wrapped."""
    lines = wrapped(question.message, width - 2) or [""]
    return [("class:pointed", "? "), ("class:question", "\n  ".join(lines))]


def live(lines: Sequence[str], width: int) -> Fragments:
    """What the checks say and what runs, indented; each line wrapped under itself.

    A row below another line is cut to one: eight rows that wrap would push all else off a screen of 24 lines.
    """
    drawn: Fragments = []
    for line in lines:
        indent = " " * (2 + len(line) - len(line.lstrip()))
        room = width - len(indent)
        parts = (wrapped(line, room) or [""]) if line == line.lstrip() else [one_line(line.strip(), room)]
        drawn.append(("class:evidence", "".join(f"{indent}{part}\n" for part in parts)))
    return drawn


def rows(question: Question, pointed: int, ticked: Collection[int], width: int) -> Fragments:
    """The rows of a select or checkbox, each wrapped under its own label; `pointed` is -1 where none is.

    Hints stand behind their labels; where one would be too long for that, each has lines of its own.
    """
    box = 4 if question.kind == "checkbox" else 0
    room = width - 6 - box
    beside = all(columns(row.label + _DASH + row.hint) <= room for row in question.rows if row.hint)
    drawn: Fragments = []
    for index, row in enumerate(question.rows):
        before = ("[x] " if index in ticked else "[ ] ") if row.ticks else " " * box
        drawn += _row(row, before, room, at=index == pointed)
        drawn += _hint(row.hint, room, " " * (6 + box), beside=beside)
        drawn.append(("", "\n"))
    return drawn[:-1]


def _row(row: Row, before: str, room: int, *, at: bool) -> Fragments:
    before += f"{row.key or ' '}  "
    indent = " " * (3 + len(before))
    style = "class:pointed" if at else ""
    start: Fragments = [("class:pointed", f" {POINTER} "), AT_POINTER] if at else [("", "   ")]
    return [*start, (style, before + f"\n{indent}".join(wrapped(row.label, room) or [""]))]


def _hint(hint: str, room: int, indent: str, *, beside: bool) -> Fragments:
    if not hint:
        return []
    if beside:
        return [("class:quiet", f"{_DASH}{hint}")]
    return [("class:quiet", "".join(f"\n{indent}{line}" for line in wrapped(hint, room)))]


def said(text: str, width: int) -> Fragments:
    """What became of a key that answers nothing, above the footer."""
    return [("class:evidence", "".join(f"{line}\n" for line in wrapped(text, width)))] if text else []


def warning(lines: Sequence[str]) -> Fragments:
    """What stands in the footer's place until the next key."""
    return [("class:warning", " ".join(lines))]


def footer(instruction: str, keys: str, width: int) -> Fragments:
    """What to do and the keys, on one line; on a narrow screen on two."""
    both = f"{instruction} · {keys}"
    lines = [both] if columns(both) <= width else [instruction, keys]
    return [("class:quiet", "\n".join(one_line(line, width) for line in lines))]
