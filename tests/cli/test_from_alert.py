"""`start --from-alert`: from any notification into the walk, and through everything that can be wrong with one."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.alerts.bodies import BODIES, PAGERDUTY, Body, alertmanager, am_alert, as_bytes
from tests.cli.conftest import ROOT, Answers, Program


@pytest.fixture
def alert(tmp_path: Path) -> str:
    """A file with an alert of checkout that fired four minutes ago."""
    return written(tmp_path, alertmanager(fired_ago(timedelta(minutes=4), service="checkout")))


def fired_ago(ago: timedelta, name: str = "CheckoutErrors", **labels: str) -> Body:
    starts = (datetime.now(UTC) - ago).isoformat()  # noqa: TID251 - the program's own clock runs
    return {**am_alert(name, **labels), "startsAt": starts}


def written(folder: Path, body: object, name: str = "alert.json") -> str:
    path = folder / name
    path.write_bytes(body if isinstance(body, bytes) else as_bytes(body))
    return str(path)


def flat(text: str) -> str:
    return " ".join(text.split())


# --- the walk ----------------------------------------------------------------------------------------------


def test_an_alert_gives_service_title_and_everything_to_look_at(program: Program, alert: str) -> None:
    done = program("start", "--from-alert", alert)
    assert done.status == 3
    assert "`first.acknowledge`" in done.err
    status = program("status", "--json").json
    assert (status["service"], status["title"]) == ("checkout", "Checkout answers 12 % of all orders with an error")
    assert (status["severity"], status["mode"]) == (None, "real")
    said = flat(done.out)
    assert "The service is checkout: it answers to CheckoutErrors." in said
    assert "Alert from Alertmanager: Checkout answers 12 % of all orders with an error CheckoutErrors, sev" in said
    assert "severity there: critical" in said
    assert "More than 5 % for 2 minutes." in said
    assert "\nThe alert's runbook: https://wiki.example.com/checkout-errors\n" in done.out


def test_the_dashboards_step_shows_the_alerts_links_with_the_runbooks(
    program: Program, answers: Answers, alert: str
) -> None:
    rows = answers("first.acknowledge", "first.channel", rest=False)
    done = program("start", "--from-alert", alert, "--answers", rows)
    assert "`first.dashboards`" in done.err
    after = done.out[done.out.index("Acknowledge the page") :]
    assert "\nDashboard: https://grafana.example.com/d/checkout\n" in after
    assert after.count("https://grafana.example.com/d/checkout?") == 1  # the runbook's own
    assert "severity there" not in after


def test_the_title_is_not_asked_and_an_option_wins_over_the_alert(
    program: Program, answers: Answers, alert: str
) -> None:
    rows = answers(*["first.*"] * 3, rest=False)
    assert "`triage.impact`" in program("start", "--from-alert", alert, "--answers", rows).err
    program("start", "payments", "--title", "Cards fail", "--from-alert", alert)
    status = [one for one in program("history", "--json").json["incidents"] if one["service"] == "payments"]
    assert [one["title"] for one in status] == ["Cards fail"]


@pytest.mark.rule("P-FIRST-6")
def test_the_triage_is_counted_from_the_page_and_the_timeline_tells_it(program: Program, tmp_path: Path) -> None:
    old = written(tmp_path, alertmanager(fired_ago(timedelta(minutes=9), service="checkout")))
    done = program("start", "--from-alert", old, "--severity", "P1")
    assert re.search(r"The alert fired (9|10) min ago, at ", flat(done.out)), "a busy machine may take a minute"
    assert "the triage is counted from then (P-FIRST-6)." in flat(done.out)
    entries = program("timeline", "--json").json["entries"]
    assert [entry["kind"] for entry in entries[:3]] == ["incident.opened", "alert.received", "severity.changed"]
    assert "the triage took 9 min, more than 5 min" in entries[2]["text"]
    assert entries[1]["occurred_at"] == entries[1]["data"]["fired_at"] < entries[0]["occurred_at"]
    assert entries[1]["prompt"] is None
    lines = program("timeline").out.splitlines()
    first = next(line for line in lines if "Alert from Alertmanager, critical: Checkout answers" in line)
    assert lines.index(first) < next(at for at, line in enumerate(lines) if "Incident opened" in line)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(days=3), "This alert fired 3 days ago."),
        (timedelta(hours=-2), "This alert says that it fires in 1 h"),
    ],
)
@pytest.mark.rule("P-FIRST-6")
def test_a_start_that_cannot_be_is_said_and_the_opening_counts(
    program: Program, tmp_path: Path, ago: timedelta, said: str
) -> None:
    done = program("start", "--severity", "P1", "--from-alert", written(tmp_path, alertmanager(fired_ago(ago))))
    assert said in flat(done.err)
    assert "The triage is counted from now (P-FIRST-6)." in flat(done.err)
    assert "the triage took" not in program("timeline").out


def test_a_group_shows_its_rows_and_is_one_incident(program: Program, tmp_path: Path) -> None:
    group = [fired_ago(timedelta(minutes=3), service="checkout", instance=name) for name in ("web-1", "web-2")]
    done = program("start", "--from-alert", written(tmp_path, alertmanager(*group, truncatedAlerts=2)))
    for name in ("web-1", "web-2"):
        assert f"CheckoutErrors (instance={name}): Checkout answers 12 % of all orders with an error" in flat(done.out)
    assert "2 more alerts of this group were left out" in flat(done.err)
    assert "CheckoutErrors (instance=web-2): Checkout" in flat(program("timeline").out)


@pytest.mark.parametrize("name", [name for name in BODIES if name != "pagerduty"])
def test_every_product_starts_an_incident_of_its_service(program: Program, tmp_path: Path, name: str) -> None:
    done = program("start", "--from-alert", written(tmp_path, BODIES[name]))
    assert "`first.acknowledge`" in done.err
    status = program("status", "--json").json
    assert status["service"] == {"grafana": "search", "datadog": "search", "opsgenie": "payments",
                                 "sentry-metric": "payments"}.get(name, "checkout")  # fmt: skip
    assert status["title"]


def test_an_alert_that_is_over_is_said_and_starts_all_the_same(program: Program, tmp_path: Path) -> None:
    body = alertmanager(am_alert(status="resolved", service="checkout"))
    done = program("start", "--from-alert", written(tmp_path, body))
    assert "This alert says that it is resolved." in done.err
    assert "`first.acknowledge`" in done.err
    assert "Alert from Alertmanager, critical, resolved: " in program("timeline").out


def test_status_has_the_promised_shape_and_nothing_else(program: Program, alert: str) -> None:
    program("start", "payments")
    without = program("status", "--json").json
    program("start", "--from-alert", alert)
    with_alert = program("status", "--json", without["id"]).json
    assert with_alert.keys() == without.keys()
    latest = program("history", "--json").json["incidents"][0]
    assert latest.keys() == without.keys()


def test_the_incident_with_its_alert_is_walked_to_its_end(program: Program, alert: str) -> None:
    walk = str(ROOT / "runbooks/answers/checkout.yaml")
    done = program("start", "--from-alert", alert, "--answers", walk)
    assert (done.status, "never used" in done.err) == (0, False)
    assert program("status", "--json").json["state"] == "closed"


# --- which service -----------------------------------------------------------------------------------------


def test_a_service_that_was_named_wins(program: Program, alert: str) -> None:
    program("start", "search", "--from-alert", alert)
    assert program("status", "--json").json["service"] == "search"


def test_an_alert_that_names_several_services_asks_with_the_likeliest_as_default(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    body = alertmanager(fired_ago(timedelta(minutes=1), "Other", service="search", app="payments"))
    done = program("start", "--from-alert", written(tmp_path, body))
    assert "`start.service`" in done.err
    assert "`search`, `payments`, `checkout`" in done.err
    assert "The alert's labels name several services." in flat(done.out)
    program("start", "--from-alert", written(tmp_path, body), "--answers", answers("start.service", rest=False))
    assert program("status", "--json").json["service"] == "search"


def test_an_alert_that_names_nothing_asks_without_a_default(program: Program, answers: Answers, tmp_path: Path) -> None:
    body = written(tmp_path, alertmanager(fired_ago(timedelta(minutes=1), "Other")))
    assert "`start.service`" in program("start", "--from-alert", body).err
    refused = program("start", "--from-alert", body, "--answers", answers("start.service", rest=False))
    assert refused.status == 3
    assert program("status").status == 4
    program("start", "--from-alert", body, "--answers", answers("start.service: search", rest=False))
    assert program("status", "--json").json["service"] == "search"


def test_a_service_without_a_runbook_that_the_alert_names_is_offered(program: Program, tmp_path: Path) -> None:
    body = written(tmp_path, alertmanager(fired_ago(timedelta(minutes=1), "Other", service="warehouse")))
    done = program("start", "--from-alert", body)
    assert "warehouse - named by the alert; it has no runbook" in flat(done.out)


def test_a_runbook_whose_alerts_cannot_be_read_is_a_remark(program: Program, tmp_path: Path, alert: str) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "checkout.yaml").write_bytes((ROOT / "runbooks/checkout.yaml").read_bytes())
    (folder / "broken.yaml").write_text("alerts: [A\n")
    done = program("--runbooks", str(folder), "start", "--from-alert", alert)
    assert "broken.yaml: its `alerts:` cannot be read, so it answers to none." in flat(done.err)
    assert program("status", "--json").json["service"] == "checkout"


# --- once more ---------------------------------------------------------------------------------------------


def test_the_same_alert_goes_on_with_the_incident_that_it_began(program: Program, answers: Answers, alert: str) -> None:
    first = program("start", "--from-alert", alert).incident
    rows = answers("start.open-incident", "first.acknowledge", rest=False)
    done = program("start", "--from-alert", alert, "--answers", rows)
    assert "`first.channel`" in done.err
    assert "added to the timeline" not in done.out
    assert [one["id"] for one in program("history", "--json").json["incidents"]] == [first]
    kinds = [entry["kind"] for entry in program("timeline", "--json").json["entries"]]
    assert kinds.count("alert.received") == 1


def test_another_alert_of_the_service_joins_the_open_incident(
    program: Program, answers: Answers, alert: str, tmp_path: Path
) -> None:
    first = program("start", "--from-alert", alert).incident
    program("--me", "Bob", "note", "I look at the database")
    other = written(tmp_path, alertmanager(fired_ago(timedelta(minutes=1), "CheckoutLatency")), "other.json")
    rows = answers("start.open-incident", rest=False)
    done = program("start", "--from-alert", other, "--answers", rows)
    assert f"The alert is added to the timeline of {first}." in flat(done.out)
    assert "I look at the database" in done.out
    entries = program("timeline", "--json").json["entries"]
    joined = [entry for entry in entries if entry["kind"] == "alert.received"]
    assert [entry["data"]["names"] for entry in joined] == [["CheckoutErrors"], ["CheckoutLatency"]]
    program("severity", "P1")
    took = program("timeline", "--json").json["entries"][-1]["data"]["took"]
    assert took >= timedelta(minutes=4).total_seconds()


def test_the_word_that_it_is_over_joins_the_open_incident(
    program: Program, answers: Answers, alert: str, tmp_path: Path
) -> None:
    program("start", "--from-alert", alert)
    over = json.loads(Path(alert).read_text())
    over["alerts"][0]["status"] = over["status"] = "resolved"
    rows = answers("start.open-incident", rest=False)
    done = program("start", "--from-alert", written(tmp_path, over, "over.json"), "--answers", rows)
    assert "This alert says that it is resolved." in done.err
    assert "Alert from Alertmanager, critical, resolved: Checkout answers" in flat(program("timeline").out)
    assert program("status", "--json").json["state"] == "open"


# --- where it comes from -----------------------------------------------------------------------------------


def test_standard_input_is_a_dash(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    body = as_bytes(alertmanager(fired_ago(timedelta(minutes=1))))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
    done = program("start", "--from-alert", "-")
    assert done.status == 3
    assert "`first.acknowledge`" in done.err
    assert program("status", "--json").json["service"] == "checkout"


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read_is_4_and_records_nothing(program: Program, name: str) -> None:
    done = program("start", "--from-alert", name)
    assert done.status == 4
    assert f"The alert in {name} cannot be read: " in done.err
    assert "`-` for standard input" in done.err
    assert program("status").status == 4


@pytest.mark.parametrize("data", [b"{bad", b"", b"[]", b"\x00\xff", b'{"alerts": "no"}', b"[" * 5000])
def test_what_is_no_alert_is_said_and_the_service_is_asked(
    program: Program, answers: Answers, tmp_path: Path, data: bytes
) -> None:
    file = written(tmp_path, data, "page.json")
    done = program("start", "--from-alert", file)
    assert done.status == 3
    assert f"Unreadable alert from {file}: " in flat(done.err).replace(" /", "/").replace("from/", "from /")
    assert "`start.service`" in done.err
    rows = answers("start.service: search", *["first.*"] * 3, rest=False)
    assert "`triage.title`" in program("start", "--from-alert", file, "--answers", rows).err
    assert "Unreadable alert from " in flat(program("timeline").out)


def test_a_hostile_alert_is_harmless_on_the_screen_and_no_template(program: Program, tmp_path: Path) -> None:
    bad = "\x1b]0;owned\x07\x1b[31m[bold red]no[/] {{ 123457 * 7 }} \u202egnp.exe"
    one = fired_ago(timedelta(minutes=1), bad, service=bad, instance="x" * 5000)
    one["annotations"] = {"summary": bad, "dashboard": "https://h/{{ 123457 * 7 }}", "runbook_url": f"https://h/{bad}"}
    file = written(tmp_path, alertmanager(one, {**one, "labels": {**one["labels"], "pod": bad}}))
    asked, started = program("start", "--from-alert", file), program("start", "search", "--from-alert", file)
    assert (asked.status, started.status) == (3, 3)
    for text in (asked.out, asked.err, started.out, started.err, program("timeline").out):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "864199" not in text
    assert "no[/] {{ 123457 * 7 }} gnp.exe" in flat(started.out)
    assert "\nDashboard: https://h/%7B%7B%20123457%20*%207%20%7D%7D\n" in started.out


# --- secrets -----------------------------------------------------------------------------------------------


def test_no_secret_of_an_alert_reaches_the_journal_or_the_screen(
    program: Program, tmp_path: Path, answers: Answers
) -> None:
    canary = "hunter2canary"
    one = fired_ago(timedelta(minutes=1), service="checkout", password=canary, instance=f"token={canary}")
    one["annotations"] = {
        "summary": f"login with password={canary} fails",
        "description": f"postgres://app:{canary}@db/orders",
        "dashboard": f"https://u:{canary}@grafana.example.com/d?api_key={canary}",
    }
    body: list[Body] = [one, {**one, "labels": {**one["labels"], "api_key": canary + "2"}}]
    data = {"event": {**PAGERDUTY["event"], "data": {**PAGERDUTY["event"]["data"], "title": f"secret: {canary}"}}}
    rows = answers(*["first.*"] * 3, "start.open-incident: new", rest=False)
    said = [
        program("start", "--from-alert", written(tmp_path, notification), "--answers", rows)
        for notification in (alertmanager(*body), alertmanager(one), data)
    ]
    assert all(canary not in done.out + done.err for done in said)
    with sqlite3.connect(tmp_path / "store.db") as store:
        stored = json.dumps(store.execute("SELECT * FROM entry").fetchall())
    assert "alert.received" in stored
    assert canary not in stored
