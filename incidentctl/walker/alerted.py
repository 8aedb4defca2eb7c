"""What the alert says that an incident began with: above the first question, and beside the dashboards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.incident.alert import AlertReceived
from incidentctl.runbook.model import Item, Link
from incidentctl.walker.scene import Scene

_MOST_LABELS: Final = 12
_SAID_ELSEWHERE: Final = ("alertname", "severity")


def said(scene: Scene) -> tuple[str, ...]:
    """The alert's title, rules, labels and rows, until the first step is done; nothing where there is no alert."""
    alert = scene.incident.alert
    return tuple(_lines(alert)) if alert is not None and not scene.incident.steps else ()


def links(scene: Scene, item: Item) -> tuple[Link, ...]:
    """What a step has to open: its own links, or all of the runbook at the dashboards.

    The alert's follow them, at the dashboards and above the first question; none stands there twice.
    """
    own = scene.book.links if item.id == "dashboards" else item.links
    alert = scene.incident.alert
    if alert is None or (scene.incident.steps and item.id != "dashboards"):
        return own
    known = {link.url for link in own}
    return (*own, *(Link("other", link.title, link.url) for link in alert.links if link.url not in known))


def _lines(alert: AlertReceived) -> Iterator[str]:
    yield f"Alert{f' from {alert.source}' if alert.source else ''}: {alert.title}"
    severity = f"severity there: {alert.severity_hint}" if alert.severity_hint else ""
    if facts := [*alert.names, *filter(None, [severity])]:
        yield ", ".join(facts)
    labels = [f"{one.name}={one.value}" for one in alert.labels if one.name not in _SAID_ELSEWHERE]
    if labels:
        yield ", ".join(labels[:_MOST_LABELS])
    yield from alert.rows
