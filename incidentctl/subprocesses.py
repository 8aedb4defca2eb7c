"""The one door to other programs: no shell, a deadline, and no more output than was asked for."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import IO, Final

from incidentctl.errors import UserError
from incidentctl.record import record

_PIECE: Final = 1 << 16
_KEPT_LINES: Final = 200
_LONGEST_LINE: Final = 2000
_A_MOMENT: Final = 0.2
"""Seconds between two looks at whether a live program has ended."""
_BY_THE_TERMINAL: Final = (signal.SIGINT, signal.SIGQUIT)
_TO_US_ALONE: Final = (signal.SIGTERM, signal.SIGHUP)


class Unfinished(UserError):
    """The program could not be started, took too long, or said too much; it runs no more."""


@record
class Done:
    """What a program left behind; a negative `status` is the signal that ended it."""

    status: int
    out: bytes
    err: bytes


def run(
    argv: Sequence[str],
    *,
    seconds: float,
    most: int,
    cwd: Path | None = None,
    environ: Mapping[str, str | None] | None = None,
) -> Done:
    """Run `argv` with nothing to read, for at most `seconds`; both its streams together hold at most `most` bytes.

    `environ` is added to our own; None takes a variable away.  Raises Unfinished; whatever the program had started is
    ended with it.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - a list of words, no shell: that is what this door is for
            list(argv),
            cwd=cwd,
            env=_environ(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that its children can be ended with it
        )
    except (OSError, ValueError) as error:
        raise Unfinished(_not_started(argv[0], error)) from error
    try:
        out, err = _output(process, argv[0], time.monotonic() + seconds, most)
        return Done(process.wait(), out, err)
    finally:
        _end(process)


def feed(argv: Sequence[str], text: bytes, *, seconds: float, environ: Mapping[str, str | None] | None = None) -> int:
    """Run `argv` with `text` to read, for at most `seconds`, and return its status; what it prints is not kept.

    What it leaves behind in the background goes on: the tools of a clipboard serve it from there.  `environ` is as for
    `run`.  Raises Unfinished.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - a list of words, no shell
            list(argv),
            env=_environ(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Unfinished(_not_started(argv[0], error)) from error
    try:
        process.communicate(text, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise Unfinished(f"`{argv[0]}` took too long") from error
    else:
        return process.returncode
    finally:
        _end(process)


def _not_started(program: str, error: OSError | ValueError) -> str:
    """Why, in the words of a person: without a number, and without the name a second time."""
    missing = isinstance(error, FileNotFoundError) and error.filename == program and "/" not in program
    said = "it is not on the PATH of this terminal" if missing else getattr(error, "strerror", None) or str(error)
    return f"`{program}` cannot be started: {said}"


class Live:
    """A program that runs on while something else is done: its last lines, how it ended, a way to stop it.

    It has a session of its own, so that Ctrl-C at the terminal does not reach it, and nothing to read.  Both its
    streams are one, as on a screen.  With `shell` the one word of `argv` is a line for `/bin/sh`.
    """

    def __init__(self, argv: Sequence[str], *, shell: bool = False, seconds: float | None = None) -> None:
        """Start it; it is stopped after `seconds`.  Raises Unfinished where it cannot be started."""
        command = ["/bin/sh", "-c", argv[0]] if shell else list(argv)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a list of words; a shell only where the runbook says so
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise Unfinished(_not_started(argv[0], error)) from error
        self.stopped = False
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._kept: deque[bytes] = deque(maxlen=_KEPT_LINES)
        self._line = b""
        self._ended = Event()
        Thread(target=self._watch, name="command", daemon=True).start()

    @property
    def status(self) -> int | None:
        """The exit status, negative for the signal that ended it; None while it runs."""
        return self._process.returncode if self._ended.is_set() else None

    def lines(self) -> list[str]:
        """The last lines so far, each of a bounded length, as UTF-8 as it can be."""
        last = [self._line] if self._line else []
        return [line.decode("utf-8", "replace") for line in [*list(self._kept), *last]]

    def wait(self) -> None:
        """Return when it has ended."""
        self._ended.wait()

    def stop(self) -> None:
        """Interrupt it, as Ctrl-C would; a minute later it is ended whether it wants or not."""
        if not self.stopped:
            self.stopped = True
            Thread(target=self._insist, daemon=True).start()

    def _insist(self) -> None:
        for number, patience in ((signal.SIGINT, 5.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 0.0)):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
            if self._ended.wait(patience):
                return

    def _watch(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        with self._process.stdout as stream, selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            # What it left behind in the background may hold the stream open: its own end is the end.
            while self._process.poll() is None or selector.select(0):
                if self._deadline is not None and time.monotonic() > self._deadline:
                    self.stop()
                if selector.select(_A_MOMENT):
                    piece = os.read(stream.fileno(), _PIECE)
                    if not piece:
                        break
                    self._take(piece)
        self._process.wait()
        self._ended.set()

    def _take(self, piece: bytes) -> None:
        *whole, rest = (self._line + piece).split(b"\n")
        self._kept.extend(_last_state(line) for line in whole)
        self._line = _last_state(rest)


class Passing:
    """Outlives a program that has our streams: a terminal sends Ctrl-C to both of us; what is sent to us alone, the
    program is sent, too, and it is `received`.

    What was ignored for us (`nohup`) stays ignored for both.  A handler of Python, unlike "ignore", is not inherited.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def begin(self, process: subprocess.Popen[bytes]) -> None:
        """The program runs, perhaps for a while already; what came before we knew of it is sent now."""
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def end(self, meanwhile: Callable[[], object] | None = None, *, seconds: float | None = None) -> int:
        """Wait for its status; negative is the signal that ended it.  All `seconds`, `meanwhile` is called."""
        assert self._process is not None  # noqa: S101 - it has begun
        while True:
            try:
                return self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                if meanwhile is not None:
                    meanwhile()

    @contextmanager
    def of_signals(self) -> Iterator[None]:
        """Pass them on meanwhile."""
        wanted = {**dict.fromkeys(_BY_THE_TERMINAL, self._leave), **dict.fromkeys(_TO_US_ALONE, self._send)}
        before = {one: signal.getsignal(one) for one in wanted if signal.getsignal(one) is not signal.SIG_IGN}
        for one in before:
            signal.signal(one, wanted[one])
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        """The program has it as well."""

    def _send(self, number: int, _frame: FrameType | None) -> None:
        self.received = number
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


