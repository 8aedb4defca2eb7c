"""The only `now()` and the only randomness of the program."""

from __future__ import annotations

import random
import string
from datetime import UTC, datetime, timedelta
from typing import Protocol

_SYSTEM_RANDOM = random.SystemRandom()


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    def move(self, by: timedelta) -> None:
        """Let `by` pass in one step (`after:` in an answers file; never in a real incident)."""


class SystemClock:
    """The machine's clock, plus what a script let pass."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def now(self) -> datetime:
        """The present moment in UTC, to the millisecond, which is what the journal keeps."""
        moment = datetime.now(UTC) + self._moved
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def move(self, by: timedelta) -> None:
        """Let `by` pass in one step."""
        self._moved += by


def local_timezone_name() -> str:
    """The name of this machine's time zone, for example `CET`."""
    return datetime.now().astimezone().tzname() or "UTC"


def random_letters(count: int) -> str:
    """`count` random lower-case letters, for ids that people type."""
    return "".join(_SYSTEM_RANDOM.choice(string.ascii_lowercase) for _ in range(count))


def random_id() -> str:
    """A random id of 128 bits in hexadecimal, unique for every entry of a journal."""
    return f"{_SYSTEM_RANDOM.getrandbits(128):032x}"
