"""An external dependency is named without its status page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject

SLUG: Final = "external-without-status"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """An `external` without `status` (P-TREE-3)."""
    for external in subject.book.externals:
        if not external.status:
            hint = "Add `status` with the address of its status page."
            lacks = ((*external.route, "status"),)
            yield Found(external.route, f"`{external.name}` has no status page to look at", hint, On.LACK, lacks)
