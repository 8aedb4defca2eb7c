"""A text does not fit where it is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.texts import own_templates
from incidentctl.runbook.model import Template
from incidentctl.text.render import read

SLUG: Final = "too-long-for-channel"
SEVERITY: Final[Severity] = "error"

# Slack splits longer messages in several (api.slack.com, "Truncating really long messages", advises 4,000); PagerDuty
# refuses a longer summary (Events API v2, PD-CEF).  Of the others no limit is documented that a text can reach.
_LIMITS: Final = {"slack": 4000, "pagerduty": 1024}


def check(subject: Subject) -> Iterator[Found]:
    """A template that has too many characters before anything is filled in; a limit that our own texts do not keep."""
    templates = subject.book.comms.templates
    written = own_templates(subject)
    replaced = {(template.audience, template.phase) for template in written if not template.severity}
    for audience in subject.book.comms.audiences:
        limit = min(_LIMITS.get(audience.channel, sys.maxsize), audience.max_length or sys.maxsize)
        takes = f"and `{audience.name}` takes {limit}"
        for template in _of(audience.name, written):
            if _length(template) > limit:
                message = f"this text has at least {_length(template)} characters, {takes}"
                yield Found((*template.route, "text"), message, "Say it shorter; details belong on the status page.")
        ours = [one for one in _of(audience.name, templates) if (one.audience, one.phase) not in replaced]
        longest = max(map(_length, (one for one in ours if one not in written)), default=0)
        if longest > limit:
            message = f"a built-in text has at least {longest} characters, {takes}"
            yield Found((*audience.route, "max_length"), message, "Allow more, or write shorter templates.")


def _of(audience: str, templates: Iterable[Template]) -> list[Template]:
    return [template for template in templates if template.audience == audience]


def _length(template: Template) -> int:
    return read(template.text).shortest
