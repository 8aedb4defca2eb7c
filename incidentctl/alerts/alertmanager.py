"""Prometheus Alertmanager: its webhook, version 4, and the list that its API and `amtool alert -o json` give.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from __future__ import annotations

from typing import Final

from incidentctl.alerts.grouped import Group, alert_of
from incidentctl.alerts.interface import Alert
from incidentctl.alerts.parts import Tree, below

SOURCE: Final = "Alertmanager"


def recognises(tree: Tree) -> bool:
    """Whether `tree` is one of its notifications; Grafana's, which look alike, are asked for before."""
    return isinstance(tree.get("alerts"), list)


def read(tree: Tree) -> Alert:
    """The alert of a notification."""
    return alert_of(Group(tree), SOURCE, links=[("Alertmanager", tree.get("externalURL"))])


def from_list(items: list[object]) -> Tree:
    """A list of alerts as if it had come by the webhook; an empty object where it is no such list."""
    return {"alerts": items} if any(below(item, "labels") for item in items) else {}
