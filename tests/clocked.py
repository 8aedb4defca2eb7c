"""The program on a clock that a test holds: `python -m tests.clocked COMMAND...` is `incidentctl COMMAND...`.

The clock stands at the moment that is written in the file which the environment variable HELD_CLOCK names.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from incidentctl import clock

VARIABLE: Final = "HELD_CLOCK"
BEGIN: Final = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


class HeldClock(clock.SystemClock):
    """Stands at the moment in the file, plus what a script let pass."""

    def now(self) -> datetime:
        return datetime.fromisoformat(Path(os.environ[VARIABLE]).read_text()) + self._moved


class Hand:
    """What holds the clock of all programs that a test starts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set(timedelta())

    def set(self, since_begin: timedelta) -> None:
        """Put the clock so long after BEGIN, in one step that no reader sees half of."""
        beside = self.path.with_suffix(".next")
        beside.write_text((BEGIN + since_begin).isoformat())
        beside.replace(self.path)


if __name__ == "__main__":
    clock.SystemClock = HeldClock  # type: ignore[misc]  # before anything takes it from there
    from incidentctl.cli.main import main

    main()
