"""Makes foreign text harmless: a runbook, a note, a title may hold anything, and a terminal obeys much of it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# An escape sequence goes as a whole, or its letters would stay behind: strings (OSC, DCS, APC, PM, SOS) with their
# terminator, CSI with its parameters, and the two-character ones; ECMA-48, with the 8-bit forms.
_SEQUENCES: Final = re.compile(
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
_KEPT_IN_LINES: Final = "\n\t"
# Marks, embeddings, overrides and isolates of the bidirectional algorithm, and the invisible byte order mark.
_INVISIBLE: Final = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])


def clean(text: str, *, lines: bool = False) -> str:
    """`text` without escape sequences, control characters and bidirectional overrides.

    With `lines`, newlines and tabs stay as they are; otherwise each becomes one space.  Lone surrogates, which no
    terminal and no file can take, become `?`.  What is harmless comes back unchanged, character for character.
    """
    if text.isascii() and (text.replace("\n", "").replace("\t", "") if lines else text).isprintable():
        return text
    text = _SEQUENCES.sub("", text.replace("\r\n", "\n")).translate(_INVISIBLE)
    return "".join(_harmless(char, lines=lines) for char in text)


def _harmless(char: str, *, lines: bool) -> str:
    if char in _KEPT_IN_LINES:
        return char if lines else " "
    match unicodedata.category(char):
        case "Cc":
            return ""
        case "Cs":
            return "?"
        case "Zl" | "Zp":
            return "\n" if lines else " "
        case _:
            return char


def columns(text: str) -> int:
    """How many columns of a terminal `text` fills; wide characters fill two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(char) for char in text)


def _columns_of(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def one_line(text: str, width: int) -> str:
    """`text`, cleaned, on one line of at most `width` columns; what does not fit ends in `…`."""
    line = " ".join(clean(text).split())
    if columns(line) <= width:
        return line
    kept, used = "", 0
    for char in line:
        used += _columns_of(char)
        if used > width - 1:
            break
        kept += char
    return f"{kept.rstrip()}…"[: max(width, 0)]
