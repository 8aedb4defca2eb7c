"""Threads that do not keep the program from ending."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreads(ThreadPoolExecutor):
    """Threads that nobody waits for: a name server that says nothing must hold up neither a loop's end nor our own."""

    def submit(self, work: Callable[P, T], /, *args: P.args, **named: P.kwargs) -> Future[T]:
        """Begin at once, in a thread of its own."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # so that it cannot be cancelled under the thread's hands
        Thread(target=_settle, args=(future, partial(work, *args, **named)), daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as above it
        """Nothing is waited for."""


def _settle(future: Future[T], work: Callable[[], T]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - whoever waits for the result is told
        future.set_exception(error)
    else:
        future.set_result(result)
