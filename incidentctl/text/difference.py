"""What changed between two texts that people send, in two short lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from incidentctl.text.escape import clean, columns, one_line

WIDTHS: Final = 55, 74
"""Columns of the two lines at most: each is one on a screen, the first with words of ours before it."""
_SAME_BETWEEN: Final = 3
"""Fewer words than these, the same in both, part no two places: whole phrases are read sooner than scattered words."""
_COMPARED: Final = 300
"""Words on each side: an update has fifty, and the time to compare grows with their product."""
_ELSEWHERE: Final = " ... "
# As `times.clock_time` writes it: `03:42 CET`, `00:12 CET on 24 November`.
_CLOCK: Final = re.compile(
    r"(?<!\d)\d{1,2}:\d\d(?!\d)(?: (?:UTC[+-]\d{2,4}|[A-Z]{2,5})\b)?(?: on \d{1,2} [A-Z][a-z]+)?"
)
_WORD: Final = re.compile(rf"\S*(?:{_CLOCK.pattern})\S*|\S+")

Place = tuple[Sequence[str], Sequence[str]]
"""What stood there, and what stands there now, in words; one of the two may be empty."""


def changes(before: str, after: str) -> tuple[str, ...]:
    """`+ what came ... and elsewhere` and `- what went`, one of them or both, cleaned, as wide as `WIDTHS`.

    Empty where nothing changed but clock times and where lines break.  ASCII stays ASCII.
    """
    old, new = _differing(_words(before), _words(after))
    places = list(_places(old[:_COMPARED], new[:_COMPARED]))
    said = _joined("+", [now for _, now in places]), _joined("-", [then for then, _ in places])
    return tuple(_short(line, width) for line, width in zip(filter(None, said), WIDTHS, strict=False))


def _joined(sign: str, phrases: Sequence[Sequence[str]]) -> str:
    said = _ELSEWHERE.join(" ".join(words) for words in phrases if words)
    return f"{sign} {said}" if said else ""


def _words(text: str) -> list[str]:
    """A clock time is one word, with its zone and its day."""
    return [found.group() for found in _WORD.finditer(" ".join(clean(text).split()))]


def _key(word: str) -> str:
    """What is compared: every clock time is the same."""
    return _CLOCK.sub("0:00", word)


def _differing(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Both without the words that they begin and end with alike."""
    start = _alike(old, new)
    old, new = old[start:], new[start:]
    end = _alike(old[::-1], new[::-1])
    return old[: len(old) - end], new[: len(new) - end]


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    pairs = zip(old, new, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if _key(one) != _key(other)), min(len(old), len(new)))


def _places(old: Sequence[str], new: Sequence[str]) -> Iterator[Place]:
    """What stands between two phrases that both have."""
    from difflib import SequenceMatcher  # wanted at an update, and not at the start

    old_at = new_at = 0
    for same in SequenceMatcher(None, [*map(_key, old)], [*map(_key, new)], autojunk=False).get_matching_blocks():
        if same.size >= _SAME_BETWEEN or same.size == 0:  # the last one is empty, at both ends
            yield old[old_at : same.a], new[new_at : same.b]
            old_at, new_at = same.a + same.size, same.b + same.size


def _short(text: str, width: int) -> str:
    # one_line() ends what it cuts in a character that is not ASCII.
    return text if columns(text) <= width else one_line(text, width - 2).rstrip(". …") + "..."
