"""The date of the last review has not come yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject

SLUG: Final = "future-date"
SEVERITY: Final[Severity] = "error"
_DATE_LINE: Final = timedelta(days=1)  # it is tomorrow already where the author is


def check(subject: Subject) -> Iterator[Found]:
    """`reviewed` is later than tomorrow."""
    reviewed = subject.book.reviewed
    if reviewed is not None and reviewed - subject.today > _DATE_LINE:
        hint = "Write the day on which somebody last read the runbook with care."
        yield Found(("reviewed",), f"`{reviewed}` lies in the future", hint)
