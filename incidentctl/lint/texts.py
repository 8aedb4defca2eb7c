"""The texts of a runbook that are filled in later, and who reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from incidentctl.lint.addresses import links
from incidentctl.lint.interface import Subject, once
from incidentctl.record import record
from incidentctl.runbook.model import Route, Template

CUSTOMERS: Final = "customers"


@record
class Place:
    """A text with `{{ }}` in it, and where it stands."""

    route: Route
    text: str


@once
def templated(subject: Subject) -> Iterator[Place]:
    """Every text that may hold variables: the channel's name, the links' addresses, the comms templates."""
    book = subject.book
    yield Place(("channel",), book.channel)
    yield from (Place((*link.route, "url"), link.url) for link in links(subject))
    for template in own_templates(subject):
        yield Place((*template.route, "text"), template.text)


@once
def own_templates(subject: Subject) -> list[Template]:
    """The templates that the service or the organisation wrote."""
    return [one for one in subject.book.comms.templates if one.text and not one.built_in]


@once
def customer_templates(subject: Subject) -> list[Template]:
    """Those of them that people outside read: of `customers`, and of every audience with a status page."""
    audiences = subject.book.comms.audiences
    outside = {audience.name for audience in audiences if audience.channel == "statuspage"} | {CUSTOMERS}
    return [template for template in own_templates(subject) if template.audience in outside]


def literal(template: str) -> str:
    """What a template says in any case: its text without variables, conditions and comments."""
    return _filled_in().sub(" ", template)


@cache
def _filled_in() -> re.Pattern[str]:
    return re.compile(r"\{\{[^{}]*\}\}|\{%[^%]*%\}|\{#[^#]*#\}")
