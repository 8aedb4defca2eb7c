"""Customers wait longer for the next update than the process allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject

SLUG: Final = "cadence-too-slow"
SEVERITY: Final[Severity] = "warning"
SLOWEST: Final = (timedelta(minutes=30), timedelta(minutes=60))
"""Of the highest level and of the next; the process asks nothing of those below."""


def check(subject: Subject) -> Iterator[Found]:
    """More than 30 min at the highest level or 60 min at the next (P-COMMS-1), or no updates at the highest."""
    for level, slowest in zip(subject.book.levels, SLOWEST, strict=False):
        minutes = slowest // timedelta(minutes=1)
        hint = f"Write `update_every: {minutes} min` or less: silence is the only wrong answer (P-COMMS-2)."
        if level.update_every is None and level == subject.book.levels[0] and level.tree:
            lacks = ((*level.route, "update_every"),)
            yield Found(level.route, f"at `{level.name}` nobody is ever told anything", hint, On.LACK, lacks)
        elif level.update_every is not None and level.update_every > slowest:
            message = f"at `{level.name}` updates are due every {minutes} min at the latest"
            yield Found((*level.route, "update_every"), message, hint)
