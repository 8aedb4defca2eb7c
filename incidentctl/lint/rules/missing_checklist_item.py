"""The checklist of the all clear leaves something out, and nobody said why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject
from incidentctl.runbook.model import Item, Omitted

SLUG: Final = "missing-checklist-item"
SEVERITY: Final[Severity] = "warning"

_FOUR: Final = ("customers-told", "summary-posted", "post-mortem", "review-booked")


def check(subject: Subject) -> Iterator[Found]:
    """Each of the four built-in items that is neither on the checklist nor omitted with a reason (P-CLEAR-2)."""
    there = {step.id for step in subject.book.all_clear.checklist if isinstance(step, Item | Omitted)}
    for name in _FOUR:
        if name not in there:
            hint = f"Add `- use: {name}`, or say why not: `- {{use: {name}, omit: REASON}}`."
            list_ = ("all_clear", "checklist")
            yield Found(list_, f"the checklist has no `{name}`", hint, On.KEY, lacks=(list_,))
