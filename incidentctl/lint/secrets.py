"""Findings without the secrets of the files they are about: a CI log is read by more people than the file.

A message may quote a value without the key that gives it away, or only the beginning of it.  So what is hidden in the
whole file is looked for in every message, besides what gives itself away there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from incidentctl.lint.finding import Finding
from incidentctl.runbook.decode_steps import slug
from incidentctl.runbook.load import RunbookText
from incidentctl.text.redact import REDACTED, redact

_SHORTEST: Final = 5
"""Characters of a secret by which it is known; fewer may stand in any word."""
_PLACEHOLDERS: Final = ("<", "your", "$", "{")
Part = tuple[int, int]
"""Where something hidden begins in its line, and where it ends."""


def without_secrets(findings: Iterable[Finding], texts: Iterable[RunbookText]) -> list[Finding]:
    """The same findings, with `<redacted>` in their words for every secret of the file they are in, one of `texts`."""
    known = {text.name: text.text for text in texts}
    return [_told(one, secrets_in(known.get(one.file, ""))) for one in findings]


def _told(finding: Finding, known: Sequence[str]) -> Finding:
    words = (finding.message, finding.hint, finding.path)
    message, hint, path = (_without(redact(text), known) for text in words)
    return finding if (message, hint, path) == words else replace(finding, message=message, hint=hint, path=path)


def _without(text: str, known: Sequence[str]) -> str:
    for secret in known:
        if secret[:_SHORTEST] in text:
            # A message that quotes much is cut off, and so may be the secret.
            end = next(end for end in range(len(secret), 0, -1) if secret[:end] in text)
            text = text.replace(secret[:end], REDACTED)
    return text


@lru_cache(maxsize=8)
def secrets_in(text: str) -> tuple[str, ...]:
    """What redaction takes out of `text`, as it is and as it stands in an id, the longest first."""
    lines = zip(text.split("\n"), redact(text).split("\n"), strict=False)
    parts = ((line, part) for line, shown in lines if line != shown for part in _from_left(line, shown))
    found = {line[start:end].strip("\r\"' ") for line, (start, end) in parts}
    secrets = [one for one in found if len(one) >= _SHORTEST and not one.casefold().startswith(_PLACEHOLDERS)]
    # A step without an id gets one that is made of its text, and a secret in it is then written in small letters.
    as_ids = (name for name in map(slug, secrets) if len(name) >= _SHORTEST)
    return tuple(sorted({*secrets, *as_ids}, key=len, reverse=True))


def shown_columns(line: str, shown: str, start: int, end: int) -> tuple[int, int] | None:
    """Where `line[start:end]` stands in `shown`, the same line redacted; None where that cannot be said for sure.

    What was hidden only in part becomes the whole of its `<redacted>`.
    """
    parts = _from_left(line, shown)
    if parts != _from_right(line, shown):
        return None
    if not parts:
        return (start, end) if line == shown else None
    return _moved(start, parts, 0), _moved(end, parts, len(REDACTED))


def _moved(column: int, parts: Sequence[Part], edge: int) -> int:
    """The column behind all that was hidden before it; within a hidden part the edge of its `<redacted>`."""
    shift = 0
    for start, end in parts:
        if column <= start if edge else column < start:
            break
        if column < end:
            return start + shift + edge
        shift += len(REDACTED) - (end - start)
    return column + shift


def _from_left(line: str, shown: str) -> list[Part]:
    """The parts of `line` that are hidden in `shown`, each as short as it can be."""
    parts, end = [], 0
    for before, behind in pairwise(shown.split(REDACTED)):
        start = end + len(before)
        end = line.find(behind, start + 1) if behind else len(line)
        if end < 0:
            break
        parts.append((start, end))
    return parts


def _from_right(line: str, shown: str) -> list[Part]:
    """The same, looked for from the other end: where a secret holds what stands behind it, the two differ."""
    size = len(line)
    mirrored = _from_left(line[::-1], REDACTED.join(piece[::-1] for piece in reversed(shown.split(REDACTED))))
    return [(size - end, size - start) for start, end in reversed(mirrored)]
