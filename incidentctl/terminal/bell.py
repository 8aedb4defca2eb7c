"""The bell: once for each thing that falls due, whether it takes the open question away or not."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from incidentctl.terminal.interface import Screen, known_due
from incidentctl.walker import due
from incidentctl.walker.due import Due
from incidentctl.walker.requests import Request, WatchAction, WatchPosts

_ONLY_SHOWN: Final = ("triage", "stable")
"""What falls due and asks nothing: the time for the triage is over, the numbers have been back for long enough."""


class Bell:
    """Remembers what it has rung for."""

    def __init__(self) -> None:
        self._rung: set[tuple[str, datetime]] = set()

    def rings(self, taken: Request | None, asked: Request, screen: Screen) -> bool:
        """Whether to ring for `asked`, which comes in the place of `taken`; None where that one was answered.

        What the program does comes to an end by itself: that alone takes nothing away.
        """
        self.fell_due(screen)  # whoever has just answered, or come, sees it in the header
        by_the_clock = due.cause(asked, screen.incident, screen.now())
        is_new = by_the_clock is not None and self._is_new(by_the_clock)
        if taken is None or taken.prompt == asked.prompt:
            return False
        return is_new if by_the_clock is not None else not isinstance(taken.ask, WatchAction | WatchPosts)

    def fell_due(self, screen: Screen) -> bool:
        """Whether something that asks nothing fell due since the last look."""
        now = screen.now()
        known = known_due(screen)
        found = due.moments(screen.incident, now) if known is None else known
        new = [one for one in found if one.what in _ONLY_SHOWN and one.has_come(now) and self._is_new(one)]
        return bool(new)

    def _is_new(self, one: Due) -> bool:
        key = (one.what, one.asked_at)
        is_new = key not in self._rung
        self._rung.add(key)
        return is_new
