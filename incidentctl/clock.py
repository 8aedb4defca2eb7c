"""The only `now()` and the only randomness of the program."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Protocol


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
    from random import SystemRandom
    from string import ascii_lowercase

    return "".join(SystemRandom().choices(ascii_lowercase, k=count))


def random_id() -> str:
    """A random id of 128 bits in hexadecimal, unique for every entry of a journal."""
    return os.urandom(16).hex()
