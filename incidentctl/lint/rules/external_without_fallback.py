"""An external dependency is named without what to switch to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject, questions
from incidentctl.runbook.model import Question

SLUG: Final = "external-without-fallback"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """An `external` without `fallback`, unless the runbook's own steps follow a yes to the question (P-TREE-3)."""
    if any(_has_own_steps(question) for question in questions(subject)):
        return
    for external in subject.book.externals:
        if not external.fallback:
            hint = "Add `fallback` with an `action`, or with a `note` that says what to tell people while you wait."
            lacks = ((*external.route, "fallback"),)
            yield Found(external.route, f"`{external.name}` has no fallback", hint, On.LACK, lacks)


def _has_own_steps(question: Question) -> bool:
    """Whether something other than the externals' own steps follows a yes."""
    is_it = question.id == "external-dependency"
    return is_it and any(step.route[:1] != ("depends_on",) for step in question.if_yes)
