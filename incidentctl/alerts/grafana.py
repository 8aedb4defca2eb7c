"""Grafana's unified alerting webhook: Alertmanager's shape, with a title, and links to dashboards and panels.

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

from __future__ import annotations

from typing import Final

from incidentctl.alerts.grouped import Group, alert_of
from incidentctl.alerts.interface import Alert
from incidentctl.alerts.parts import TITLE, Tree, text_at

SOURCE: Final = "Grafana"


def recognises(tree: Tree) -> bool:
    """Whether `tree` is one of its notifications: it alone has an organisation, or a title and a state."""
    return isinstance(tree.get("alerts"), list) and ("orgId" in tree or {"title", "state"} <= tree.keys())


def read(tree: Tree) -> Alert:
    """The alert of a notification.  Its addresses may be relative or empty; those are left out."""
    title = text_at(tree, "title", "message", width=TITLE)
    return alert_of(Group(tree), SOURCE, title=title, links=[("Grafana", tree.get("externalURL"))])
