"""The comments of a YAML text.  A `#` in quotes or in a block of text is none, and the tokens say which are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

import yaml

from incidentctl.record import record
from incidentctl.runbook.nodes import ScalarNode

LINE_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What the YAML parser counts as the end of a line."""
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_SIGN: Final = re.compile(r"(?:^|(?<=[ \t]))#")
_Span = tuple[int, int]
"""Where a text begins, and where it has ended."""


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


def comments(text: str, word: str, scalars: Sequence[ScalarNode] | None = None) -> list[Comment]:
    """The comments that hold `word`, in their order; of a text that is not YAML those before it breaks off.

    `scalars` are those of the text (`Source`), where somebody knows them already.
    """
    if word not in text:
        return []
    scanned = list(_scanned(text)) if scalars is None else []
    span = scanned.__getitem__ if scalars is None else partial(_known, text, scalars)
    count = len(scanned if scalars is None else scalars)
    found = []
    for number, start, line in _lines_with(word, text):
        for match in _SIGN.finditer(line):
            if not _is_inside(start + match.start(), count, span):
                said = line[match.end() :]
                if word in said:
                    found.append(Comment(said, number, match.start() + 1, alone=not line[: match.start()].strip()))
                break
    return found


def _lines_with(word: str, text: str) -> Iterator[tuple[int, int, str]]:
    """The number of each line that holds `word`, where it begins, and the line."""
    number, stop = 1, 0
    while (place := text.find(word, stop)) >= 0:
        *above, begun = lines_of(text[stop:place])
        number += len(above)
        start = place - len(begun)
        end = LINE_BREAK.search(text, place)
        stop = end.start() if end is not None else len(text)
        yield number, start, text[start:stop]


def _is_inside(place: int, count: int, span: Callable[[int], _Span]) -> bool:
    """Whether one of so many spans, which are in order, covers the `place`; of hundreds only few are asked for."""
    number = bisect_right(range(count), place, key=lambda one: span(one)[0]) - 1
    return number >= 0 and place < span(number)[1]


def _known(text: str, scalars: Sequence[ScalarNode], number: int) -> _Span:
    """Where a text that is known begins and ends."""
    one = scalars[number]
    is_block = one.quoted and text[one.start.index] in "|>"
    return _span(text, one.start.index, one.end.index, is_block=is_block)


def _scanned(text: str) -> Iterator[_Span]:
    """Where texts begin and end."""
    try:
        for token in yaml.scan(text, Loader=_Loader):
            if isinstance(token, yaml.ScalarToken):
                is_block = token.style in ("|", ">")
                yield _span(text, token.start_mark.index, token.end_mark.index, is_block=is_block)
    except yaml.YAMLError:
        return


def _span(text: str, start: int, end: int, *, is_block: bool) -> _Span:
    """A block begins behind its first line: `run: >-  # a comment may stand here`."""
    header = LINE_BREAK.search(text, start) if is_block else None
    if header is None:
        return (end if is_block else start), end
    return header.end(), end
