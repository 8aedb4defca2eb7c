"""What is wrong only because something else is: `takes: 5` cannot be read, so the step has no duration.

Whoever mends the one mends the other, so the other is not told.  Nothing is left out because it is merely near: a part
is *lost* where reading the file said why, and a finding follows from that only if it is about that part, or about the
lack of it (`Found.lacks`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from incidentctl.lint.interface import Found
from incidentctl.runbook.model import Route
from incidentctl.runbook.source import Problem

_UNREAD: Final = ("wrong-type", "bad-value", "bare-number", "unit-mismatch", "unknown-signal")
_UNUSED: Final = ("unknown-use", "wrong-type", "missing-key")
_NO_STEP: Final = ("unknown-key", "conflicting-keys")


def independent(problems: Sequence[Problem], remarks: Iterable[Problem]) -> tuple[list[Problem], list[Problem]]:
    """Both without those that only say again that a part of another problem is not there."""
    first = {route for one in problems if (route := _unread(one))}
    left = [one for one in problems if not _says_again(one, first)]
    return left, [one for one in remarks if not _says_again(one, first)]


def lost_parts(problems: Iterable[Problem]) -> frozenset[tuple[str, Route]]:
    """The file and the route of what nobody could read: in the runbook it is as though it had not been written.

    Without a file: what was meant by a misspelt key, where the key itself is there too, perhaps in another file.
    """
    parts = set()
    for one in problems:
        if route := _unread(one) or _lacking(one):
            parts.add((one.file, route))
        elif one.slug == "unknown-key" and (meant := _meant(one)):
            parts.add(("", (*one.route[:-1], meant)))
    return frozenset(parts)


def follows(found: Found, file: str, lost: Collection[tuple[str, Route]]) -> bool:
    """Whether a rule's finding in `file` is about a part of it that is lost, or about the lack of one, of any file."""
    if any(where == file and _holds(part, found.route) for where, part in lost):
        return True
    return any(_holds(part, route) or _could_be(part, route) for route in found.lacks for _, part in lost)


def _unread(problem: Problem) -> Route:
    """The part that was written, and was not understood; empty where it was."""
    route, slug = problem.route, problem.slug
    if not route:
        return ()
    if slug in _UNUSED and route[-1] == "use":
        return route[:-1]  # the step that was to be used
    if slug in _UNREAD or (slug in _NO_STEP and _is_item(route)) or _is_nameless(problem):
        return route
    return (*route[:-1], problem.fix) if slug == "unknown-key" and problem.fix else ()


def _is_nameless(problem: Problem) -> bool:
    """Whether an item of a list does not say what it is; where it only lacks a key, the message ends with that."""
    return problem.slug == "missing-key" and _is_item(problem.route) and not problem.message.endswith("`")


def _lacking(problem: Problem) -> Route:
    """The part that a mapping needs and has not, or has with nothing behind it; empty where it is no such problem."""
    if problem.slug == "missing-id":
        return (*problem.route, "id")
    if problem.slug != "missing-key" or not problem.route:
        return ()
    needs, _, key = problem.message.rpartition("needs `")
    key = key.rstrip("`")
    return (*problem.route, key) if needs and key != problem.route[-1] else problem.route


def _says_again(problem: Problem, lost: Collection[Route]) -> bool:
    if problem.slug == "unknown-signal":
        return ("signals",) in lost
    if _is_nameless(problem):
        return any(part[:-1] == problem.route for part in lost)
    lacking = _lacking(problem)
    return bool(lacking) and lacking in lost and _unread(problem) != lacking


def _meant(problem: Problem) -> str:
    """The key that the hint of an unknown one names."""
    found = re.fullmatch(r"Did you mean `(.+)`\?", problem.hint)
    return found[1] if found else ""


def _is_item(route: Route) -> bool:
    return bool(route) and isinstance(route[-1], int)


def _holds(part: Route, route: Route) -> bool:
    """Whether `route` is `part`, or stands below it."""
    return route[: len(part)] == part


def _could_be(part: Route, lacking: Route) -> bool:
    """Whether what is `lacking` may be `part`, which stands below: a whole step of a list, a key of a mapping.

    A value somewhere inside of a step is neither: the step itself was read.
    """
    below = part[len(lacking) :]
    return _holds(lacking, part) and (_is_item(part) or all(isinstance(one, str) for one in below))
