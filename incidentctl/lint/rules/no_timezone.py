"""Texts for customers name a time, and nobody said in which zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject
from incidentctl.lint.texts import customer_templates, literal
from incidentctl.text.render import read

SLUG: Final = "no-timezone"
SEVERITY: Final[Severity] = "warning"

_CLOCK: Final = re.compile(r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b(?!\s*(?:UTC|GMT|[A-Z]{2,5}T\b|Z\b))")


def check(subject: Subject) -> Iterator[Found]:
    """A customers' template of this service or organisation that names a time, and no `timezone` in their files."""
    if subject.written(("timezone",)):
        return
    for template in customer_templates(subject):
        if _names_time(template.text):
            hint = "Add `timezone: Europe/Berlin`, the zone in which most customers live; or `timezone: UTC`."
            yield Found(
                (), "the texts for customers name times, and no `timezone` is written", hint, On.LACK, (("timezone",),)
            )
            return


def _names_time(text: str) -> bool:
    return "next_update_at" in read(text).names or _CLOCK.search(literal(text)) is not None
