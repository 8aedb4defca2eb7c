"""An input is asked for, and no command uses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject, actions
from incidentctl.lint.shell import input_name, inputs
from incidentctl.runbook.find import did_you_mean

SLUG: Final = "unused-input"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """A key of `needs` that stands in none of the step's commands: a question that costs time for nothing."""
    for action in actions(subject):
        checks = (check for check in (action.end_queries, action.http) if check is not None)
        texts = (action.run, action.undo, *(text for check in checks for text in check.values.values()))
        used = {input_name(written) for text in texts for written in inputs(text)}
        for need in action.needs:
            if need.name not in used:
                hint = did_you_mean(need.name, used - {other.name for other in action.needs})
                message = f"the input `{need.name}` is asked for and not used"
                route = (*action.route, "needs", need.name)
                lacks = tuple((*action.route, key) for key in ("run", "undo", "end_queries", "http"))
                yield Found(route, message, hint or "Remove it, or use it.", On.KEY, lacks)
