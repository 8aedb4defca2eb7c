"""Clock times, dates and spans as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


def zone(name: str) -> tzinfo:
    """The time zone of that IANA name; UTC where nobody knows it."""
    if name.upper() == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def zone_name(moment: datetime) -> str:
    """What the zone of `moment` is called at that moment: `CET`, `UTC`, `UTC-03`."""
    name = moment.tzname() or "UTC"
    # Zones without an abbreviation call themselves `-03`, which nobody reads as a zone.
    return f"UTC{name}" if name[0] in "+-" else name


def day(moment: datetime) -> str:
    """`Monday 23 November 2026`"""
    return f"{moment:%A} {moment.day} {moment:%B} {moment.year}"


def clock_time(moment: datetime, place: tzinfo, *, seen_from: datetime) -> str:
    """`03:42 CET`; with the date, `00:12 CET on 24 November`, where that is another day than `seen_from`."""
    local = moment.astimezone(place)
    text = f"{local:%H:%M} {zone_name(local)}"
    if local.date() == seen_from.astimezone(place).date():
        return text
    return f"{text} on {local.day} {local:%B}"


def span(length: timedelta) -> str:
    """`45 s`, `12 min`, `1 h 05 min`, `2 days 3 h`: two units at most, rounded down; never negative."""
    total = max(0, int(length.total_seconds()))
    minutes, hours, days = total // 60, total // 3600, total // 86400
    if total < 60:
        return f"{total} s"
    if hours == 0:
        return f"{minutes} min"
    if days == 0:
        return f"{hours} h {minutes % 60:02} min" if minutes % 60 else f"{hours} h"
    text = f"{days} day" if days == 1 else f"{days} days"
    return f"{text} {hours % 24} h" if hours % 24 else text
