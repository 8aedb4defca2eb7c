"""PagerDuty's webhook, version 3: `{"event": {"event_type": "incident.triggered", "data": {...}}}`.

https://developer.pagerduty.com/docs/webhooks/v3-overview
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.parts import TITLE, Tree, below, labels_of, links_of, moment, text_at, unique

SOURCE: Final = "PagerDuty"


def recognises(tree: Tree) -> bool:
    """Whether `tree` is one of its notifications."""
    event = below(tree, "event")
    return isinstance(event.get("event_type"), str) and ("data" in event or "resource_type" in event)


def read(tree: Tree) -> Alert:
    """The alert of a notification.  What is about an incident without being one (a note) names it in `incident`."""
    event = below(tree, "event")
    data = below(event, "data")
    incident = below(data, "incident") or data
    resolved = event.get("event_type") == "incident.resolved" or data.get("status") == "resolved"
    return Alert(
        source=SOURCE,
        title=text_at(data, "title", width=TITLE) or text_at(incident, "summary", "title", width=TITLE),
        service_hints=unique([text_at(below(data, "service"), "summary", "name")]),
        fired_at=moment(data.get("created_at"), event.get("occurred_at")),
        resolved=resolved,
        severity_hint=text_at(below(data, "priority"), "summary", "name", width=40) or text_at(data, "urgency"),
        labels=labels_of(_facts(event, data)),
        links=links_of(
            ("PagerDuty", incident.get("html_url")),
            ("Conference bridge", below(data, "conference_bridge").get("conference_url")),
            ("What called PagerDuty", below(event, "client").get("url")),
        ),
        rows=unique([text_at(below(data, "body"), "details")]),
        warnings=tuple(_warnings(event)),
    )


def _warnings(event: Tree) -> Iterator[str]:
    kind = text_at(event, "event_type", width=60)
    if not kind.startswith("incident."):
        yield f"This is PagerDuty's `{kind}`, which is no incident."


def _facts(event: Tree, data: Tree) -> dict[str, object]:
    return {
        "service": below(data, "service").get("summary"),
        "incident": data.get("number"),
        # A note, or whatever else is about an incident, has an id of its own, by which no incident is found.
        "id": (below(data, "incident") or data).get("id"),
        "incident_key": data.get("incident_key"),
        "urgency": data.get("urgency"),
        "priority": below(data, "priority").get("summary"),
        "escalation_policy": below(data, "escalation_policy").get("summary"),
        "event": event.get("event_type"),
    }
