"""The runbook depends on a service that has no runbook."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from incidentctl.lint.dependencies import services_of
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.runbook.find import near

SLUG: Final = "unknown-dependency"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """A `service` in `depends_on` that no file beside this one is about (P-WAR-2).

    Where this is the only runbook nothing is said: then nobody has written any other yet.
    """
    own, books = subject.book.service, subject.books
    for route, name in services_of(subject.book):
        if name != own and name not in books and len(books) > (own in books):
            meant = next((other for other in _near(name, tuple(books)) if other != own), "")
            otherwise = "Write one (`incidentctl new`), or name it as an `external`."
            yield Found(route, f"there is no runbook for `{name}`", f"Did you mean `{meant}`?" if meant else otherwise)


@lru_cache(maxsize=1024)  # what has no runbook is often what everybody depends on
def _near(name: str, books: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(near(name, books, 2))
