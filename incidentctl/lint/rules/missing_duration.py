"""An action does not say how long it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject, actions

SLUG: Final = "missing-duration"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """An action or rollback of the tree without `takes` (P-ROLL-1, P-ROLL-5)."""
    for action in actions(subject):
        if action.takes is None:
            hint = "Add `takes: 5 min`: how long it took the last time, from the decision to the effect."
            lacks = ((*action.route, "takes"),)
            yield Found(action.route, f"`{action.id}` does not say how long it takes", hint, On.LACK, lacks)
