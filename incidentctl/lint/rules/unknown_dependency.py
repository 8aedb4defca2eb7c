"""The runbook depends on a service that has no runbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.dependencies import services_of
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.runbook.find import did_you_mean

SLUG: Final = "unknown-dependency"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """A `service` in `depends_on` that no file beside this one is about (P-WAR-2).

    Where this is the only runbook nothing is said: then nobody has written any other yet.
    """
    others = subject.books.keys() - {subject.book.service}
    for route, name in services_of(subject.book) if others else ():
        if name not in subject.books and name != subject.book.service:
            hint = did_you_mean(name, sorted(others)) or "Write one (`incidentctl new`), or name it as an `external`."
            yield Found(route, f"there is no runbook for `{name}`", hint)
