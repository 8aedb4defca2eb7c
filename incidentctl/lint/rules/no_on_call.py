"""Nobody is on call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.people import ON_CALL, lack, paging

SLUG: Final = "no-on-call"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """A level pages `on-call`, and `people` does not say who that is.  A light process pages nobody (P-FIT-2)."""
    level = paging(subject, ON_CALL)
    if level and ON_CALL not in subject.book.people:
        hint = "Add under `people`: `on-call: {name: checkout on-call, pagerduty: PCHK001}`."
        yield lack(
            subject, ON_CALL, f"`{level}` pages `{ON_CALL}`, and nobody is on call for `{subject.book.service}`", hint
        )
