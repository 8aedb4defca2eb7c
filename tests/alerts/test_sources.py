"""What is read from each of the six products' notifications, and from a group of alerts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.read import read_alert
from incidentctl.incident.alert import AlertLabel
from tests.alerts.bodies import (
    BODIES,
    DATADOG,
    GRAFANA,
    OPSGENIE,
    PAGERDUTY,
    SENTRY,
    Body,
    alertmanager,
    am_alert,
    as_bytes,
)


def alert_of(body: object) -> Alert:
    return read_alert(as_bytes(body), "alert.json")


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}+00:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("body", "source", "title", "names", "hints", "fired", "severity"),
    [
        ("alertmanager", "Alertmanager", "Checkout answers 12 % of all orders with an error", ("CheckoutErrors",),
         ("checkout", "http"), "03:08:11.207", "critical"),
        ("grafana", "Grafana", "Searches take 4 s at p99", ("Search is slow",), ("search",), "03:06:30", "high"),
        ("pagerduty", "PagerDuty", "Card payments are declined", (), ("payments",), "03:09:01", "high"),
        ("opsgenie", "Opsgenie", "[Prometheus]: PaymentsErrors", ("PaymentsErrors", "payments-errors"),
         ("payments", "payments-api-1"), "03:09:01.337", "P2"),
        ("datadog", "Datadog", "[Triggered on {service:search}] Search error rate is high",
         ("Search error rate is high",), ("search",), "03:09:01", "P1"),
        ("sentry", "Sentry", "TimeoutError: the cart did not answer", ("Checkout raises",), ("checkout",),
         "03:07:59.123", "error"),
        ("sentry-metric", "Sentry", "Many failed transactions", ("Failure rate of payments",), ("payments",),
         "03:06:00.100", "critical"),
    ],
)  # fmt: skip
def test_each_product_says_the_same_things_in_its_own_words(
    body: str, source: str, title: str, names: tuple[str, ...], hints: tuple[str, ...], fired: str, severity: str
) -> None:
    alert = alert_of(BODIES[body])
    assert (alert.source, alert.title, alert.names) == (source, title, names)
    assert (alert.service_hints, alert.fired_at, alert.severity_hint) == (hints, at(fired), severity)
    assert (alert.resolved, alert.warnings) == (False, ())


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        ("alertmanager", ["https://wiki.example.com/checkout-errors", "https://grafana.example.com/d/checkout",
                          "http://prometheus.example.com:9090/graph?g0.expr=errors+%3E+0.05",
                          "http://alertmanager.example.com:9093"]),
        ("grafana", ["https://grafana.example.com/d/srch?orgId=1",
                     "https://grafana.example.com/alerting/silence/new?alertmanager=grafana",
                     "https://grafana.example.com/"]),
        ("pagerduty", ["https://example.pagerduty.com/incidents/Q0EXAMPLE1", "https://meet.example.com/inc",
                       "https://monitoring.example.com/alerts/991"]),
        ("opsgenie", ["https://grafana.example.com/d/pay"]),
        ("datadog", ["https://app.datadoghq.com/monitors/118522?group=service%3Asearch"]),
        ("sentry", ["https://sentry.io/organizations/example/issues/1117540176/events/e4874d66/"]),
    ],
)  # fmt: skip
def test_the_links_are_those_that_a_browser_opens(body: str, urls: list[str]) -> None:
    assert [link.url for link in alert_of(BODIES[body]).links] == urls


@pytest.mark.parametrize(
    "body",
    [
        alertmanager(am_alert(status="resolved", service="checkout")),
        {**GRAFANA, "alerts": [{**GRAFANA["alerts"][0], "status": "resolved"}], "status": "resolved"},
        {"event": {**PAGERDUTY["event"], "event_type": "incident.resolved"}},
        {**OPSGENIE, "action": "Close"},
        {**DATADOG, "alert_transition": "Recovered"},
        {**SENTRY, "action": "resolved"},
    ],
    ids=lambda body: alert_of(body).source,
)
def test_a_notification_that_it_is_over_is_warned_about(body: Body) -> None:
    alert = alert_of(body)
    assert alert.resolved
    assert alert.warnings == ("This alert says that it is resolved.",)


# --- groups ------------------------------------------------------------------------------------------------


def test_of_a_group_the_earliest_start_counts_and_every_alert_is_a_row() -> None:
    first, second = (
        am_alert(service="checkout", instance="web-1"),
        am_alert(service="checkout", instance="web-2", starts="03:05:00Z"),
    )
    alert = alert_of(alertmanager(first, second))
    assert alert.fired_at == at("03:05")
    assert alert.title == "Checkout answers 12 % of all orders with an error"
    assert alert.rows == tuple(
        f"CheckoutErrors (instance={host}): Checkout answers 12 % of all orders with an error"
        for host in ("web-1", "web-2")
    )
    assert AlertLabel("service", "checkout") in alert.labels


def test_what_is_resolved_in_a_firing_group_comes_last_and_does_not_count() -> None:
    over = am_alert("PaymentsErrors", status="resolved", starts="02:00:00Z", service="payments")
    alert = alert_of(alertmanager(over, am_alert(service="checkout")))
    assert (alert.resolved, alert.names, alert.fired_at) == (False, ("CheckoutErrors",), at("03:08:11.207"))
    assert alert.service_hints == ("checkout", "http")
    assert [row.split(" (")[0] for row in alert.rows] == ["CheckoutErrors", "resolved: PaymentsErrors"]


def test_different_summaries_are_counted_and_the_service_most_alerts_name_comes_first() -> None:
    other = am_alert("CartSlow", service="cart")
    other["annotations"]["summary"] = "The cart is slow"
    alert = alert_of(alertmanager(other, am_alert(service="checkout"), am_alert(service="checkout", instance="b")))
    assert alert.title == "The cart is slow (and 1 more)"
    assert alert.service_hints == ("checkout", "cart", "http")


def test_alerts_that_the_sender_left_out_are_said() -> None:
    assert alert_of(alertmanager(truncatedAlerts=7)).warnings == (
        "7 more alerts of this group were left out by the sender (`max_alerts`).",
    )


def test_a_long_group_is_cut_and_says_how_many_more_there_are() -> None:
    many = [am_alert(service="checkout", instance=f"web-{number}") for number in range(45)]
    rows = alert_of(alertmanager(*many)).rows
    assert (len(rows), rows[-1]) == (20, "and 26 more")


def test_a_group_without_alerts_is_said() -> None:
    alert = alert_of({**alertmanager(), "alerts": [], "commonAnnotations": {}, "commonLabels": {}, "groupLabels": {}})
    assert alert.title == "Alert from Alertmanager"
    assert alert.warnings == ("There is no alert in this notification.",)


def test_without_a_summary_the_rule_and_its_telling_labels_are_the_title() -> None:
    bare = {**am_alert(service="checkout", namespace="shop", pod="x-1"), "annotations": {}}
    assert alert_of(alertmanager(bare)).title == "CheckoutErrors (service=checkout, job=http, namespace=shop)"


def test_the_list_that_amtool_prints_is_read_as_well() -> None:
    listed = [{**am_alert(service="checkout"), "status": {"state": "active"}, "receivers": [{"name": "x"}]}]
    alert = alert_of(listed)
    assert (alert.source, alert.names, alert.resolved) == ("Alertmanager", ("CheckoutErrors",), False)


# --- special cases of single products ----------------------------------------------------------------------


def test_a_grafana_alert_says_its_values() -> None:
    assert alert_of(GRAFANA).rows == ("[ var='A' labels={} value=4.02 ]",)


def test_a_grafana_notification_without_summaries_has_its_own_title() -> None:
    bare = {**GRAFANA["alerts"][0], "annotations": {}, "labels": {}}
    assert (
        alert_of({**GRAFANA, "alerts": [bare], "commonAnnotations": {}, "commonLabels": {}}).title == GRAFANA["title"]
    )


def test_a_pagerduty_note_names_its_incident() -> None:
    note = {
        "event": {
            "event_type": "incident.annotated",
            "resource_type": "incident",
            "occurred_at": "2026-11-23T03:11:00Z",
            "data": {
                "id": "N1", "type": "incident_note", "content": "looking",
                "incident": {
                    "id": "Q1", "summary": "Card payments are declined",
                    "html_url": "https://example.pagerduty.com/i/1",
                },
            },
        }
    }  # fmt: skip
    alert = alert_of(note)
    assert (alert.title, alert.links[0].url) == ("Card payments are declined", "https://example.pagerduty.com/i/1")
    assert AlertLabel("id", "Q1") in alert.labels


def test_a_pagerduty_event_that_is_no_incident_is_said() -> None:
    event = {"event": {"event_type": "service.updated", "resource_type": "service", "data": {"summary": "payments"}}}
    alert = alert_of(event)
    assert alert.title == "payments"
    assert alert.warnings == ("This is PagerDuty's `service.updated`, which is no incident.",)


def test_a_pagerduty_priority_wins_over_the_urgency() -> None:
    data = {**PAGERDUTY["event"]["data"], "priority": {"id": "P1", "summary": "P1"}}
    assert alert_of({"event": {**PAGERDUTY["event"], "data": data}}).severity_hint == "P1"


def test_sentry_issues_and_older_flat_notifications_are_read() -> None:
    issue = {
        "action": "created",
        "data": {"issue": {
            "title": "ValueError: no price", "level": "fatal", "firstSeen": "2026-11-23T03:01:02Z",
            "project": {"id": "1", "slug": "checkout"}, "permalink": "https://sentry.io/organizations/e/issues/9/",
            "tags": [{"key": "release", "value": "1.2"}],
        }},
    }  # fmt: skip
    alert = alert_of(issue)
    assert (alert.title, alert.service_hints, alert.severity_hint) == ("ValueError: no price", ("checkout",), "fatal")
    assert (alert.fired_at, AlertLabel("release", "1.2") in alert.labels) == (at("03:01:02"), True)
    flat = {"project": "checkout", "url": "https://sentry.io/e/1/", "event": {"title": "Boom", "level": "error"}}
    assert (alert_of(flat).title, alert_of(flat).service_hints) == ("Boom", ("checkout",))
