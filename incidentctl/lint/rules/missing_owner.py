"""The runbook belongs to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject

SLUG: Final = "missing-owner"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """There is no `owner`."""
    if not subject.book.owner:
        hint = "Write the team that keeps it true: `owner: team-checkout`."
        yield Found((), "nobody owns this runbook", hint, On.LACK, (("owner",),))
