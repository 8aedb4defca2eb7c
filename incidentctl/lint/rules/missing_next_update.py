"""A text for customers does not say when they hear from us again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.texts import customer_templates
from incidentctl.text.render import read

SLUG: Final = "missing-next-update"
SEVERITY: Final[Severity] = "warning"

_ENDED: Final = "resolved"


def check(subject: Subject) -> Iterator[Found]:
    """A customers' template without `next_update_at` (P-COMMS-4).

    Not one that tells the end, and not that of a level without updates.
    """
    for template in customer_templates(subject):
        level = subject.book.level(template.severity) if template.severity else None
        silent = level is not None and level.update_every is None
        reading = read(template.text)
        if template.phase != _ENDED and not silent and not reading.problem and "next_update_at" not in reading.names:
            hint = "Add `{% if next_update_at %} Next update by {{ next_update_at }}.{% endif %}` at its end."
            yield Found((*template.route, "text"), "this text does not say when the next update comes", hint)
