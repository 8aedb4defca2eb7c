"""Nobody has read the runbook with care for half a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject

SLUG: Final = "stale-review"
SEVERITY: Final[Severity] = "warning"
LONGEST: Final = timedelta(days=180)


def check(subject: Subject) -> Iterator[Found]:
    """`reviewed` lies more than 180 days back."""
    reviewed = subject.book.reviewed
    if reviewed is not None and subject.today - reviewed > LONGEST:
        message = f"the last review was {(subject.today - reviewed).days} days ago"
        yield Found(("reviewed",), message, "Read it once with care, try its commands, and write today's date.")
