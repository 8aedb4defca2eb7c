"""A real pseudo-terminal with a screen that can be read: pexpect runs the program, pyte draws what it writes."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

ROOT = Path(__file__).parents[2]
_TITLE = re.compile(rb"\x1b\]0;[^\a]*\a")
PATIENCE = 20.0
"""Seconds after which a screen that should come will not come; a busy machine needs some of them."""


class Terminal:
    """One program on a screen of its own, perhaps below a tracer.  `written` is every byte that it wrote."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 80,
        lines: int = 24,
        environment: Mapping[str, str] | None = None,
        tracer: Sequence[str] = (),
    ) -> None:
        self.written = b""
        self._screen = pyte.HistoryScreen(columns, lines, history=1000)
        self._stream = pyte.ByteStream(self._screen)
        settings = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), **(environment or {})}
        command = [*tracer, sys.executable, *arguments]
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0],
            command[1:],
            env={**{name: value for name, value in os.environ.items() if not name.startswith("LC_")}, **settings},
            cwd=str(ROOT),
            dimensions=(lines, columns),
            timeout=PATIENCE,
        )
        # A terminal has no moment of its own before a key; pexpect would wait 50 ms.
        self._child.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.close(force=True)

    @property
    def shown(self) -> str:
        """The screen now, line by line."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def bells(self) -> int:
        """How often it rang; the end of a title is no bell."""
        return _TITLE.sub(b"", self.written).count(b"\a")

    @property
    def cells(self) -> list[pyte.screens.Char]:
        """Every cell of the screen, with its colours."""
        return [self._screen.buffer[y][x] for y in range(self._screen.lines) for x in range(self._screen.columns)]

    def wait_for(self, *texts: str) -> str:
        """Read until all of `texts` are on the screen, and return it."""
        self.wait_until(lambda shown: all(text in shown for text in texts), f"the screen shows {texts}")
        return self.shown

    def wait_until(self, condition: Callable[[str], bool], what: str) -> None:
        """Read until `condition` holds of the screen."""
        end = time.monotonic() + PATIENCE
        while not condition(self.shown):
            if time.monotonic() > end or not self._read():
                message = f"in vain: {what}\n{self.shown}"
                raise AssertionError(message)

    def press(self, keys: str) -> None:
        """Type `keys`."""
        self._child.send(keys)

    def kill(self) -> None:
        """Kill the program as the kernel does when memory is short, and wait until it is gone."""
        self.send(signal.SIGKILL)
        assert self.wait_for_end() == -signal.SIGKILL

    def send(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self._child.kill(number)

    def hang_up(self) -> int:
        """Take the terminal away, as a lost connection does, and wait for the program's end: its exit status."""
        assert self._child.pid is not None
        ended = os.pidfd_open(self._child.pid)
        with Path(os.devnull).open() as nothing:
            os.dup2(nothing.fileno(), self._child.child_fd)
        assert select.select([ended], [], [], PATIENCE)[0], "it goes on without its terminal"
        os.close(ended)
        return self._status()

    def wait_for_end(self) -> int:
        """Read until the program ends; its exit status, negative for a signal."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._read():
            pass
        return self._status()

    def _status(self) -> int:
        self._child.wait()
        return -(self._child.signalstatus or 0) if self._child.exitstatus is None else self._child.exitstatus

    def _read(self) -> bool:
        try:
            data = self._child.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.written += data
        self._stream.feed(data)
        return True


def asking(*names: str, columns: int = 80, **environment: str) -> Terminal:
    """The tiny program that asks Requests made by hand."""
    return Terminal("-m", "tests.tty.asks", *names, columns=columns, environment=environment)
