"""The question about a recent deploy looks back less than six hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, questions

SLUG: Final = "deploy-window"
SEVERITY: Final[Severity] = "warning"

_AT_LEAST: Final = timedelta(hours=6)


def check(subject: Subject) -> Iterator[Found]:
    """A `within` of the deploy question that is shorter than 6 h (P-TREE-1)."""
    for question in questions(subject):
        if question.id == "recent-deploy" and question.within is not None and question.within < _AT_LEAST:
            hint = "Write `within: 6 h` or more: some faults need hours of traffic, or a nightly job, to show."
            yield Found(
                (*question.route, "within"),
                f"a deploy of more than {question.within / timedelta(hours=1):g} h ago is overlooked",
                hint,
            )
