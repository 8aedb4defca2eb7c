"""A link says that it is something which no link is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.addresses import links
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.runbook.find import did_you_mean
from incidentctl.runbook.keys import LINK_TYPES

SLUG: Final = "unknown-link-type"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """A `type` that is none of the nine."""
    for link in links(subject):
        if link.type not in LINK_TYPES:
            hint = f"{did_you_mean(link.type, LINK_TYPES)} The types are {', '.join(LINK_TYPES)}.".lstrip()
            yield Found((*link.route, "type"), f"there is no type of link `{link.type}`", hint)
