"""Names of services and files: where the runbooks are, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

DIRECTORY: Final = "runbooks"
_ALIKE: Final = 0.6
_ENOUGH: Final = 1000  # more than there are time zones, and few enough to compare with at once


def find_directory(explicit: Path | None, start: Path) -> Path | None:
    """The directory of runbooks: the one that was named, else `runbooks/` in `start` or the nearest parent."""
    if explicit is not None:
        return explicit
    here = start.absolute()
    return next((place / DIRECTORY for place in (here, *here.parents) if (place / DIRECTORY).is_dir()), None)


def near(word: str, words: Iterable[str], count: int = 3) -> list[str]:
    """Those of `words` that look like `word`, the nearest first, at most `count`."""
    from difflib import get_close_matches  # only where something is misspelt: the import takes milliseconds

    folded = {known.casefold(): known for known in islice(words, _ENOUGH)}
    meant = word.casefold()[:100]
    return [folded[match] for match in get_close_matches(meant, _may_be_near(meant, folded), count, _ALIKE)]


def _may_be_near(word: str, words: Iterable[str]) -> list[str]:
    """Those that share enough letters with `word` at all: most are told apart in a hundredth of the time."""
    possible = [known for known in words if "\n" not in known]
    letters = dict.fromkeys(ord(letter) for letter in word if letter != "\n")
    others = "\n".join(possible).translate(letters).split("\n")  # one call for all is faster than one for each
    pairs = zip(possible, others, strict=False)  # of no words there is one empty rest
    return [known for known, rest in pairs if 2 * (len(known) - len(rest)) >= _ALIKE * (len(word) + len(known))]


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """`Did you mean `runbook`?`, or an empty text where nothing is near."""
    matches = near(word, words, 1)
    return f"Did you mean `{matches[0]}`?" if matches else ""
