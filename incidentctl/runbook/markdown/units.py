"""A printed page in parts that can be told apart: lines of text and blocks of code, however a wiki lays them out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from incidentctl.record import record

_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})")
_BEGINS: Final = re.compile(r"\s*(?:[-*+] |\d{1,9}[.)] |#{1,6} |\||\*\*|```|~~~|<!--|Note: |Left out: )")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")


@record
class Unit:
    """A paragraph, a line of a list or a table, or a block of code: `text` without its layout, and its lines from 0."""

    text: str
    start: int
    end: int
    indent: int
    is_code: bool = False


def units_of(lines: Sequence[str]) -> list[Unit]:
    """The units of a page.  What stands apart only by blank lines, padding, numbers or escapes is the same unit."""
    found: list[Unit] = []
    number = 0
    while number < len(lines):
        line, start = lines[number], number
        fence = _FENCE.match(line)
        indent = len(line) - len(line.lstrip(" "))
        number += 1
        if fence is not None:
            number = _closing(lines, number, fence[1])
            found.append(Unit(_code(lines[start + 1 : number - 1], indent), start, number, indent, is_code=True))
        elif line.strip():
            while number < len(lines) and lines[number].strip() and not _stands_alone(line, lines[number]):
                number += 1
            found.append(Unit(flat(" ".join(lines[start:number])), start, number, indent))
    return found


def flat(text: str) -> str:
    """A line as people read it: no escapes, no padding, every item of a list the first one."""
    line = " ".join(text.split())
    if line.startswith("|"):
        line = re.sub(r" *(?<!\\)\| *", "|", line)
        line = re.sub(r":?-{3,}:?", "---", line) if not re.search(r"[^|:\- ]", line) else line
    line = re.sub(r"^(#{1,6} )?\d{1,9}[.)] ", r"\g<1>1. ", line)
    return _ESCAPED.sub(r"\1", re.sub(r"^[*+] ", "- ", line))


def _stands_alone(above: str, line: str) -> bool:
    return above.lstrip().startswith(("#", "|", "<!--")) or _BEGINS.match(line) is not None


def _closing(lines: Sequence[str], number: int, fence: str) -> int:
    """The number of the line behind the one that closes a fence; behind the last one where nothing does."""
    while number < len(lines):
        number += 1
        if lines[number - 1].strip().startswith(fence) and not lines[number - 1].strip().strip(fence[0]):
            return number
    return number


def _code(lines: Sequence[str], indent: int) -> str:
    return "\n".join(line[min(indent, len(line) - len(line.lstrip(" "))) :].rstrip() for line in lines)
