"""Whether anything was lost: every line that says something stands in the draft, with all its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from incidentctl.runbook.markdown.blocks import Document, Place
from incidentctl.runbook.markdown.commands import SHELLS
from incidentctl.runbook.markdown.draft import Draft

_MARKER: Final = re.compile(r"^\s*(?:(?:>|[-*+]|\d{1,9}[.)])\s+)*(?:\[[ xX]\]\s+)?")
_FENCE: Final = re.compile(r"^[\s>]*(?:`{3,}|~{3,})\s*([\w!-]*)\s*$")
Claim = tuple[Place, Sequence[str]]


def lost_lines(draft: Draft, document: Document) -> list[int]:
    """The lines of `document`, from 0, that hold a word which nothing in `draft` that came from there holds.

    Marks of lists, fences with the name of a shell, and lines of nothing but markup say nothing by themselves.
    """
    return lost(document, [*_claims(draft)])


def lost(document: Document, claims: Sequence[Claim]) -> list[int]:
    """The same, for texts that each say which lines they stand for."""
    kept: list[list[set[str]]] = [[] for _ in document.lines]
    said: dict[Place, set[str]] = {}  # the rows of a long table may all claim all of its lines
    for place, texts in claims:
        if place.file == document.file:
            said.setdefault(place, set()).update(word for text in texts for word in words_of(text))
    for place, words in said.items():
        for number in range(place.start, min(place.end, len(kept))):
            kept[number].append(words)
    return [number for number, line in enumerate(document.lines) if not _stand_in(said_by(line), kept[number])]


def _stand_in(words: set[str], texts: Sequence[set[str]]) -> bool:
    return all(any(word in one for one in texts) for word in words)


def said_by(line: str) -> set[str]:
    """The words that have to arrive somewhere."""
    fence = _FENCE.match(line)
    if not line.strip() or (fence and fence[1].casefold() in SHELLS):
        return set()
    return set(words_of(_MARKER.sub("", line))) or set(words_of(line))


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters; of a text that has none, its signs, unless they are only markup."""
    words = re.findall(r"[^\W_]+", text.casefold())
    signs = re.findall(r"[^\w\s`~=*+:|#>.<\[\](){}\\,;!?'\"/&@%^$-]", text)
    return [*words, *signs]


def _claims(draft: Draft) -> Iterator[Claim]:
    for step in draft.steps():
        yield step.at, step.texts
    for part in (*draft.head, *draft.parts):
        yield part.at, part.texts
    for comment in draft.comments:
        yield comment.at, (comment.text,)
