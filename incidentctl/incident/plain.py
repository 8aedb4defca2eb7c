"""An event as plain values: what the journal stores as JSON, and what the reports show.

`plain` is generic over the fields, so a new event needs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from incidentctl.incident.events import Event, Unrecognised


def plain(event: Event) -> dict[str, object]:
    """The event's fields by name: text, numbers, booleans, None, lists and dicts of these.

    Moments are RFC 3339 in UTC with milliseconds and `Z`, spans are seconds.  What a newer version wrote comes back
    as it was read.
    """
    if isinstance(event, Unrecognised):
        return dict(event.data)
    return {part.name: _plain(getattr(event, part.name)) for part in fields(event)}


def timestamp(moment: datetime) -> str:
    """`2026-11-23T03:12:00.000Z`: an aware moment in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def seconds(span: timedelta) -> int | float:
    """A span in seconds, without a fraction where there is none."""
    count = span.total_seconds()
    return int(count) if count.is_integer() else count


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, timedelta):
        return seconds(value)
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
