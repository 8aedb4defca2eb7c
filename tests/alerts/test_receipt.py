"""From when the five minutes of the triage count, and what is said where that is doubtful."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.receipt import received, remarks
from incidentctl.incident.entry import Entry, occurred_at
from incidentctl.incident.events import IncidentOpened, SeverityChanged
from incidentctl.incident.fold import fold
from incidentctl.incident.state import Incident
from incidentctl.journal.codec import decode, encode
from incidentctl.runbook.load import built_in
from incidentctl.terminal.header import header_text
from incidentctl.walker import acts
from incidentctl.walker.triage import changed

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


def fired(ago: timedelta) -> Alert:
    return Alert("Alertmanager", "It fails", ("Errors",), fired_at=NOW - ago)


@pytest.mark.rule("P-FIRST-6")
@pytest.mark.parametrize(
    ("ago", "counts", "said"),
    [
        (timedelta(minutes=4), True, ""),
        (timedelta(0), True, ""),
        (timedelta(hours=24), True, ""),
        (timedelta(hours=24, seconds=1), False, "This alert fired 1 day ago."),
        (timedelta(days=400), False, "This alert fired 400 days ago."),
        (timedelta(seconds=-60), False, ""),
        (timedelta(minutes=-2), False, "This alert says that it fires in 2 min."),
    ],
)
def test_a_start_of_the_last_day_counts(ago: timedelta, counts: bool, said: str) -> None:
    event = received(fired(ago), NOW)
    assert event.fired_at == NOW - ago
    assert event.counts_from == (NOW - ago if counts else None)
    told = " ".join(remarks(fired(ago), NOW))
    assert told == (f"{said} The triage is counted from now (P-FIRST-6)." if said else "")


def incident_of(alert: Alert, opened_at: datetime = NOW) -> Incident:
    """An incident that opens with `alert`, as it is read back from a journal."""
    loaded = built_in("search")
    assert loaded.book is not None
    events = acts.opened(
        loaded.book, service="search", title="x", mode="real", layers=(), severity=None, affects=(), now=opened_at,
        alert=received(alert, opened_at),
    )  # fmt: skip
    read_back = [decode(*encode(event)) for event in events]
    assert read_back == events
    assert isinstance(events[0], IncidentOpened)
    return fold("x", [
        Entry(str(seq), seq, occurred_at(event, opened_at), opened_at, "Ada", "", None, event)
        for seq, event in enumerate(read_back, 1)
    ])  # fmt: skip


def triage_took(incident: Incident, at: datetime) -> timedelta | None:
    loaded = built_in("search")
    assert loaded.book is not None
    event = changed(loaded.book, incident, "P1", at)
    assert isinstance(event, SeverityChanged)
    return event.took


@pytest.mark.rule("P-FIRST-6")
def test_the_triage_is_counted_from_the_page() -> None:
    incident = incident_of(fired(timedelta(minutes=4)))
    assert incident.opened_at == NOW
    assert triage_took(incident, NOW + timedelta(minutes=2)) == timedelta(minutes=6)


@pytest.mark.rule("P-FIRST-6")
def test_a_start_that_does_not_count_leaves_the_opening() -> None:
    for ago in (timedelta(days=3), timedelta(minutes=-30)):
        assert triage_took(incident_of(fired(ago)), NOW + timedelta(minutes=2)) == timedelta(minutes=2)


@pytest.mark.rule("P-FIRST-6")
def test_an_alert_that_joins_later_never_shortens_the_triage() -> None:
    incident = incident_of(Alert("Alertmanager", "no start"))
    event = received(Alert("Alertmanager", "x", fired_at=NOW + timedelta(minutes=3)), NOW + timedelta(minutes=4))
    assert Incident("x", opened_at=NOW, alert=event).paged_at == NOW == incident.paged_at


@pytest.mark.rule("P-FIRST-6")
def test_the_clock_in_the_header_shows_the_time_since_the_page() -> None:
    assert "04:30" in header_text(incident_of(fired(timedelta(minutes=4))), NOW + timedelta(seconds=30), 80)
    assert "00:30" in header_text(incident_of(fired(timedelta(days=4))), NOW + timedelta(seconds=30), 80)
