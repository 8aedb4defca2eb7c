"""Time from an answer to the next prompt, with its fsync, as a ratio against a bare SQLite insert on the same disk.

    python bench/answer.py [WALKS]

Each walk is the example service's, by its answers file, through the program's own parts and a store on this disk.
After every answer one bare insert is timed, so that a busy disk slows both; medians are compared.
"""

from __future__ import annotations

import contextlib
import io
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from incidentctl.cli.opening import Wanted, begin
from incidentctl.cli.settings import Settings
from incidentctl.cli.wiring import open_desk
from incidentctl.terminal.interface import Outcome, Prompter, Screen
from incidentctl.walker.requests import Request

ROOT = Path(__file__).parents[1]
TARGET = 2


class BareInserts:
    """What a durable row costs without any program around it: WAL, synchronous=FULL, one row, one commit."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY, event TEXT)")

    def seconds(self) -> float:
        """Insert one row of 300 characters, and say how long it took."""
        start = time.perf_counter()
        self._connection.execute("INSERT INTO entries (event) VALUES (?)", ("x" * 300,))
        return time.perf_counter() - start


class Timed:
    """A prompter that measures from each reply to the next question, and then lets `inner` answer."""

    def __init__(self, inner: Prompter, bare: BareInserts) -> None:
        self._inner = inner
        self._bare = bare
        self._replied_at: float | None = None
        self.pairs: list[tuple[float, float]] = []

    def ask(self, request: Request, screen: Screen) -> Outcome:
        """The next prompt is here: note how long it took since the last reply."""
        if self._replied_at is not None:
            took = time.perf_counter() - self._replied_at
            self.pairs.append((took, self._bare.seconds()))
        outcome = self._inner.ask(request, screen)
        self._replied_at = time.perf_counter()
        return outcome

    patient = True

    def tell(self, text: str) -> None:
        """As `inner` does."""
        self._inner.tell(text)

    def take_back(self) -> None:
        """As `inner` does."""
        self._inner.take_back()

    def refused(self, message: str, hint: str) -> None:
        """As `inner` does."""
        self._inner.refused(message, hint)


def walk(folder: Path, number: int, bare: BareInserts) -> list[tuple[float, float]]:
    """Walk the example once; for each answer the seconds to the next prompt, and of a bare insert."""
    settings = Settings(runbooks=ROOT / "runbooks", store=str(folder / f"{number}.db"), me="bench")
    answers = ROOT / "runbooks/answers/checkout.yaml"
    with contextlib.redirect_stdout(io.StringIO()), open_desk(settings, "begin", answers=answers) as desk:
        timed = Timed(desk.prompter, bare)
        desk.prompter = timed
        begin(desk, Wanted("checkout", "", None, (), drill=True))
    return timed.pairs


def main() -> None:
    """Measure."""
    walks = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    place = ROOT / ".incidentctl"  # the temporary folder may be no disk at all
    place.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as name:
        bare = BareInserts(Path(name) / "bare.db")
        pairs = [pair for number in range(walks + 1) for pair in walk(Path(name), number, bare)]
    ours, theirs = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    what = f"{len(pairs)} answers: {ours:.2f} ms to the next prompt, {theirs:.2f} ms for a bare insert"
    print(f"{what}: ratio {ours / theirs:.2f} (target {TARGET})")


if __name__ == "__main__":
    main()
