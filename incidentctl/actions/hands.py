"""Runs what a person confirmed: a command, a request over HTTP, the end of queries."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from threading import Event, Thread
from typing import Any, Final

from incidentctl.actions.interface import Run
from incidentctl.errors import UserError
from incidentctl.subprocesses import Live, Unfinished
from incidentctl.text.escape import clean, one_line
from incidentctl.text.ours import withheld
from incidentctl.text.redact import redact
from incidentctl.walker.orders import Order
from incidentctl.walker.running import Result

_KEPT: Final = 40
_LONGEST: Final = 300
Said = Callable[[str], None]


class RealHands:
    """Starts it here, as the person who sits here."""

    def start(self, order: Order) -> Run:
        """Begin, in the background."""
        if order.check is None:
            return _command(order)
        from incidentctl.actions import network  # with the libraries that only these need

        return _Task(network.sending(order) if order.check.kind == "http" else network.ending(order))


def _command(order: Order) -> Run:
    seconds = order.timeout.total_seconds() if order.timeout else None
    try:
        return _Command(Live(order.argv, shell=order.shell, seconds=seconds))
    except Unfinished as error:
        return Failed(error.message)


class _Command:
    """A program of its own."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def lines(self, count: int) -> tuple[str, ...]:
        return harmless(self._live.lines(), count)

    def result(self) -> Result | None:
        status = self._live.status
        if status is None:
            return None
        reason = f"ended by signal {-status}" if status < 0 else ""
        return Result(status == 0, status, self.lines(_KEPT), self._live.stopped and status != 0, reason)

    def stop(self) -> None:
        self._live.stop()

    def wait(self) -> None:
        self._live.wait()


class Failed:
    """What could not even be started."""

    def __init__(self, reason: str) -> None:
        self._reason = one_line(redact(reason), _LONGEST)

    def lines(self, count: int) -> tuple[str, ...]:
        """Why."""
        del count
        return (self._reason,)

    def result(self) -> Result | None:
        """It has failed."""
        return Result(ok=False, status=None, output=(), reason=self._reason)

    def stop(self) -> None:
        """It does not run."""

    def wait(self) -> None:
        """It does not run."""


class _Task:
    """Something that this program does itself, on a loop in a thread of its own."""

    def __init__(self, work: Callable[[Said], Coroutine[Any, Any, bool]]) -> None:
        """`work` gets a way to say lines, and returns whether it went well.  A UserError is a failure in words."""
        self._said: list[str] = []
        self._result: Result | None = None
        self._stopped = False
        self._ended = Event()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(work(self._said.append))
        Thread(target=self._run, name="action", daemon=True).start()

    def _run(self) -> None:
        ok, reason = False, ""
        try:
            ok = self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            reason = "stopped"
        except UserError as error:
            reason = error.message
        except Exception as error:  # noqa: BLE001 - it failed; the walk goes on and says so
            reason = f"it failed ({type(error).__name__})"
        finally:
            self._loop.close()
            why = one_line(redact(reason), _LONGEST)
            self._result = Result(ok, None, self.lines(_KEPT), self._stopped and not ok, why)
            self._ended.set()

    def lines(self, count: int) -> tuple[str, ...]:
        return harmless(self._said, count)

    def result(self) -> Result | None:
        return self._result if self._ended.is_set() else None

    def stop(self) -> None:
        self._stopped = True
        if not self._ended.is_set():
            self._loop.call_soon_threadsafe(self._task.cancel)

    def wait(self) -> None:
        self._ended.wait()


def harmless(lines: Sequence[str], count: int) -> tuple[str, ...]:
    """The last lines, without secrets (one may go over several lines) and without control characters."""
    # Colours go first: `"token"` may be green and its value red.
    said = clean("\n".join(lines[-_KEPT:]), lines=True)
    kept = redact(withheld(said, os.environ)).splitlines()
    return tuple(one_line(line, _LONGEST) for line in kept[-count:])
