"""A text does not fit where it is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.texts import own_templates
from incidentctl.runbook.model import Template
from incidentctl.text.render import is_meant, read

SLUG: Final = "too-long-for-channel"
SEVERITY: Final[Severity] = "error"

# Slack splits longer messages in several (api.slack.com, "Truncating really long messages", advises 4,000); PagerDuty
# refuses a longer summary (Events API v2, PD-CEF).  Of the others no limit is documented that a text can reach.
_LIMITS: Final = {"slack": 4000, "pagerduty": 1024}


def check(subject: Subject) -> Iterator[Found]:
    """A template that has too many characters before anything is filled in; a limit that our own texts do not keep."""
    templates = subject.book.comms.templates
    written = own_templates(subject)
    for audience in subject.book.comms.audiences:
        limit = min(_LIMITS.get(audience.channel, sys.maxsize), audience.max_length or sys.maxsize)
        if limit == sys.maxsize:
            continue
        takes = f"and `{audience.name}` takes {limit}"
        for template in _of(audience.name, written):
            if _length(template) > limit:
                message = f"this text has at least {_length(template)} characters, {takes}"
                yield Found((*template.route, "text"), message, "Say it shorter; details belong on the status page.")
        own = [template for template in _of(audience.name, written) if not template.severity]
        built_in = (one for one in _of(audience.name, templates) if one.built_in and not _is_replaced(one, own))
        longest = max(map(_length, built_in), default=0)
        if longest > limit:
            message = f"a built-in text has at least {longest} characters, {takes}"
            yield Found((*audience.route, "max_length"), message, "Allow more, or write shorter templates.")


def _is_replaced(template: Template, own: Iterable[Template]) -> bool:
    """Whether one of `own`, which are for every severity, is sent in its place."""
    return any(one.phase in ("", template.phase) and is_meant(one, template.phase) for one in own)


def _of(audience: str, templates: Iterable[Template]) -> list[Template]:
    return [template for template in templates if template.audience == audience]


def _length(template: Template) -> int:
    return read(template.text).shortest
