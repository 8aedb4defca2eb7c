"""A text is written for an audience that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.texts import own_templates
from incidentctl.runbook.find import did_you_mean

SLUG: Final = "unknown-audience"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """A template whose audience is not among `audiences`, here or in another service's runbook: it is never sent."""
    own = {audience.name for audience in subject.book.comms.audiences}
    for template in own_templates(subject):
        # Of the organisation's texts a service may leave some unused.
        if template.audience not in own and template.audience not in _everywhere(subject):
            hint = did_you_mean(template.audience, sorted(_everywhere(subject))) or _hint(template.audience)
            message = f"nobody is named `{template.audience}` under `audiences`: the text is never sent"
            yield Found((*template.route, "audience"), message, hint)


def _everywhere(subject: Subject) -> set[str]:
    return {name for neighbour in subject.books.values() for name in neighbour.audiences}


def _hint(name: str) -> str:
    return f'Add it: `audiences: {{{name}: {{slack: {{channel: "#somewhere"}}}}}}`.'
