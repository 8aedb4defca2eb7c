"""`--at 02:55` is the last 02:55 that has passed, in the incident's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.cli.moments import moment_of
from incidentctl.errors import NotAllowed


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("said", "zone", "now", "meant"),
    [
        ("02:55", "UTC", "2026-11-23T03:12:00Z", "2026-11-23T02:55:00Z"),
        ("02:55", "Europe/Berlin", "2026-11-23T03:12:00Z", "2026-11-23T01:55:00Z"),
        ("23:50", "UTC", "2026-11-23T00:05:00Z", "2026-11-22T23:50:00Z"),
        ("00:30", "Europe/Berlin", "2026-11-22T23:40:00Z", "2026-11-22T23:30:00Z"),
        ("03:12", "UTC", "2026-11-23T03:12:00Z", "2026-11-23T03:12:00Z"),
        ("3:12:30", "UTC", "2026-11-23T03:12:29Z", "2026-11-22T03:12:30Z"),
        ("02:30", "Nowhere/Land", "2026-11-23T03:12:00Z", "2026-11-23T02:30:00Z"),
        ("2026-11-22T02:55:00+01:00", "UTC", "2026-11-23T03:12:00Z", "2026-11-22T01:55:00Z"),
        ("2026-11-22T02:55:00Z", "Europe/Berlin", "2026-11-23T03:12:00Z", "2026-11-22T02:55:00Z"),
    ],
)
def test_what_was_meant(said: str, zone: str, now: str, meant: str) -> None:
    assert moment_of(said, zone, at(now)) == at(meant)


def test_peer_defect_14_an_hour_that_comes_twice_is_the_last_one_that_has_passed() -> None:
    # On 2026-10-25 Berlin's 02:30 comes at 00:30Z and again at 01:30Z.
    assert moment_of("02:30", "Europe/Berlin", at("2026-10-25T01:10:00Z")) == at("2026-10-25T00:30:00Z")
    assert moment_of("02:30", "Europe/Berlin", at("2026-10-25T01:40:00Z")) == at("2026-10-25T01:30:00Z")


@pytest.mark.parametrize(
    "said", ["25:00", "2 o'clock", "", "2026-11-22T02:55:00", "02:60", "-1:00", "2026-13-01T00:00Z"]
)
def test_what_cannot_be_read_is_refused(said: str) -> None:
    with pytest.raises(NotAllowed):
        moment_of(said, "UTC", at("2026-11-23T03:12:00Z"))


def test_the_future_has_not_happened() -> None:
    with pytest.raises(NotAllowed, match="future"):
        moment_of("2026-11-23T03:12:01Z", "UTC", at("2026-11-23T03:12:00Z"))


@given(
    st.times().map(lambda time: time.replace(microsecond=0)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_clock_time_is_never_in_the_future_and_never_much_older_than_a_day(
    time: object, zone: str, now: datetime
) -> None:
    moment = moment_of(str(time), zone, now)
    # A day and the hour that the clock was put back.
    assert timedelta() <= now - moment <= timedelta(hours=26)
