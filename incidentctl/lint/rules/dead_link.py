"""A link leads nowhere any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.addresses import OPENED, Address, addresses, masked
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.rules.bad_url import what_is_wrong

SLUG: Final = "dead-link"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """What a person opens, and of which `--online` has found that nobody is there.  Nothing without it."""
    dead = subject.dead or {}
    for address in opened(subject) if dead else ():
        if address.text in dead:
            hint = "Find where it went, or take it out."
            yield Found(address.route, f"the link is dead: {dead[address.text]}", hint)


def opened(subject: Subject) -> Iterator[Address]:
    """Every whole web address that a person opens, and that the service or the organisation wrote."""
    for address in addresses(subject):
        whole = masked(address.text) == address.text and address.text.lower().startswith(("http://", "https://"))
        if address.kind in OPENED and whole and subject.written(address.route) and not what_is_wrong(address):
            yield address
