"""A condition multiplies a baseline that nobody wrote down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject, questions
from incidentctl.runbook.model import Signal

SLUG: Final = "missing-baseline"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """A signal that is compared with `Nx baseline` and has none, each signal once."""
    compared = dict.fromkeys((*_in_levels(subject), *_in_checks(subject)))
    for name in compared:
        signal = subject.book.signals.get(name)
        if signal and not signal.baseline and not _is_misread(signal, subject):
            message = f"`{name}` is compared with its baseline, and has none"
            lacks = ((*signal.route, "baseline"),)
            yield Found(signal.route, message, "Add what is normal: `baseline: 180 ms`.", On.LACK, lacks)


def _in_levels(subject: Subject) -> list[str]:
    return [one.signal for level in subject.book.levels for one in level.when if one.times_baseline]


def _in_checks(subject: Subject) -> list[str]:
    checks = (check for question in questions(subject) for check in question.checks if check.kind == "signal")
    texts = (check.values.get("", "") for check in checks)
    return [text.split("<")[0].split(">")[0].strip() for text in texts if text.casefold().endswith("baseline")]


def _is_misread(signal: Signal, subject: Subject) -> bool:
    """A baseline was written and is no number: another rule says so."""
    return signal.baseline is None and subject.written((*signal.route, "baseline"))
