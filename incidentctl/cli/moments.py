"""When something occurred, as a person says it: `02:55`, or RFC 3339."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from incidentctl.errors import NotAllowed
from incidentctl.text.times import zone

_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


def moment_of(text: str, timezone: str, now: datetime) -> datetime:
    """The moment, in UTC, that `text` means: a clock time in `timezone` is the last one that has passed.

    Raises NotAllowed where it is neither a clock time nor RFC 3339, or lies in the future.
    """
    clock = _CLOCK.fullmatch(text.strip())
    moment = _last_time_of_day(clock, zone(timezone), now) if clock else _full_date(text.strip())
    if moment > now:
        message = f"--at {text} lies in the future"
        raise NotAllowed(message, f"It is {now:%Y-%m-%dT%H:%M:%SZ} now.")
    return moment


def _last_time_of_day(clock: re.Match[str], place: tzinfo, now: datetime) -> datetime:
    """Today's, or yesterday's where today's is still to come; times that clocks skipped or showed twice included."""
    today = now.astimezone(place).date()
    hour, minute, second = (int(part or 0) for part in clock.groups())
    moments = [
        datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=place, fold=fold).astimezone(UTC)
        for day in (today, today - timedelta(days=1))
        for fold in (1, 0)
    ]
    return max(moment for moment in moments if moment <= now)


def _full_date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = f"--at {text} is neither a clock time nor a date with its time zone"
        raise NotAllowed(message, "Write for example 02:55, or 2026-11-23T02:55:00Z.")
    return moment.astimezone(UTC)
