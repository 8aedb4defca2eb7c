"""A text for customers tells them the inside of the house."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.texts import customer_templates, literal
from incidentctl.text.render import read
from incidentctl.text.words import internal_details

SLUG: Final = "internal-detail-to-customers"
SEVERITY: Final[Severity] = "warning"

_INTERNAL: Final = {"ic": "somebody's name", "channel": "the incident channel"}


def check(subject: Subject) -> Iterator[Found]:
    """Host names, IP addresses, SQL, exceptions, people and chat channels in a customers' template."""
    for template in customer_templates(subject):
        text = literal(template.text)
        details = [*internal_details(text), *_people(text, subject)]
        asked = read(template.text).names
        details += [(what, f"{{{{ {name} }}}}") for name, what in _INTERNAL.items() if name in asked]
        for what, detail in dict.fromkeys(details):
            hint = "Say which feature is affected and when they hear from you; the rest stays inside."
            yield Found((*template.route, "text"), f"`{detail}` is {what}, and customers read this", hint)


def _people(text: str, subject: Subject) -> Iterator[tuple[str, str]]:
    """Those whom the runbook pages, by name or handle; customers may be sent to the support desk."""
    small = text.casefold()
    for role, person in subject.book.people.items():
        for name in (person.name, *(where for way, where in person.ways if way == "slack")):
            # A team may be named as the thing it looks after: only what cannot be anything else counts.
            is_name = " " in name or name.startswith(("@", "#"))
            if role == "support" or not is_name or name.casefold() not in small:
                continue
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
                yield "somebody who is paged", name
