"""Something else is asked or done before the question about a recent deploy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, questions
from incidentctl.runbook.model import Action, Question

SLUG: Final = "deploy-not-first"
SEVERITY: Final[Severity] = "warning"

_DEPLOY: Final = "recent-deploy"


def check(subject: Subject) -> Iterator[Found]:
    """The deploy question behind another question or an action (P-TREE-1); notes before it are fine."""
    first = next((step for step in subject.book.tree if isinstance(step, Question | Action)), None)
    for question in questions(subject):
        if question.id == _DEPLOY and first is not None and first.id != _DEPLOY:
            message = f"`{first.id}` comes before the question about a recent deploy"
            yield Found(
                question.route, message, "Ask it first: a change is the likeliest cause, and quick to take back."
            )
