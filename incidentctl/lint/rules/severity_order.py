"""A level is never reached, because a higher one takes it first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.thresholds import pairs, written_one

SLUG: Final = "severity-order"
SEVERITY: Final[Severity] = "error"
_HINT: Final = "Levels are ordered as they are written, the highest first."


def check(subject: Subject) -> Iterator[Found]:
    """Conditions that a higher level always takes, and levels that are more urgent than the one above them."""
    return chain(_numbers(subject), _words(subject), _cadences(subject))


def _numbers(subject: Subject) -> Iterator[Found]:
    for higher, lower in pairs(subject):
        beyond = lower.number >= higher.number if higher.upwards else lower.number <= higher.number
        if higher.level != lower.level and higher.upwards == lower.upwards and beyond:
            route = written_one(subject, lower.condition.route, higher.condition.route)
            yield Found(route, f"{lower.said} never decides: {higher.said} takes it first", _HINT)


def _words(subject: Subject) -> Iterator[Found]:
    taken: dict[str, str] = {}
    for level in subject.book.levels:
        for condition in level.when:
            higher = taken.setdefault(condition.text.casefold(), level.name)
            if higher != level.name and not condition.operator:
                message = f"`{condition.text}` of `{level.name}` never decides: `{higher}` has it too"
                yield Found(condition.route, message, _HINT)


def _cadences(subject: Subject) -> Iterator[Found]:
    told = [level for level in subject.book.levels if level.update_every]
    for higher, lower in pairwise(told):
        if higher.update_every and lower.update_every and lower.update_every < higher.update_every:
            ways = ((*level.route, "update_every") for level in (lower, higher))
            message = f"customers hear of `{lower.name}` more often than of `{higher.name}` above it"
            yield Found(written_one(subject, *ways), message, _HINT)
