"""A step has another id than before, so that journals and answers files no longer find it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.runbook.model import ListStep, Runbook, TreeStep, steps_below

SLUG: Final = "id-renamed"
SEVERITY: Final[Severity] = "warning"


def compare(subject: Subject, before: Runbook) -> Iterator[Found]:
    """A step with the text of an earlier one whose id is gone."""
    old, new = _steps(before), _steps(subject.book)
    here, known = {step.id for step in new}, {step.id for step in old}
    gone = {step.text: step.id for step in old if step.id not in here}
    for step in new:
        if step.id not in known and step.text in gone:
            message = f"`{gone[step.text]}` is called `{step.id}` now, and earlier incidents know it by its old name"
            yield Found((*step.route, "id"), message, f"Write `id: {gone[step.text]}`.")


def _steps(book: Runbook) -> list[TreeStep | ListStep]:
    return [*book.first_minutes, *steps_below(book.tree), *book.all_clear.checklist]
