"""There is no dashboard to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.addresses import links
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject

SLUG: Final = "no-dashboard"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """No link of the type `dashboard`, neither of the runbook nor of one of its steps (P-FIRST-3)."""
    written = list(links(subject))
    if not any(link.type == "dashboard" for link in written):
        hint = 'Add under `links`: `- {type: dashboard, title: Overview, url: "https://..."}`.'
        lacks = (("links",), *((*link.route, "type") for link in written))
        yield Found((), "no link leads to a dashboard", hint, On.LACK, lacks)
