"""Clock times with their zones, dates where the day is another, spans in two units."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incidentctl.text.times import clock_time, day, span, zone

BERLIN = zone("Europe/Berlin")


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.rule("P-COMMS-4")
@pytest.mark.parametrize(
    ("moment", "seen_from", "text"),
    [
        (utc(2026, 11, 23, 2, 42), utc(2026, 11, 23, 2, 12), "03:42 CET"),
        (utc(2026, 11, 23, 23, 12), utc(2026, 11, 23, 22, 42), "00:12 CET on 24 November"),
        (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 0, 0), "02:30 CEST"),
        (utc(2026, 10, 25, 1, 30), utc(2026, 10, 25, 0, 0), "02:30 CET"),
    ],
)
def test_a_clock_time_names_its_zone_and_another_day(moment: datetime, seen_from: datetime, text: str) -> None:
    assert clock_time(moment, BERLIN, seen_from=seen_from) == text


def test_a_zone_without_an_abbreviation_is_named_by_its_offset() -> None:
    now = utc(2026, 11, 23, 3, 12)
    assert clock_time(now, zone("America/Sao_Paulo"), seen_from=now) == "00:12 UTC-03"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "Europe", "/etc/localtime", "\x00"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert zone(name) is UTC


def test_a_day_is_written_out() -> None:
    assert day(utc(2026, 11, 3, 3, 12)) == "Tuesday 3 November 2026"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=12, seconds=30), "12 min"),
        (timedelta(hours=1, minutes=5), "1 h 05 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=1, hours=3), "1 day 3 h"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_a_span_has_two_units_at_most(length: timedelta, text: str) -> None:
    assert span(length) == text
