"""Notifications as the six products send them, about services that are ours.

Shapes: the vendors' pages that the modules of `incidentctl/alerts` name; the values are made up.
"""

from __future__ import annotations

import json
from typing import Any, Final

Body = dict[str, Any]


def as_bytes(body: object) -> bytes:
    return json.dumps(body).encode()


def am_alert(
    name: str = "CheckoutErrors", *, status: str = "firing", starts: str = "03:08:11.207Z", **more: str
) -> Body:
    """One alert of Alertmanager, with `more` labels."""
    return {
        "status": status,
        "labels": {"alertname": name, "job": "http", "severity": "critical", **more},
        "annotations": {
            "summary": "Checkout answers 12 % of all orders with an error",
            "description": "More than 5 % for 2 minutes.",
            "runbook_url": "https://wiki.example.com/checkout-errors",
            "dashboard": "https://grafana.example.com/d/checkout",
        },
        "startsAt": f"2026-11-23T{starts}",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-23T03:20:00Z",
        "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=errors+%3E+0.05",
        "fingerprint": "a3f0c2d41be97713",
    }


def alertmanager(*alerts: Body, **more: object) -> Body:
    """A group as its webhook, version 4, gives it; what the alerts have in common is worked out."""
    alerts = alerts or (am_alert(service="checkout"),)
    return {
        "receiver": "incidentctl",
        "status": "firing" if any(one["status"] == "firing" for one in alerts) else "resolved",
        "alerts": list(alerts),
        "groupLabels": {"alertname": alerts[0]["labels"]["alertname"]},
        "commonLabels": _common(alerts, "labels"),
        "commonAnnotations": _common(alerts, "annotations"),
        "externalURL": "http://alertmanager.example.com:9093",
        "version": "4",
        "groupKey": '{}:{alertname="CheckoutErrors"}',
        "truncatedAlerts": 0,
        **more,
    }


def _common(alerts: tuple[Body, ...], part: str) -> dict[str, str]:
    return {key: value for key, value in alerts[0][part].items() if all(one[part].get(key) == value for one in alerts)}


GRAFANA: Final[Body] = {
    "receiver": "oncall",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {
                "alertname": "Search is slow",
                "grafana_folder": "search",
                "service": "search",
                "severity": "high",
            },
            "annotations": {"summary": "Searches take 4 s at p99"},
            "startsAt": "2026-11-23T04:06:30+01:00",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "?orgId=1",
            "fingerprint": "57c6d9296de2ad39",
            "silenceURL": "https://grafana.example.com/alerting/silence/new?alertmanager=grafana",
            "dashboardURL": "https://grafana.example.com/d/srch?orgId=1",
            "panelURL": "",
            "values": {"A": 4.02, "C": 1},
            "valueString": "[ var='A' labels={} value=4.02 ]",
        }
    ],
    "groupLabels": {"alertname": "Search is slow"},
    "commonLabels": {"alertname": "Search is slow", "service": "search"},
    "commonAnnotations": {"summary": "Searches take 4 s at p99"},
    "externalURL": "https://grafana.example.com/",
    "version": "1",
    "groupKey": '{}:{alertname="Search is slow"}',
    "truncatedAlerts": 0,
    "orgId": 1,
    "title": "[FIRING:1] Search is slow search (search high)",
    "state": "alerting",
    "message": "**Firing**\n\nValue: A=4.02",
}

PAGERDUTY: Final[Body] = {
    "event": {
        "id": "01EXAMPLE5KQ7M",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-11-23T03:09:02.118Z",
        "agent": {"id": "PGDSVC1", "type": "service_reference", "summary": "payments"},
        "client": {"name": "Monitoring", "url": "https://monitoring.example.com/alerts/991"},
        "data": {
            "id": "Q0EXAMPLE1",
            "type": "incident",
            "self": "https://api.pagerduty.com/incidents/Q0EXAMPLE1",
            "html_url": "https://example.pagerduty.com/incidents/Q0EXAMPLE1",
            "number": 4711,
            "status": "triggered",
            "incident_key": "payments-declined",
            "created_at": "2026-11-23T03:09:01Z",
            "title": "Card payments are declined",
            "service": {"id": "PPAY001", "type": "service_reference", "summary": "payments"},
            "assignees": [{"id": "PUSER01", "type": "user_reference", "summary": "Grace"}],
            "escalation_policy": {"id": "PESC001", "summary": "Payments on-call"},
            "priority": None,
            "urgency": "high",
            "conference_bridge": {"conference_number": "+1 555 0100", "conference_url": "https://meet.example.com/inc"},
        },
    }
}

