"""Sentry's webhooks: issue alerts, metric alerts and issues.

https://docs.sentry.io/organization/integrations/integration-platform/webhooks/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
    text_at,
    unique,
    value_of,
)
from incidentctl.alerts.service_labels import SERVICE_LABELS

SOURCE: Final = "Sentry"
_KINDS: Final = ("event", "error", "metric_alert", "issue")
_API: Final = re.compile(r"/projects/[\w.-]{1,100}/([\w.-]{1,100})/")


def recognises(tree: Tree) -> bool:
    """Whether `tree` is one of its notifications; older ones are flat, with the project beside the event."""
    data = below(tree, "data")
    if isinstance(tree.get("action"), str) and any(isinstance(data.get(kind), dict) for kind in _KINDS):
        return True
    return isinstance(tree.get("event"), dict) and "project" in tree


def read(tree: Tree) -> Alert:
    """The alert of a notification."""
    data = below(tree, "data") or tree
    event = next((found for kind in _KINDS if (found := below(data, kind))), {})
    rule = text_at(data, "triggered_rule") or text_at(below(event, "alert_rule"), "name")
    labels = labels_of({**dict(_pairs(listed(event, "tags"))), "project": _project(tree, event)})
    title = text_at(event, "title", width=TITLE) or text_at(data, "description_title", width=TITLE)
    return Alert(
        source=SOURCE,
        title=title or text_at(tree, "message", width=TITLE),
        names=unique([rule, text_at(tree, "triggering_rules")]),
        service_hints=unique(value_of(labels, name) for name in SERVICE_LABELS),
        fired_at=moment(
            event.get("datetime"), event.get("date_started"), event.get("firstSeen"), event.get("timestamp"),
            event.get("received"),
        ),
        resolved=tree.get("action") == "resolved",
        severity_hint=_severity(tree, event),
        labels=labels,
        links=links_of(
            ("Sentry", event.get("web_url")), ("Sentry", event.get("permalink")), ("Sentry", data.get("web_url")),
            ("Sentry", tree.get("url")),
        ),
        rows=tuple(besides(title, text_at(data, "description_text"), text_at(event, "culprit"))),
    )  # fmt: skip


def _severity(tree: Tree, event: Tree) -> str:
    action = text_at(tree, "action", width=40)
    return text_at(event, "level", width=40) or (action if action in ("critical", "warning") else "")


def _project(tree: Tree, event: Tree) -> str:
    """The project's slug: its number, which is all that some notifications have, tells nobody anything."""
    projects = listed(event, "projects")
    slugs = [
        text_at(below(event, "project"), "slug"),
        projects[0] if projects and isinstance(projects[0], str) else "",
        event.get("project_slug"),
        tree.get("project_slug"),
        _slug_of(event.get("url")),
        tree.get("project") if isinstance(tree.get("project"), str) else "",
    ]
    return next((slug for slug in slugs if isinstance(slug, str) and slug), "")


def _slug_of(url: object) -> str:
    found = _API.search(url) if isinstance(url, str) else None
    return found[1] if found else ""


def _pairs(tags: Iterable[object]) -> Iterator[tuple[str, object]]:
    """Tags are pairs in events, and objects with `key` and `value` in issues."""
    for tag in tags:
        match tag:
            case [str(name), value] | {"key": str(name), "value": value}:
                yield name, value
            case _:
                pass
