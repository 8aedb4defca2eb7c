"""Somebody is to be paged, and there is no way to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject
from incidentctl.lint.people import BACKUPS, ON_CALL
from incidentctl.runbook.find import did_you_mean
from incidentctl.runbook.keys import WAYS
from incidentctl.runbook.model import Person

SLUG: Final = "unreachable-person"
SEVERITY: Final[Severity] = "warning"
_WAYS: Final = "pagerduty, slack, email, phone or url"


def check(subject: Subject) -> Iterator[Found]:
    """A person without a way, a way that reaches nobody, and a role that is paged and stands nowhere."""
    return chain(_without_a_way(subject), _wrong_ways(subject), _unknown_roles(subject))


def _without_a_way(subject: Subject) -> Iterator[Found]:
    for person in subject.book.people.values():
        if not person.ways:
            message = f"no way to reach `{person.role}` is written down"
            lacks = tuple((*person.route, way) for way in WAYS)
            yield Found(person.route, message, f"Add one of {_WAYS}.", On.LACK, lacks)


def _wrong_ways(subject: Subject) -> Iterator[Found]:
    for person in subject.book.people.values():
        for way, where in person.ways:
            wrong = what_is_wrong(way, where)
            if wrong:
                yield Found((*person.route, way), f"`{where}` {wrong}", f"Write how `{person.role}` is reached.")


def what_is_wrong(way: str, where: str) -> str:
    """Why nobody can be reached there; nothing where it may be right, as every other way is."""
    if way == "email" and "@" not in where.strip("@"):
        return "is not an e-mail address"
    if way == "phone" and sum(sign.isdigit() for sign in where) < 3:
        return "is not a phone number"
    return ""


def _unknown_roles(subject: Subject) -> Iterator[Found]:
    people: dict[str, Person | None] = dict.fromkeys((ON_CALL, *BACKUPS))
    people |= subject.book.people
    for level in subject.book.levels:
        for place, role in enumerate(level.page):
            if role not in people:
                hint = f"{did_you_mean(role, people)} Say under `people` who it is.".lstrip()
                message = f"`{level.name}` pages `{role}`, and `people` does not know who that is"
                yield Found((*level.route, "page", place), message, hint, lacks=(("people", role),))
