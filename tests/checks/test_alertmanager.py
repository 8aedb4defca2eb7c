"""A real Alertmanager: alerts are posted to it, silenced, and resolved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from incidentctl.checks import alertmanager as kind
from incidentctl.checks.interface import Found
from incidentctl.incident.words import Answer
from incidentctl.text.times import clock_time
from tests.checks.asked import asked, inquiry
from tests.servers.alertmanager import BEGUN, NOW, any_alertmanager, fire, own_alertmanager, silence

SINCE = f"since {clock_time(BEGUN, UTC, seen_from=NOW)}"
SOURCE = "http://prometheus.example.com/graph?g0.expr=x"


@pytest.fixture(scope="module", name="url")
def _url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with any_alertmanager(tmp_path_factory.mktemp("alertmanager")) as url:
        yield url


def ask(url: str, *matchers: str, service: str = "", alerts: tuple[str, ...] = ()) -> Found:
    values = {"url": url, "matchers": "\n".join(matchers)}
    return asked(kind.ask, inquiry("alertmanager", values, service=service, alerts=alerts, now=NOW))


def rows(found: Found) -> list[str]:
    return [row.text for row in found.rows]


def test_yes_while_it_fires_no_when_it_is_over_unknown_when_nobody_answers(tmp_path: Path) -> None:
    with own_alertmanager(tmp_path) as server:
        labels = {"alertname": "CheckoutErrors", "severity": "critical", "service": "checkout"}
        assert ask(server.url, "service=checkout") == Found(Answer.NO, "nothing fires")
        fire(server.url, labels, summary="7% of requests fail")
        found = ask(server.url, "service=checkout")
        assert (found.answer, found.said) == (Answer.YES, "CheckoutErrors fires")
        assert rows(found) == [f"CheckoutErrors (critical) {SINCE}: 7% of requests fail, {SOURCE}"]
        fire(server.url, labels, ended=True)
        assert ask(server.url, "service=checkout").answer is Answer.NO
        server.stop()
        found = ask(server.url, "service=checkout")
        assert found.answer is Answer.UNKNOWN
        assert found.said.endswith("refused the connection")


def test_without_matchers_the_alerts_of_the_runbook_and_the_label_count(url: str) -> None:
    fire(url, {"alertname": 'Odd.Name(1)|"quoted"', "team": "a"})
    fire(url, {"alertname": "Latency", "service": "search"})
    fire(url, {"alertname": "Both", "service": "search"})
    assert ask(url, alerts=("Elsewhere", 'Odd.Name(1)|"quoted"')).said == 'Odd.Name(1)|"quoted" fires'
    assert ask(url, alerts=("OddXName(1)",)).answer is Answer.NO
    both = ask(url, service="search", alerts=("Both",))
    assert (both.said, len(both.rows)) == ("Both and 1 more fire", 2)
    assert ask(url, service="sear").answer is Answer.NO


def test_all_matchers_must_hold(url: str) -> None:
    fire(url, {"alertname": "Disk", "service": "ledger", "severity": "page"})
    assert ask(url, "service=ledger", 'severity=~"page|critical"').answer is Answer.YES
    assert ask(url, "service=ledger", "severity!=page").answer is Answer.NO


def test_what_is_silenced_does_not_fire_and_is_said(url: str) -> None:
    fire(url, {"alertname": "Queue", "service": "mail"})
    silence(url, "service", "mail")
    assert ask(url, "service=mail") == Found(Answer.NO, "nothing fires; 1 silenced or inhibited")


def test_an_alert_that_says_little_is_shown_as_it_is(url: str) -> None:
    fire(url, {"service": "bare"})
    found = ask(url, "service=bare")
    assert found.said == "an alert without a name fires"
    assert rows(found) == [f"{SINCE}: {SOURCE}"]


def test_matchers_that_are_none_are_unknown(url: str) -> None:
    found = ask(url, "service is checkout")
    assert found.answer is Answer.UNKNOWN
    assert "refused the request (400)" in found.said


def test_without_anything_to_choose_by_it_is_unknown(url: str) -> None:
    found = ask(url)
    assert found == Found(Answer.UNKNOWN, "the runbook says neither `matchers` for this check nor `alerts`")


def test_a_storm_is_counted_and_its_beginning_shown(url: str) -> None:
    for number in range(25):
        fire(url, {"alertname": f"Storm{number}", "service": "storm"})
    found = ask(url, "service=storm")
    assert found.said.endswith(" and 24 more fire")
    assert rows(found)[20:] == ["and 5 more"]
