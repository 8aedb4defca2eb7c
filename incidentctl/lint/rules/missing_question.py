"""One of the four questions is not asked, and nobody said why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject
from incidentctl.runbook.model import FOUR_QUESTIONS, Omitted, Question, steps_below

SLUG: Final = "missing-question"
SEVERITY: Final[Severity] = "warning"

_OMIT: Final = "Add `- use: {id}`, or say why not: `- {{use: {id}, omit: REASON}}`."


def check(subject: Subject) -> Iterator[Found]:
    """Each of the four questions that is nowhere in the tree, asked or omitted (P-TREE-1 to P-TREE-4)."""
    there = {step.id for step in steps_below(subject.book.tree) if isinstance(step, Question | Omitted)}
    for name in FOUR_QUESTIONS:
        if name not in there:
            route, hint = ("decision_tree",), _OMIT.format(id=name)
            yield Found(route, f"the tree does not ask `{name}`", hint, On.KEY, lacks=(route,))
