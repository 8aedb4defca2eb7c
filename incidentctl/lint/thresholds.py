"""The numbers at which the levels of severity begin, so that they can be compared with each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from incidentctl.lint.interface import Subject, once
from incidentctl.record import record
from incidentctl.runbook.model import Condition, Level, Route

_MANY: Final = 200  # a severity is read by people: beyond so many thresholds, comparing all pairs would only cost time


@record
class Threshold:
    """A condition that a number decides: `number` in the signal's unit, or a multiple where no baseline is known."""

    level: Level
    condition: Condition
    number: float
    is_multiple: bool

    @property
    def upwards(self) -> bool:
        """Whether it holds for all that is above the number."""
        return (self.condition.operator or "").startswith(">")

    @property
    def said(self) -> str:
        """The condition and its level, for a message."""
        return f"`{self.condition.text}` of `{self.level.name}`"


def pairs(subject: Subject) -> Iterator[tuple[Threshold, Threshold]]:
    """Every two thresholds that compare the same thing, that of the higher level first."""
    for one, other in combinations(_thresholds(subject)[:_MANY], 2):
        if one.condition.signal == other.condition.signal and one.is_multiple == other.is_multiple:
            yield one, other


@once
def _thresholds(subject: Subject) -> Iterator[Threshold]:
    for level in subject.book.levels:
        for condition in level.when:
            if condition.operator:
                signal = subject.book.signals.get(condition.signal)
                baseline = signal.baseline if signal and condition.times_baseline else None
                is_multiple = condition.times_baseline and baseline is None
                yield Threshold(level, condition, condition.number * (1 if baseline is None else baseline), is_multiple)


def written_one(subject: Subject, lower: Route, higher: Route) -> Route:
    """Where a finding about two places stands: on the lower level's, if that is not the built-in runbook's."""
    return higher if subject.written(higher) and not subject.written(lower) else lower
