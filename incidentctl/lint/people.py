"""Who is paged by whom, for the rules about people."""

from __future__ import annotations

from typing import Final

from incidentctl.incident.names import same_person
from incidentctl.lint.interface import Found, On, Subject
from incidentctl.runbook.model import Person

ON_CALL: Final = "on-call"
BACKUPS: Final = ("lead", "ic-backup", "comms-lead")
"""The other roles that the process knows and pages (P-SEV-1)."""

# A chat channel or a mailing list has many readers; these ways wake whoever it is.
_ONE_AT_A_TIME: Final = ("pagerduty", "phone")


def paging(subject: Subject, role: str) -> str:
    """The highest level that pages `role`; nothing where none does, or where nobody is paged at all (P-FIT-2)."""
    if subject.book.process == "light":
        return ""
    return next((level.name for level in subject.book.levels if role in level.page), "")


def same_at_night(one: Person, other: Person) -> bool:
    """Whether two roles wake the same person: the same name, pager or telephone."""
    ways = {(way, where.casefold()) for way, where in one.ways if way in _ONE_AT_A_TIME}
    return same_person(one.name, other.name) or any((way, where.casefold()) in ways for way, where in other.ways)


def lack(subject: Subject, role: str, message: str, hint: str) -> Found:
    """A finding that `role` is missing: on `people`, or on the whole runbook where it has none."""
    route = ("people",) if subject.written(("people",)) else ()
    return Found(route, message, hint, On.LACK, (("people", role),))
