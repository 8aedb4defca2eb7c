"""The comments of a YAML text.  A `#` in quotes or in a block of text is none, and the tokens say which are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

import yaml

from incidentctl.record import record

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


def comments(text: str, word: str) -> list[Comment]:
    """The comments that hold `word`, in their order; of a text that is not YAML those before it breaks off."""
    if word not in text:
        return []
    scalars = list(_scalars(text))
    starts = [start for start, _ in scalars]
    found, offset = [], 0
    for number, (line, end) in enumerate(_lines_and_ends(text), 1):
        for match in re.finditer(r"(?:^|(?<=[ \t]))#", line) if word in line else ():
            place = bisect_right(starts, offset + match.start()) - 1
            if place < 0 or offset + match.start() >= scalars[place][1]:
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


def _scalars(text: str) -> Iterator[tuple[int, int]]:
    """Where texts begin and end.  A block begins behind its first line: `run: >-  # a comment may stand here`."""
    try:
        for token in yaml.scan(text, Loader=_Loader):
            if isinstance(token, yaml.ScalarToken):
                start, end = token.start_mark.index, token.end_mark.index
                if token.style in ("|", ">"):
                    header = LINE_BREAK.search(text, start)
                    start = header.end() if header else end
                yield start, end
    except yaml.YAMLError:
        return
