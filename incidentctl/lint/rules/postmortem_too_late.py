"""The post-mortem is due more than 48 hours after the all clear."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject

SLUG: Final = "postmortem-too-late"
SEVERITY: Final[Severity] = "warning"

_LATEST: Final = timedelta(hours=48)


def check(subject: Subject) -> Iterator[Found]:
    """A `due` of more than 48 h (P-CLEAR-4)."""
    if subject.book.postmortem_due > _LATEST:
        hint = "Write `due: 48 h`: after two days the details are gone."
        yield Found(("postmortem", "due"), "the post-mortem is due later than 48 h after the all clear", hint)
