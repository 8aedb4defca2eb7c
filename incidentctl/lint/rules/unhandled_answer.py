"""A question is answered with yes, and the runbook does not say what then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject, questions
from incidentctl.runbook.model import Omitted

SLUG: Final = "unhandled-answer"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """A yes without an action, a question or a note (P-TREE-5).  A no goes on with the next question."""
    for question in questions(subject):
        # Of an external without a fallback another rule speaks.
        of_external = question.route[:1] == ("depends_on",) or (
            question.id == "external-dependency" and subject.book.externals
        )
        if not of_external and all(isinstance(step, Omitted) for step in question.if_yes):
            hint = "Add `if_yes` with an `action`, a `rollback`, another `ask`, or a `note` that says whom to call."
            lacks = ((*question.route, "if_yes"),)
            yield Found(question.route, f"a yes to `{question.id}` leads nowhere", hint, On.LACK, lacks)
