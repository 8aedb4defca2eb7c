"""Opsgenie's webhook: `{"action": "Create", "alert": {...}}`.

https://docs.opsgenie.com/docs/opsgenie-edge-connector-alert-action-data
"""

from __future__ import annotations

from typing import Final

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.parts import (
    TITLE,
    Tree,
    below,
    besides,
    labels_of,
    links_of,
    listed,
    moment,
    tagged,
    text_at,
    unique,
    value_of,
)
from incidentctl.alerts.service_labels import SERVICE_LABELS

SOURCE: Final = "Opsgenie"
_OVER: Final = ("Close", "Delete")


def recognises(tree: Tree) -> bool:
    """Whether `tree` is one of its notifications."""
    return isinstance(tree.get("action"), str) and isinstance(tree.get("alert"), dict)


def read(tree: Tree) -> Alert:
    """The alert of a notification.  Its moments are milliseconds since 1970, its details any pairs of texts."""
    alert = below(tree, "alert")
    details = labels_of(below(alert, "details"))
    tags = tagged(listed(alert, "tags"))
    labels = (*details, *tags)
    title = text_at(alert, "message", width=TITLE)
    return Alert(
        source=SOURCE,
        title=title,
        names=unique([value_of(labels, "alertname"), text_at(alert, "alias", width=TITLE)]),
        service_hints=unique([*(value_of(labels, name) for name in SERVICE_LABELS), text_at(alert, "entity")]),
        fired_at=moment(alert.get("createdAt")),
        resolved=tree.get("action") in _OVER,
        severity_hint=text_at(alert, "priority", width=40) or value_of(labels, "severity"),
        labels=labels,
        links=links_of(*below(alert, "details").items()),
        rows=tuple(besides(title, text_at(alert, "description"), text_at(alert, "note"))),
    )
