"""A level that wakes nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject

SLUG: Final = "nobody-paged"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """The highest level, or one whose updates are promised, pages no role (P-SEV-1, P-SEV-2)."""
    if subject.book.process == "light":
        return
    for level in subject.book.levels:
        if level.tree and not level.page and (level.update_every or level == subject.book.levels[0]):
            page = (*level.route, "page")
            route, on = (page, On.VALUE) if subject.written(page) else (level.route, On.LACK)
            hint = "Write who comes: `page: [on-call, lead]`."
            yield Found(route, f"`{level.name}` pages nobody", hint, on, (page,))
