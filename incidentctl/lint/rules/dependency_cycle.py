"""Services depend on each other in a circle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from incidentctl.lint.dependencies import services_of
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.said import Neighbour

SLUG: Final = "dependency-cycle"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """Each circle once: in the runbook of its last service by name, on the dependency that leads into it."""
    book = subject.book
    for route, name in services_of(book):
        circle = _way_back(name, book.service, subject.books)
        if circle:
            way = " -> ".join(f"`{one}`" for one in (book.service, *circle))
            hint = "Name only those that this service cannot work without."
            yield Found(route, f"the dependencies go round in a circle: {way}", hint)


def _way_back(start: str, home: str, books: Mapping[str, Neighbour]) -> tuple[str, ...]:
    """The shortest way from `start` to `home` through services of lower names; empty where there is none."""
    ways: deque[tuple[str, ...]] = deque([(start,)])
    seen = {start}
    while ways:
        way = ways.popleft()
        if way[-1] == home:
            return way
        book = books.get(way[-1])
        if book is None or way[-1] > home:
            continue
        for name in book.depends_on:
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
