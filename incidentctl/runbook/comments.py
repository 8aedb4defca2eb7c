"""The comments of a YAML text.  A `#` in quotes or in a block of text is none, and the tokens say which are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

import yaml

from incidentctl.record import record
from incidentctl.runbook.nodes import ScalarNode

LINE_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What the YAML parser counts as the end of a line."""
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@record
class Comment:
    """A comment: its text behind the `#`, and the place of the `#`; lines and columns count from 1.

    `alone`: nothing else stands on the line.
    """

    text: str
    line: int
    column: int
    alone: bool


def lines_of(text: str) -> list[str]:
    """The lines as the parser counts them, without their ends."""
    return LINE_BREAK.split(text)


def comments(text: str, word: str, scalars: Iterable[ScalarNode] | None = None) -> list[Comment]:
    """The comments that hold `word`, in their order; of a text that is not YAML those before it breaks off.

    `scalars` are those of the text (`Source`), where somebody knows them already.
    """
    if word not in text:
        return []
    spans = list(_scanned(text) if scalars is None else _spans(text, scalars))
    starts = [start for start, _ in spans]
    found, offset = [], 0
    for number, (line, end) in enumerate(_lines_and_ends(text), 1):
        for match in re.finditer(r"(?:^|(?<=[ \t]))#", line) if word in line else ():
            place = bisect_right(starts, offset + match.start()) - 1
            if place < 0 or offset + match.start() >= spans[place][1]:
                said = line[match.end() :]
                if word in said:
                    found.append(Comment(said, number, match.start() + 1, alone=not line[: match.start()].strip()))
                break
        offset += len(line) + len(end)
    return found


def _lines_and_ends(text: str) -> Iterator[tuple[str, str]]:
    start = 0
    for match in LINE_BREAK.finditer(text):
        yield text[start : match.start()], match[0]
        start = match.end()
    yield text[start:], ""


def _scanned(text: str) -> Iterator[tuple[int, int]]:
    """Where texts begin and end."""
    try:
        for token in yaml.scan(text, Loader=_Loader):
            if isinstance(token, yaml.ScalarToken):
                is_block = token.style in ("|", ">")
                yield _span(text, token.start_mark.index, token.end_mark.index, is_block=is_block)
    except yaml.YAMLError:
        return


def _spans(text: str, scalars: Iterable[ScalarNode]) -> Iterator[tuple[int, int]]:
    """The same, of those that are known."""
    for one in scalars:
        if not one.is_empty:
            is_block = one.quoted and text[one.start.index] in "|>"
            yield _span(text, one.start.index, one.end.index, is_block=is_block)


def _span(text: str, start: int, end: int, *, is_block: bool) -> tuple[int, int]:
    """A block begins behind its first line: `run: >-  # a comment may stand here`."""
    header = LINE_BREAK.search(text, start) if is_block else None
    if header is None:
        return (end if is_block else start), end
    return header.end(), end
