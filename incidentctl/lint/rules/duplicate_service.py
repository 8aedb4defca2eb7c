"""Two files say that they are the same service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject

SLUG: Final = "duplicate-service"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """Every file of a service but the first by name: which of them is walked would be an accident."""
    first, *others = subject.homes.get(subject.book.service, ("",))
    if subject.file in others:
        message = f"`{subject.book.service}` is the service of {first}, too"
        yield Found(("service",), message, "Give one of them another name, or make them one file.")
