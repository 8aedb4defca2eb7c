"""Another program in our place: its input, its output and its status are its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from incidentctl.text.escape import clean

_BY_THE_TERMINAL: Final = (signal.SIGINT, signal.SIGQUIT)
_TO_US_ALONE: Final = (signal.SIGTERM, signal.SIGHUP)
# POSIX, Shell Command Language, 2.8.2: what a shell answers for a command that it cannot find, or cannot run.
_NOT_FOUND: Final = 127
_NOT_RUN: Final = 126


def pass_through(argv: Sequence[str]) -> int:
    """Run `argv` without a shell, with our streams and all that we inherited; the status a shell would tell.

    128 and the number of the signal that ended it; 127 where there is no such program, 126 where it cannot be run,
    said on standard error.  Ctrl-C is the program's to handle; a request to us to end is passed on to it.
    """
    passing = _Passing()
    with passing.of_signals():
        try:
            # A list of words, no shell.  Whatever was open for us (`<(...)`, a job server) is open for it.
            passing.begin(subprocess.Popen(list(argv), close_fds=False))  # noqa: S603
        except (OSError, ValueError) as error:
            return _not_run(argv[0], error)
        status = passing.end()
    return status if status >= 0 else 128 - status


def _not_run(name: str, error: OSError | ValueError) -> int:
    reason = getattr(error, "strerror", None) or error
    with suppress(OSError):  # nobody may read it, and the status says the same
        sys.stderr.write(clean(f"incidentctl: `{name}` cannot be run: {reason}") + "\n")
        sys.stderr.flush()
    return _NOT_FOUND if isinstance(error, FileNotFoundError | NotADirectoryError) else _NOT_RUN


class _Passing:
    """Outlives the program: a terminal sends Ctrl-C to both of us; what is sent to us alone, the program is sent, too.

    What was ignored for us (`nohup`) stays ignored for both.  A handler of Python, unlike "ignore", is not inherited.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def begin(self, process: subprocess.Popen[bytes]) -> None:
        """The program runs, perhaps for a while already; what came before we knew of it is sent now."""
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def end(self) -> int:
        """Wait for its status; negative is the signal that ended it."""
        assert self._process is not None  # noqa: S101 - it has begun
        return self._process.wait()

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
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)
