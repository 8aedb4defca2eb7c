"""A severity pages fewer people than before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.runbook.model import Runbook

SLUG: Final = "paging-thinned"
SEVERITY: Final[Severity] = "warning"


def compare(subject: Subject, before: Runbook) -> Iterator[Found]:
    """A level of both versions that lost somebody whom it paged."""
    for level in subject.book.levels:
        earlier = before.level(level.name)
        lost = [role for role in earlier.page if role not in level.page] if earlier else []
        if lost:
            message = f"{level.name} no longer pages {', '.join(f'`{role}`' for role in lost)}"
            yield Found((*level.route, "page"), message, "Page them again, or say in the review who comes instead.")
