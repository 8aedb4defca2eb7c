"""Looking at many services with more than one process, where that pays.

The processes are forked, so that what was read already need not be handed over, and they answer in plain values.  One
that dies is not missed: its part is done here.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn, Self

from incidentctl.lint.looking import Look
from incidentctl.lint.said import (
    Neighbour,
    Plain,
    Said,
    Surroundings,
    neighbour_of,
    plain_neighbour,
    plain_said,
    plain_surroundings,
    said_of,
    surroundings_of,
)

_PAYS_FROM: Final = 24  # services for each process: below that, forking takes longer than it saves
_MOST: Final = 8
_LENGTH: Final = 8  # bytes in which a message says how long it is
_PLACE: Final = 2
_PLACES: Final = 1 << 11  # as many as fit into any pipe; of more services a place stands for several

Work = Callable[[Plain], Plain]


class Crew:
    """Some processes, of which this one is the first.  Used in a `with`; they end with it."""

    def __init__(self, look: Look, services: Sequence[Path], processes: int | None = None) -> None:
        self._look = look
        self._numbers = {path: number for number, path in enumerate(services)}
        self._services = services
        self._processes = processes
        self._children: list[_Child] = []
        self._queue: _Queue | None = None
        self._reader: dict[int, _Child | None] = {}
        self._collects = gc.isenabled()

    def __enter__(self) -> Self:
        gc.disable()  # what is read goes when its service is done; to look for circles in it takes a tenth of the time
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for child in reversed(self._children):  # a later one holds the ends of the pipes to those before it
            child.end()
        if self._queue is not None:
            self._queue.close()
        if self._collects:
            gc.enable()

    def neighbours(self, paths: Iterable[Path]) -> dict[Path, Neighbour]:
        """What others may ask about each of these services."""
        answers = self._ask(["neighbours"], list(paths))
        return {path: neighbour_of(plain) for path, plain in answers.items()}

    def said(self, paths: Iterable[Path], around: Surroundings) -> dict[Path, Said]:
        """All that is wrong with each of these services."""
        answers = self._ask(["said", plain_surroundings(around)], list(paths))
        return {path: said_of(plain) for path, plain in answers.items()}

    def _ask(self, question: Plain, paths: list[Path]) -> dict[Path, Plain]:
        """Whoever has read a service is asked about it; of the others each process takes one when it is free."""
        if not self._children:
            self._fork(self._processes or _worth(len(paths)))
        numbers = [self._numbers[path] for path in paths]
        free = [one for one in numbers if one not in self._reader]
        if self._queue is not None:
            self._queue.put(len(free))
        for child in self._children:
            child.send([question, self._read_by(child, numbers), free])
        found = dict(self._work([question, self._read_by(None, numbers), free]))
        self._reader |= dict.fromkeys(found)
        for child in self._children:
            answers = dict(child.receive() or [])
            self._reader |= dict.fromkeys(answers, child)
            found |= answers
        found |= self._work([question, [one for one in numbers if one not in found], []])
        return {self._services[number]: plain for number, plain in found.items()}

    def _read_by(self, who: _Child | None, numbers: Iterable[int]) -> list[int]:
        return [one for one in numbers if one in self._reader and self._reader[one] is who]

    def _fork(self, processes: int) -> None:
        if processes > 1:
            self._look.begin()
            self._queue = self._queue or _Queue()
        for _ in range(processes - 1):
            with suppress(OSError):  # no more processes are allowed: then these do it
                self._children.append(_Child(self._work))

    def _work(self, order: Plain) -> Plain:
        (kind, *more), own, free = order
        numbers = chain(own, free if self._queue is None else self._queue.taken(free))
        if kind == "neighbours":
            return [[one, plain_neighbour(self._look.neighbour(self._services[one]))] for one in numbers]
        around = surroundings_of(more[0])
        return [[one, plain_said(self._look.said(self._services[one], around))] for one in numbers]


class _Queue:
    """Places in a list, for several processes to take: each goes to the one that reads it from a pipe.

    So a process whose core is slow, or has to wake up first, does less of the work.
    """

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)

    def put(self, count: int) -> None:
        """Let so many places be taken: before anybody is asked to take them."""
        os.write(self._in, b"".join(place.to_bytes(_PLACE) for place in range(min(count, _PLACES))))

    def taken(self, free: Sequence[int]) -> Iterator[int]:
        """What is still to be done of `free`, the same list for all, until there is nothing left of it."""
        with suppress(BlockingIOError):
            while True:
                yield from free[int.from_bytes(os.read(self._out, _PLACE)) :: _PLACES]

    def close(self) -> None:
        """No more of it."""
        os.close(self._out)
        os.close(self._in)


def _worth(services: int) -> int:
    """How many processes so many services are worth.  Not on macOS, where its own libraries may not be forked."""
    if not hasattr(os, "fork") or sys.platform == "darwin" or _has_threads():
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(services // _PAYS_FROM, cores, _MOST))


def _has_threads() -> bool:
    """Whether there are more than this one, which a fork would not have."""
    threading = sys.modules.get("threading")  # nobody began one who did not load it
    return threading is not None and threading.active_count() > 1


class _Child:
    """A process that does `work`, order by order, until nobody sends any more."""

    def __init__(self, work: Work) -> None:
        orders, answers = os.pipe(), os.pipe()
        try:
            self._id = os.fork()
        except OSError:
            for end in (*orders, *answers):
                os.close(end)
            raise
        if self._id == 0:
            os.close(orders[1])
            os.close(answers[0])
            _serve(work, orders[0], answers[1])
        os.close(orders[0])
        os.close(answers[1])
        self._orders, self._answers = orders[1], answers[0]

    def send(self, order: Plain) -> None:
        """Give it something to do; `receive` tells if it is not there any more."""
        with suppress(OSError):
            _write(self._orders, order)

    def receive(self) -> Plain | None:
        """What it found; None where it died."""
        try:
            return _read(self._answers)
        except (OSError, EOFError, ValueError):
            return None

    def end(self) -> None:
        """Let it end, and wait until it has."""
        os.close(self._orders)
        os.close(self._answers)
        with suppress(ChildProcessError):
            os.waitpid(self._id, 0)


def _serve(work: Work, orders: int, answers: int) -> NoReturn:
    """The life of a child.  What fails there fails again in the parent, where somebody sees it."""
    try:
        while True:
            _write(answers, work(_read(orders)))
    except BaseException:  # noqa: BLE001 - nothing of it may reach what the parent holds, such as its output
        os._exit(1)


def _write(end: int, plain: Plain) -> None:
    body = json.dumps(plain).encode()
    left = memoryview(len(body).to_bytes(_LENGTH) + body)
    while left:
        left = left[os.write(end, left) :]


def _read(end: int) -> Plain:
    return json.loads(_exactly(end, int.from_bytes(_exactly(end, _LENGTH))))


def _exactly(end: int, length: int) -> bytes:
    """So many bytes.  Raises EOFError where the other side is gone."""
    parts = bytearray()
    while len(parts) < length:
        part = os.read(end, min(length - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
