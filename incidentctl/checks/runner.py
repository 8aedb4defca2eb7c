"""All checks at once, beside the prompts: each with its deadline, on one loop in a thread of its own.

What they find waits here until the session takes it.  A check that fails, hangs or is refused is unknown, because ...;
whatever a source says is made harmless, and loses its secrets, before anybody else sees it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from threading import Condition, Event, Thread
from typing import Any, Final

from incidentctl.checks.interface import Found, Inquiry
from incidentctl.clock import Clock
from incidentctl.errors import UserError
from incidentctl.incident.words import Answer, Evidence, Row
from incidentctl.text.escape import clean, one_line
from incidentctl.text.ours import withheld
from incidentctl.text.redact import redact
from incidentctl.threads import DaemonThreads
from incidentctl.walker.evidence import Measure

_MODULES: Final = {
    "http": "probe",
    "prometheus": "prometheus",
    "alertmanager": "alertmanager",
    "deploys": "deploys.ask",
    "postgres": "postgres",
    "redis": "redis",
    "statuspage": "statuspage",
    "command": "command",
}
_MOST_ROWS: Final = 50
_LONGEST_ROW: Final = 300
_LONGEST_WORD: Final = 200
_A_MOMENT: Final = 0.5
_KEPT: Final = 60
"""How many numbers of a signal are kept for its line: at one every five seconds, five minutes."""


async def find(inquiry: Inquiry) -> Found:
    """Ask the source of the check's kind.  The module, with its library, is imported here and not before.

    Whatever it says, and whatever goes wrong, is without the secrets of our environment.
    """
    module = import_module(f"incidentctl.checks.{_MODULES[inquiry.check.kind]}")
    try:
        found: Found = await module.ask(inquiry)
    except UserError as error:
        error.message, error.hint = (withheld(clean(text), inquiry.environ) for text in (error.message, error.hint))
        error.args = (error.message,)
        raise
    rows = tuple(Row(*(withheld(clean(text), inquiry.environ) for text in (row.text, row.key))) for row in found.rows)
    return replace(found, said=withheld(clean(found.said), inquiry.environ), rows=rows)


class Runner:
    """Asks what it is wished to, and keeps what was found until it is taken."""

    def __init__(
        self, inquiry: Callable[[Measure], Inquiry], clock: Clock, measures: Sequence[Measure], *, rest: float = 0.0
    ) -> None:
        """`inquiry` makes a measure into what a check is given; `rest` (seconds) lets the first prompt be drawn."""
        self._inquiry = inquiry
        self._clock = clock
        self._measures = {measure.subject: measure for measure in measures}
        self._rest = rest
        self._changed = Condition()
        self._arrived: list[Evidence] = []
        self._pending: set[str] = set()
        self._asked: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self._numbers: dict[str, deque[float]] = {}
        self._thread: _Loop | None = None

    def wish(self, subjects: Collection[str], older_than: timedelta = timedelta()) -> None:
        """Ask again whatever of `subjects` was last asked longer ago than that, and is not being asked."""
        now = time.monotonic()
        with self._changed:
            due = [name for name in subjects if self._is_due(name, now, older_than.total_seconds())]
            self._pending.update(due)
            self._asked.update(dict.fromkeys(due, now))
        if due:
            self._thread = self._thread or _Loop()
            for name in due:
                self._thread.begin(self._ask(self._measures[name]))

    def _is_due(self, name: str, now: float, seconds: float) -> bool:
        if name not in self._measures or name in self._pending or now < self._not_before.get(name, now):
            return False
        return name not in self._asked or now - self._asked[name] >= seconds

    def take(self) -> Sequence[Evidence]:
        """What was found since the last time, in the order in which it came."""
        with self._changed:
            arrived, self._arrived = self._arrived, []
        return arrived

    def pending(self) -> frozenset[str]:
        """What is being asked now."""
        with self._changed:
            return frozenset(self._pending)

    def numbers(self, subject: str) -> Sequence[float]:
        """The latest numbers of a signal, the oldest first."""
        with self._changed:
            return tuple(self._numbers.get(subject, ()))

    def settle(self, subjects: Collection[str]) -> None:
        """Wait until none of `subjects` is being asked; their deadlines bound it."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending.isdisjoint(subjects))

    def close(self) -> None:
        """Nothing more is asked, and what hangs is left behind."""
        if self._thread is not None:
            self._thread.close()

    # --- on the loop ----------------------------------------------------------------------------------------

    async def _ask(self, measure: Measure) -> None:
        rest, self._rest = self._rest, 0.0
        await asyncio.sleep(rest)
        found = await self._found(measure)
        evidence = harmless(
            Evidence(measure.subject, measure.check.kind, found.answer, found.said, self._clock.now(), found.rows,
                     found.number)
        )  # fmt: skip
        with self._changed:
            self._arrived.append(evidence)
            if evidence.number is not None:
                self._numbers.setdefault(measure.subject, deque(maxlen=_KEPT)).append(evidence.number)
            self._pending.discard(measure.subject)
            self._changed.notify_all()

    async def _found(self, measure: Measure) -> Found:
        try:
            inquiry = self._inquiry(measure)
            async with asyncio.timeout(inquiry.seconds):
                return await find(inquiry)
        except TimeoutError:
            return Found(Answer.UNKNOWN, "no answer in time")
        except UserError as error:
            self._wait_for(measure.subject, getattr(error, "retry_after", None))
            return Found(Answer.UNKNOWN, error.message)
        except ValueError as error:
            return Found(Answer.UNKNOWN, str(error))
        except Exception as error:  # noqa: BLE001 - no fault of a check may end the walk, or pass for a no
            return Found(Answer.UNKNOWN, f"the check itself failed ({type(error).__name__})")

    def _wait_for(self, subject: str, span: timedelta | None) -> None:
        if span is not None:
            with self._changed:
                self._not_before[subject] = time.monotonic() + span.total_seconds()


class _Loop:
    """An event loop in a thread of its own, that does not keep the program from ending."""

    def __init__(self) -> None:
        self._ready = Event()
        self._thread = Thread(target=self._live, name="checks", daemon=True)
        self._thread.start()
        self._ready.wait()

    def _live(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._loop.set_default_executor(DaemonThreads())
            runner.run(self._until_closed())

    async def _until_closed(self) -> None:
        self._over = asyncio.Event()
        self._ready.set()
        await self._over.wait()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside everything else."""
        asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Cancel what runs, and give it a moment to let go."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(_A_MOMENT)


def harmless(found: Evidence) -> Evidence:
    """Without secrets, control characters, or more than a person can read."""
    rows = tuple(
        Row(one_line(redact(clean(row.text)), _LONGEST_ROW), one_line(redact(row.key), _LONGEST_WORD))
        for row in found.rows[:_MOST_ROWS]
    )
    return replace(found, said=one_line(redact(clean(found.said)), _LONGEST_WORD), rows=rows)
