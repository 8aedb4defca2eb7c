"""Whoever is on call stands alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.people import BACKUPS, ON_CALL, lack, paging, same_at_night

SLUG: Final = "no-backup"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """A level pages a lead, a backup or a comms lead, and nobody is that, or it is the one on call (P-FIRST-5)."""
    people = subject.book.people
    for role in BACKUPS:
        level = paging(subject, role)
        if level and role not in people:
            hint = f"Add under `people`, here or in `_defaults.yaml`: `{role}: {{name: ..., pagerduty: ...}}`."
            yield lack(subject, role, f"`{level}` pages `{role}`, and `{subject.book.service}` has none", hint)
    backup, on_call = people.get("ic-backup"), people.get(ON_CALL)
    if paging(subject, "ic-backup") and backup and on_call and same_at_night(backup, on_call):
        hint = "Name somebody who is awake when the one on call is not."
        yield Found(backup.route, f"`ic-backup` and `{ON_CALL}` are the same", hint)
