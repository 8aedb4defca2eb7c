"""Nothing says when the runbook was last read with care."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject

SLUG: Final = "missing-reviewed"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """There is no `reviewed`.  One that is not a date is a mistake of another kind."""
    if subject.book.reviewed is None and not subject.written(("reviewed",)):
        hint = f"Read it once with care and write `reviewed: {subject.today}`."
        yield Found((), "no `reviewed` says how old this runbook is", hint, On.LACK, (("reviewed",),))
