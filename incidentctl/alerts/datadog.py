"""Datadog's webhook, whose body people write themselves: its own default, and the names that are usual for the rest.

https://docs.datadoghq.com/integrations/webhooks/
"""

from __future__ import annotations

import re
from typing import Final

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.parts import (
    TITLE,
    Tree,
    besides,
    links_of,
    listed,
    moment,
    tagged,
    text_at,
    unique,
    value_of,
)
from incidentctl.alerts.service_labels import SERVICE_LABELS
from incidentctl.incident.alert import AlertLabel

SOURCE: Final = "Datadog"
_ITS_OWN: Final = ("alert_transition", "alert_id", "monitor_id", "last_updated", "alert_type", "event_type")
_MARK: Final = re.compile(r"\A\[[^\[\]]{1,200}\]\s*")
"""`[Triggered on {host:web-1}] ` in front of a monitor's name."""
_FENCE: Final = "%%%"
"""Datadog's mark around Markdown."""


def recognises(tree: Tree) -> bool:
    """Whether `tree` looks like one of its notifications: a title, and two of the names that only Datadog uses."""
    return ("title" in tree or "event_title" in tree) and sum(name in tree for name in _ITS_OWN) >= 2


def read(tree: Tree) -> Alert:
    """The alert of a notification."""
    labels = _tags(tree)
    title = text_at(tree, "title", "event_title", width=TITLE)
    body = text_at(tree, "body", "event_msg", "message", "text_only_msg").replace(_FENCE, "").strip()
    return Alert(
        source=SOURCE,
        title=title,
        names=unique([_MARK.sub("", title)]),
        service_hints=unique(value_of(labels, name) for name in SERVICE_LABELS),
        fired_at=moment(tree.get("date"), tree.get("last_updated")),
        resolved=text_at(tree, "alert_transition") in ("Recovered", "Warn Recovered"),
        severity_hint=text_at(tree, "severity", "priority", "alert_priority", "alert_type", width=40),
        labels=labels,
        links=links_of(("Datadog", tree.get("url")), ("Datadog", tree.get("link")), ("Snapshot", tree.get("snapshot"))),
        rows=tuple(besides(title, body)),
    )


def _tags(tree: Tree) -> tuple[AlertLabel, ...]:
    tags = tree.get("tags")
    return tagged(tags.split(",") if isinstance(tags, str) else listed(tree, "tags"))
