"""A recent deploy is answered with yes, and there is nothing to roll back with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, questions
from incidentctl.runbook.model import Action, steps_below

SLUG: Final = "no-rollback"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """The deploy question without a rollback anywhere under its yes (P-TREE-1, P-ROLL-2)."""
    for question in questions(subject):
        below = steps_below(question.if_yes)
        if question.id == "recent-deploy" and not any(
            isinstance(step, Action) and step.kind == "rollback" for step in below
        ):
            hint = "Add under `if_yes`: `- rollback: Roll back the last deploy` with its `run` and `takes`."
            lacks = ((*question.route, "if_yes"),)
            yield Found(question.route, "nothing rolls the last deploy back", hint, lacks=lacks)
