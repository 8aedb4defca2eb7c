"""A text that is sent to others blames somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.texts import literal, own_templates
from incidentctl.text.words import blame_words

SLUG: Final = "blame-words"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """A phrase such as "human error" in a comms template (P-CLEAR-3)."""
    for template in own_templates(subject):
        for phrase in dict.fromkeys(blame_words(literal(template.text))):
            hint = "Say what happened in the system, and not whose doing it was."
            yield Found((*template.route, "text"), f"`{phrase}` blames somebody", hint)
