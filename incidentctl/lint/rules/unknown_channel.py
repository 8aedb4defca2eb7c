"""An audience's channel does not say where the text goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject

SLUG: Final = "unknown-channel"
SEVERITY: Final[Severity] = "error"

# What a channel cannot do without, how that looks, and an example.
_SHAPES: Final = {
    "slack": ("channel", r"[#@][^\s#@]+|[CDGUW][A-Z0-9]{6,}", 'channel: "#incidents"'),
    "statuspage": ("page", r"\S+", "page: abc123"),
    "pagerduty": ("service", r"\S+", "service: PCHK001"),
    "email": ("to", r"[^\s@]+@[^\s@]+(?:\n[^\s@]+@[^\s@]+)*", "to: [leads@example.com]"),
    "webhook": ("url", r"\S+", 'url: "https://chat.example.com/hook"'),
}


def check(subject: Subject) -> Iterator[Found]:
    """A Slack channel without `#`, a mail address without `@`, a channel of which only the kind is written."""
    for audience in subject.book.comms.audiences:
        if audience.channel not in _SHAPES:
            continue
        key, shape, example = _SHAPES[audience.channel]
        text, route = audience.values.get(key, ""), (*audience.route, audience.channel)
        if not text:
            message = f"the {audience.channel} channel of `{audience.name}` has no `{key}`"
            quotes = " A `#` needs quotes, or it begins a comment." if key == "channel" else ""
            yield Found(route, message, f"Write for example `{example}`.{quotes}", On.LACK, ((*route, key),))
        elif not re.fullmatch(shape, text):
            message = f"`{text.replace(chr(10), ', ')}` is no `{key}` of {audience.channel}"
            yield Found((*route, key), message, f"Write for example `{example}`.")
