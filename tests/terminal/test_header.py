from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.state import Comms, Incident
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
        (replace(REAL, severity=None, comms=Comms(), channel=""), after(1), "no severity yet · 01:00 · IC sam"),
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
    assert "first update due" in header_text(waiting, after(4, 59), 80)
    assert "OVERDUE 05:00" in header_text(waiting, after(5), 80)


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
    assert title(replace(REAL, severity=None, comms=Comms()), START) == "20261123-0312-abc no severity"
