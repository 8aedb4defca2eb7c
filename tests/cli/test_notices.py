"""What is said beside a command: never more than a line, and at night only what is overdue."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidentctl.cli.notices import post_mortems
from incidentctl.cli.past import Outline

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)


def ended(name: str, now: datetime, due_in: float | None) -> Outline:
    """A real incident that is over; its post-mortem is due in so many hours, None where it is written."""
    due = None if due_in is None else now + timedelta(hours=due_in)
    return Outline(name, "shop", "real", now - timedelta(days=3), now - timedelta(days=2), due)


def going_on(now: datetime) -> Outline:
    return Outline("open", "shop", "real", now, None, None)


@pytest.mark.rule("P-CLEAR-4")
@pytest.mark.parametrize(
    ("now", "said"),
    [
        (MONDAY, True),
        (MONDAY.replace(hour=9), True),
        (MONDAY.replace(hour=16, minute=59), True),
        (MONDAY.replace(hour=17), False),
        (MONDAY.replace(hour=8, minute=59), False),
        (MONDAY.replace(hour=3), False),
        (MONDAY + timedelta(days=5), False),
        (MONDAY + timedelta(days=6), False),
    ],
)
def test_what_is_not_overdue_waits_for_working_hours(now: datetime, said: bool) -> None:
    line = post_mortems([ended("a", now, 20), ended("b", now, 4), ended("c", now, None)], now)
    due = "Post-mortem due in 4 h: a, b. Tick it with `incidentctl resume b` when it is written."
    assert line == (due if said else "")


@pytest.mark.rule("P-CLEAR-4")
def test_nobody_is_asked_to_write_about_one_incident_in_the_middle_of_another() -> None:
    assert post_mortems([ended("a", MONDAY, 20), going_on(MONDAY)], MONDAY) == ""


@pytest.mark.rule("P-CLEAR-4")
@pytest.mark.parametrize("now", [MONDAY, MONDAY.replace(hour=3), MONDAY + timedelta(days=6)])
def test_what_is_overdue_is_said_at_every_hour_in_one_line(now: datetime) -> None:
    line = post_mortems([ended(name, now, -1) for name in "abcde"] + [ended("f", now, 20), going_on(now)], now)
    assert line == "Post-mortem overdue: a, b, c and 2 more. Tick it with `incidentctl resume a` when it is written."