OPSGENIE: Final[Body] = {
    "action": "Create",
    "integrationName": "Incidents",
    "integrationId": "7f1c0a51-0000-4000-8000-7d1e0a5c2b11",
    "source": {"name": "Prometheus", "type": "API"},
    "alert": {
        "alertId": "052652ac-0000-4000-8000-5f3ae8f7b1d2",
        "message": "[Prometheus]: PaymentsErrors",
        "tags": ["team:payments", "region:eu-1", "night"],
        "tinyId": "23",
        "alias": "payments-errors",
        "createdAt": 1795403341337,
        "updatedAt": 1795403341337000000,
        "username": "Alert API",
        "description": "8 % of payments fail",
        "priority": "P2",
        "entity": "payments-api-1",
        "details": {
            "alertname": "PaymentsErrors",
            "service": "payments",
            "Dashboard": "https://grafana.example.com/d/pay",
        },
    },
}

DATADOG: Final[Body] = {
    "id": "7412345678901234567",
    "title": "[Triggered on {service:search}] Search error rate is high",
    "body": "%%%\nThe error rate is above 2 %.\n%%%",
    "last_updated": "1795403405000",
    "date": "1795403341000",
    "event_type": "metric_alert_monitor",
    "alert_transition": "Triggered",
    "alert_type": "error",
    "severity": "P1",
    "monitor_id": "118522",
    "tags": "env:prod,monitor,service:search,team:discovery",
    "url": "https://app.datadoghq.com/monitors/118522?group=service%3Asearch",
    "org": {"id": "1234", "name": "Example"},
}

SENTRY: Final[Body] = {
    "action": "triggered",
    "installation": {"uuid": "a8e5d37a-0000-4000-8000-10a7b8f1c2d3"},
    "actor": {"id": "sentry", "name": "Sentry", "type": "application"},
    "data": {
        "triggered_rule": "Checkout raises",
        "event": {
            "event_id": "e4874d664c3540c1a32eab185f12c5ab",
            "project": 1,
            "title": "TimeoutError: the cart did not answer",
            "culprit": "checkout.cart in load",
            "level": "error",
            "platform": "python",
            "datetime": "2026-11-23T03:07:59.123456Z",
            "timestamp": 1795403279.123,
            "tags": [["environment", "production"], ["level", "error"], ["server_name", "web-3"]],
            "url": "https://sentry.io/api/0/projects/example/checkout/events/e4874d664c3540c1a32eab185f12c5ab/",
            "web_url": "https://sentry.io/organizations/example/issues/1117540176/events/e4874d66/",
            "issue_url": "https://sentry.io/api/0/issues/1117540176/",
            "issue_id": "1117540176",
        },
    },
}

SENTRY_METRIC: Final[Body] = {
    "action": "critical",
    "data": {
        "metric_alert": {
            "id": "53",
            "title": "Many failed transactions",
            "alert_rule": {"id": "7", "name": "Failure rate of payments"},
            "date_started": "2026-11-23T03:06:00.100Z",
            "projects": ["payments"],
        },
        "description_title": "Critical: Failure rate of payments",
        "description_text": "312 events in the last 5 minutes",
        "web_url": "https://sentry.io/organizations/example/alerts/rules/details/7/",
    },
}

BODIES: Final = {
    "alertmanager": alertmanager(),
    "grafana": GRAFANA,
    "pagerduty": PAGERDUTY,
    "opsgenie": OPSGENIE,
    "datadog": DATADOG,
    "sentry": SENTRY,
    "sentry-metric": SENTRY_METRIC,
}
