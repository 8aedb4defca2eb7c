"""Work beside the prompts that nobody waits for: in threads, and what it found waits until it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import Final, Generic, TypeVar

from incidentctl.errors import UserError
from incidentctl.threads import DaemonThreads

T = TypeVar("T")
M = TypeVar("M")
_PATIENCE: Final = 2.0


class Background(Generic[T]):
    """Threads of a few moments each, which bound themselves, and their news."""

    def __init__(self) -> None:
        self._news: SimpleQueue[T] = SimpleQueue()
        self._under_way = 0
        self._changed = Condition()

    def begin(self, work: Callable[[], None]) -> None:
        """Do it, in a thread of its own."""

        def run() -> None:
            try:
                work()
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()

        with self._changed:
            self._under_way += 1
        Thread(target=run, daemon=True).start()

    def put(self, news: T) -> None:
        """Let whoever asks next hear of it."""
        self._news.put(news)

    def take(self) -> Sequence[T]:
        """What came to be known since the last time."""
        news = []
        while True:
            try:
                news.append(self._news.get_nowait())
            except Empty:
                return news

    def settle(self) -> None:
        """Wait until nothing is on its way."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0)


def made_in_time(make: Callable[[], M]) -> M | UserError:
    """What `make` makes, or why not.

    A keyring may wait for somebody to unlock it: nobody waits for that at a prompt.
    """
    try:
        return DaemonThreads().submit(make).result(_PATIENCE)
    except TimeoutError:
        return UserError("the keyring does not answer")
    except UserError as error:
        return error
