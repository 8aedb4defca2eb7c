"""A question that the tree asked before is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject
from incidentctl.runbook.model import Omitted, Question, Runbook, steps_below

SLUG: Final = "question-removed"
SEVERITY: Final[Severity] = "warning"


def compare(subject: Subject, before: Runbook) -> Iterator[Found]:
    """A question of `before` of which neither id nor text is left; one omitted with its reason is not gone."""
    now = [step for step in steps_below(subject.book.tree) if isinstance(step, Question | Omitted)]
    left = {step.id for step in now} | {step.text for step in now}
    for step in steps_below(before.tree):
        if isinstance(step, Question) and step.id not in left and step.text not in left:
            message = f"the question `{step.id}` is no longer asked"
            hint = "Put it back, or say in the review why nobody needs its answer at 3 AM."
            yield Found(("decision_tree",), message, hint, On.KEY)