@contextmanager
def outlived() -> Iterator[Passing]:
    """What ends us meanwhile, ends us afterwards: whoever hands the terminal over can clean up in between."""
    passing = Passing()
    try:
        with passing.of_signals():
            yield passing
    finally:
        if passing.received is not None:
            signal.raise_signal(passing.received)


def hand_over(argv: Sequence[str], passing: Passing, meanwhile: Callable[[], object]) -> int:
    """Let `argv` have our streams until it ends, and return its status, negative for a signal; no shell, no deadline.

    `meanwhile` is called about once a second.  Raises Unfinished where it cannot be started.
    """
    try:
        passing.begin(subprocess.Popen(list(argv)))  # noqa: S603 - a list of words, no shell
    except (OSError, ValueError) as error:
        raise Unfinished(f"`{argv[0]}` cannot be started: {getattr(error, 'strerror', None) or error}") from error
    return passing.end(meanwhile, seconds=1.0)


def _environ(added: Mapping[str, str | None] | None) -> dict[str, str]:
    """Our own environment, with what is added, without what is taken away."""
    return {name: value for name, value in {**os.environ, **(added or {})}.items() if value is not None}


def _last_state(line: bytes) -> bytes:
    """What a screen shows of a line that was written over and over, at most so long."""
    return line.rstrip(b"\r").rpartition(b"\r")[2][-_LONGEST_LINE:]


def _output(process: subprocess.Popen[bytes], name: str, deadline: float, most: int) -> tuple[bytes, bytes]:
    """Both streams, to their ends."""
    streams: dict[IO[bytes], bytearray] = {}
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            assert stream is not None  # noqa: S101 - both were asked for as pipes
            streams[stream] = bytearray()
            selector.register(stream, selectors.EVENT_READ, stream)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise Unfinished(f"`{name}` took too long")
            for key, _ in ready:
                piece = os.read(key.fd, _PIECE)
                if not piece:
                    selector.unregister(key.fileobj)
                streams[key.data] += piece
            if sum(map(len, streams.values())) > most:
                raise Unfinished(f"`{name}` said more than {most} bytes")
    out, err = streams.values()
    return bytes(out), bytes(err)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and its children, if anything of it still runs, and close what was open."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(OSError):  # what a program that ended did not read
                stream.close()
