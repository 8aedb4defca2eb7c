"""A rollback takes so long that rolling back is no longer the default."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, actions

SLUG: Final = "rollback-too-long"
SEVERITY: Final[Severity] = "warning"

_LIMIT: Final = timedelta(minutes=30)


def check(subject: Subject) -> Iterator[Found]:
    """A rollback that `takes` 30 minutes or more (P-ROLL-2)."""
    for action in actions(subject):
        if action.kind == "rollback" and action.takes is not None and action.takes >= _LIMIT:
            hint = "Find a quicker way back (the last image, a flag, traffic to the old version) and name it first."
            yield Found((*action.route, "takes"), "a rollback that takes 30 minutes or more comes too late", hint)
