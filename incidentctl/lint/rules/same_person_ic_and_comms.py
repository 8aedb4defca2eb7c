"""The incident commander and the comms lead would be one person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.people import ON_CALL, same_at_night

SLUG: Final = "same-person-ic-and-comms"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """`comms-lead` is also `on-call` or `ic-backup`, one of whom is the incident commander (P-ROLE-4)."""
    people = subject.book.people
    comms_lead = people.get("comms-lead")
    if subject.book.process == "light" or comms_lead is None:
        return
    for role in (ON_CALL, "ic-backup"):
        other = people.get(role)
        if other and same_at_night(other, comms_lead):
            later = max(comms_lead, other, key=lambda person: list(people).index(person.role))
            hint = "Name another person or rota as `comms-lead`: the assignment would be refused (P-ROLE-4)."
            yield Found(later.route, f"`{role}` and `comms-lead` are the same", hint)
            return
