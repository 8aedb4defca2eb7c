"""What a real Alertmanager posts to a web hook starts an incident."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from incidentctl.alerts.read import read_alert
from tests.cli.conftest import Program
from tests.servers.alertmanager import BEGUN, fire, own_alertmanager
from tests.servers.hearing import Hook, hearing

ROUTES = """\
route: {{receiver: us, group_by: [service], group_wait: 100ms, group_interval: 300ms, repeat_interval: 1h}}
receivers:
  - name: us
    webhook_configs: [{{url: "{url}", send_resolved: true, max_alerts: 2}}]
"""
SUMMARY = "12 % of all orders fail"


@pytest.fixture(scope="module", name="posted")
def _posted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Hook]]:
    folder = tmp_path_factory.mktemp("alertmanager")
    with hearing() as hook, own_alertmanager(folder, ROUTES.format(url=hook.url)) as server:
        yield server.url, hook


def about(service: str, *, count: int = 1, left_out: int = 0, status: str = "firing") -> Callable[[bytes], bool]:
    def fits(body: bytes) -> bool:
        read = json.loads(body)
        return (read["groupLabels"].get("service"), len(read["alerts"]), read["truncatedAlerts"], read["status"]) == (
            service, count, left_out, status,
        )  # fmt: skip

    return fits


def test_a_real_notification_starts_an_incident(program: Program, tmp_path: Path, posted: tuple[str, Hook]) -> None:
    url, hook = posted
    labels = {"alertname": "CheckoutErrors", "service": "checkout", "severity": "critical"}
    fire(url, labels, summary=SUMMARY, runbook_url="https://wiki.example.com/checkout")
    file = tmp_path / "posted.json"
    file.write_bytes(hook.heard(about("checkout")))
    done = program("start", "--from-alert", str(file))
    assert re.search(r"The alert fired 3\d min ago", done.out), "half an hour, and what the server took"
    assert "The alert's runbook: https://wiki.example.com/checkout" in done.out
    status = program("status", "--json").json
    assert (status["service"], status["title"]) == ("checkout", SUMMARY)
    fire(url, labels, ended=True, summary=SUMMARY)
    file.write_bytes(hook.heard(about("checkout", status="resolved")))
    assert "This alert says that it is resolved." in program("start", "search", "--from-alert", str(file)).err


def test_a_real_group_is_read_with_its_rows_and_says_what_was_left_out(posted: tuple[str, Hook]) -> None:
    url, hook = posted
    for number in range(3):
        labels = {"alertname": "PaymentsErrors", "service": "payments", "instance": f"web-{number}"}
        fire(url, labels, summary=SUMMARY)
    alert = read_alert(hook.heard(about("payments", count=2, left_out=1)), "posted")
    assert (alert.source, alert.names, alert.service_hints) == ("Alertmanager", ("PaymentsErrors",), ("payments",))
    assert alert.fired_at == BEGUN.replace(microsecond=BEGUN.microsecond // 1000 * 1000)
    assert [row.partition(": ")[2] for row in alert.rows] == [SUMMARY] * 2
    assert alert.warnings == ("1 more alert of this group was left out by the sender (`max_alerts`).",)
