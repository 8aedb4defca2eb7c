from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.state import Clear, Comms, Incident, Severity
from incidentctl.terminal.header import counted, header, header_text, title
from incidentctl.text.escape import columns
from tests.terminal.examples import INCIDENT, START

REAL = replace(INCIDENT, mode="real")


def after(minutes: float, seconds: float = 0) -> datetime:
    return START + timedelta(minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    ("incident", "now", "line"),
    [
        (REAL, after(12, 34), "P1 · 12:34 · next update 17:26 · IC sam · incident-20261123-0312"),
        (INCIDENT, after(0), "DRILL · P1 · 00:00 · next update 30:00 · IC sam · incident-20261123-0312"),
        (REAL, after(31, 5), "P1 · 31:05 · OVERDUE 01:05 · IC sam · incident-20261123-0312"),
        (REAL, after(77, 1), "P1 · 1:17:01 · OVERDUE 47:01 · IC sam · incident-20261123-0312"),
        (replace(REAL, roles={}), after(1), "P1 · 01:00 · next update 29:00 · no IC · incident-20261123-0312"),
        (
            replace(REAL, severity=None, comms=Comms(), channel=""), after(1),
            "no severity yet · 01:00 · triage 04:00 left · IC sam",
        ),
        (replace(REAL, process="light", severity=None, comms=Comms(), channel=""), after(1), "light · 01:00"),
        (
            replace(REAL, decision_due_at=after(20)), after(10),
            "P1 · 10:00 · next update 20:00 · IC sam · incident-20261123-0312",
        ),
        (
            replace(REAL, decision_due_at=after(20)), after(16),
            "P1 · 16:00 · next update 14:00 · decide in 04:00 · IC sam · incident-20261123-0…",
        ),
        (
            replace(REAL, decision_due_at=after(20)), after(21),
            "P1 · 21:00 · next update 09:00 · decide now · IC sam · incident-20261123-0312",
        ),
    ],
)  # fmt: skip
def test_the_header_says_how_bad_how_long_when_next_who_and_where(incident: Incident, now: datetime, line: str) -> None:
    assert header_text(incident, now, 80) == line


@pytest.mark.rule("P-COMMS-8")
def test_the_first_update_is_overdue_only_after_its_five_minutes() -> None:
    waiting = replace(REAL, comms=Comms(due_at=START))
    assert "first update due" in header_text(waiting, START, 80)
    assert "first update due" in header_text(waiting, after(4, 59), 80)
    assert "OVERDUE 05:00" in header_text(waiting, after(5), 80)


@pytest.mark.rule("P-COMMS-7")
def test_after_the_all_clear_nothing_is_counted_and_what_is_owed_is_said() -> None:
    over = replace(
        REAL, clear=Clear(given_at=after(26), items={"review-booked": "later"}), comms=Comms(due_at=after(26))
    )
    line = "resolved · lasted 26:00 · tell customers it is over · IC sam · incident-2026112…"
    assert header_text(over, after(40), 80) == line
    told = replace(over, comms=Comms(sent=2))
    assert header_text(told, after(40), 80) == "resolved · lasted 26:00 · IC sam · incident-20261123-0312"
    assert title(over, after(40)) == "20261123-0312-abc resolved tell customers it is over"


def test_down_to_a_level_without_updates_one_last_word_is_owed() -> None:
    ticket = Severity("P3", 2, "P3", None, tree=False, decided_at=START)
    assert "tell customers it is over" in header_text(replace(REAL, severity=ticket), after(1), 80)


def test_before_there_is_an_incident_there_is_no_header_but_that_of_a_drill() -> None:
    assert header(Incident(""), START, 80) == ()
    assert header_text(Incident("", mode="drill"), START, 80) == "DRILL"


def test_a_ticket_needs_no_commander() -> None:
    ticket = Severity("P3", 2, "P3", None, tree=False, decided_at=START)
    assert "no IC" not in header_text(replace(REAL, severity=ticket, roles={}), after(1), 80)


@pytest.mark.rule("P-ROLE-1")
def test_an_incident_without_a_commander_says_so_loudly() -> None:
    assert ("loud", "no IC") in header(replace(REAL, roles={}), START, 80)


@given(
    width=st.integers(min_value=20, max_value=120),
    channel=st.text(max_size=60),
    name=st.text(max_size=60),
    minutes=st.integers(min_value=0, max_value=5000),
)
def test_the_header_fits_whatever_the_names_are(width: int, channel: str, name: str, minutes: int) -> None:
    line = header_text(replace(INCIDENT, channel=channel, roles={"ic": name}), after(minutes), width)
    assert columns(line) <= width
    assert "P1" in line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00"), (59.9, "00:59"), (3599, "59:59"), (3600, "1:00:00"), (-5, "00:00"), (93784, "26:03:04")],
)
def test_a_span_counts_in_minutes_and_from_an_hour_on_in_hours(seconds: float, text: str) -> None:
    assert counted(timedelta(seconds=seconds)) == text


def test_the_title_names_the_tab_by_id_level_and_the_next_update_in_the_incidents_zone() -> None:
    berlin = replace(REAL, timezone="Europe/Berlin")
    assert title(berlin, START) == "20261123-0312-abc P1 update 04:42"
    assert title(berlin, after(31)) == "20261123-0312-abc P1 update OVERDUE"
    assert title(replace(REAL, severity=None, comms=Comms()), START) == "20261123-0312-abc no severity yet"
