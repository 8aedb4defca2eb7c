"""What looking at one service gives, in values that a process can hand to another and a file can keep.

The rules ask little of other services (`Neighbour`), so one service can be looked at apart from the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from incidentctl.lint.finding import Finding
from incidentctl.record import record

Plain = Any
"""Lists, texts, whole numbers, true, false and nothing: what JSON can hold."""


@record
class Neighbour:
    """What the rules of other services may ask about a service; no name where its file could not be read."""

    service: str = ""
    depends_on: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()


@record
class Surroundings:
    """All services of a folder by name, and the files of each."""

    books: Mapping[str, Neighbour] = field(default_factory=dict)
    homes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@record
class Said:
    """The findings in a service's own file, judged; and those in the organisation's file, to be judged with all others.

    Of the latter `kept` cannot be ignored.
    """

    own: tuple[Finding, ...]
    kept: tuple[Finding, ...]
    shared: tuple[Finding, ...]


def surroundings(neighbours: Iterable[tuple[str, Neighbour]]) -> Surroundings:
    """The folder of these services, each with the name of its file; of two that share a name the first counts."""
    books: dict[str, Neighbour] = {}
    homes: dict[str, tuple[str, ...]] = {}
    for file, one in neighbours:
        if one.service:
            books.setdefault(one.service, one)
            homes[one.service] = (*homes.get(one.service, ()), file)
    return Surroundings(books, homes)


def plain_neighbour(one: Neighbour) -> Plain:
    """As `neighbour_of` reads it."""
    return [one.service, list(one.depends_on), list(one.audiences)]


def neighbour_of(plain: Plain) -> Neighbour:
    """The same neighbour again."""
    service, depends_on, audiences = plain
    return Neighbour(service, tuple(depends_on), tuple(audiences))


def plain_surroundings(around: Surroundings) -> Plain:
    """As `surroundings_of` reads it."""
    books = [plain_neighbour(one) for one in around.books.values()]
    return [books, [[name, list(files)] for name, files in around.homes.items()]]


def surroundings_of(plain: Plain) -> Surroundings:
    """The same surroundings again."""
    books, homes = plain
    neighbours = map(neighbour_of, books)
    return Surroundings({one.service: one for one in neighbours}, {name: tuple(files) for name, files in homes})


def plain_said(said: Said) -> Plain:
    """As `said_of` reads it."""
    return [[_plain_finding(one) for one in some] for some in (said.own, said.kept, said.shared)]


def said_of(plain: Plain) -> Said:
    """The same again."""
    own, kept, shared = (tuple(Finding(*values) for values in some) for some in plain)
    return Said(own, kept, shared)


def _plain_finding(one: Finding) -> Plain:
    place = (one.file, one.line, one.column, one.end_line, one.end_column)
    return [one.rule, one.severity, one.message, *place, one.path, one.hint, one.fixable, one.fix]
