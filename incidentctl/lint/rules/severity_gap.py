"""The numbers of two levels do not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.thresholds import Threshold, pairs, written_one
from incidentctl.runbook.quantities import WELL_KNOWN_UNITS

SLUG: Final = "severity-gap"
SEVERITY: Final[Severity] = "error"
_HINT: Final = "Levels are tried from the highest down, so write where each begins: `error_rate > 5%`, then `>= 0.5%`."


def check(subject: Subject) -> Iterator[Found]:
    """Two conditions on one signal that look in opposite directions, and so always hold or leave something out."""
    for higher, lower in pairs(subject):
        wrong = _what_is_wrong(higher, lower)
        if wrong:
            route = written_one(subject, lower.condition.route, higher.condition.route)
            yield Found(route, f"{lower.said} does not fit {higher.said}: {wrong}", _HINT)


def _what_is_wrong(higher: Threshold, lower: Threshold) -> str:
    if higher.upwards == lower.upwards:
        return ""
    up, down = (higher, lower) if higher.upwards else (lower, higher)
    if up.number < down.number or (up.number == down.number and "=" in _operators(up, down)):
        return "one of them always holds, also when all is well"
    if up.number == down.number:
        return "one of them always holds, but for exactly that number"
    # Too much and too little can both be wrong (of requests, say), but not of errors and waiting.
    if higher.condition.signal in WELL_KNOWN_UNITS:
        return "between them lies what neither takes, and the smallest numbers are taken"
    return ""


def _operators(one: Threshold, other: Threshold) -> str:
    return f"{one.condition.operator}{other.condition.operator}"
