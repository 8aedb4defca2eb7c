"""The clipboard: the text is copied, and a person pastes it.  That is not sent: the receipt has no id.

Where there is a display and no ssh, a tool of the desktop takes it: `wl-copy`, `xclip`, `xsel`, `pbcopy`, `clip.exe`.
Else tmux takes it, if it runs inside (`load-buffer -w`, tmux 3.2), else the terminal itself, by OSC 52, which works
over ssh: `ESC ] 52 ; c ; BASE64 BEL`, passed on through tmux and screen.  It does not say whether it took it.

https://invisible-island.net/xterm/ctlseqs/ctlseqs.html (Operating System Commands, 52),
https://github.com/tmux/tmux/wiki/Clipboard, https://www.gnu.org/software/screen/manual/screen.html#Control-Sequences
"""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from incidentctl.comms.channels.interface import Post, Receipt, Unsent
from incidentctl.record import record
from incidentctl.subprocesses import Unfinished, feed
from incidentctl.text.escape import clean

LONGEST: Final = 74_994
"""Bytes: with base64 and its frame they fill the 100,000 that common terminals take for one sequence."""
_SCREEN_TAKES: Final = 240  # screen before 4.2 keeps 256 bytes of one string, frame included
_TERMINAL: Final = "/dev/tty"
_NO_OSC: Final = ("", "dumb", "linux")
_BY_HAND: Final = "Copy it from the screen."


@record
class _Tool:
    """A program that takes the text; `encoding` is what it reads.

    `hands_on`: it gives the text to the terminal around it, which does not answer.
    """

    argv: Sequence[str]
    encoding: str = "utf-8"
    hands_on: bool = False


class ClipboardChannel:
    """The clipboard of whoever sits before this terminal."""

    name = "clipboard"

    def __init__(self, values: Mapping[str, str], environ: Mapping[str, str]) -> None:  # noqa: ARG002 - it has no keys
        """Nothing can be missing yet."""
        self._environ = environ

    async def send(self, post: Post, *, seconds: float) -> Receipt:
        """Copy it.  The receipt is empty: whoever pasted it says so.  Raises Unsent where nothing can take it."""
        await asyncio.to_thread(copy, post.text, self._environ, seconds=seconds)
        return Receipt("")

    async def find(self, post: Post, *, seconds: float) -> Receipt | None:  # noqa: ARG002 - nothing is asked
        """Nobody can tell what was pasted where."""
        raise Unsent("nobody can tell whether it was pasted", "Look where it should be.")


def copy(text: str, environ: Mapping[str, str], *, seconds: float) -> bool:
    """Copy `text`, within so many seconds.  True: it is there; False: the terminal was told, which does not answer.

    Raises Unsent where nothing can take it.
    """
    text = clean(text, lines=True)
    if not text.strip():
        raise Unsent("there is no text to copy")
    deadline = time.monotonic() + seconds
    for tool in _tools(environ):
        if _fed(tool, text, environ, deadline):
            return not tool.hands_on
    _print(text.encode(), environ, deadline)
    return False


def _fed(tool: _Tool, text: str, environ: Mapping[str, str], deadline: float) -> bool:
    """Whether the tool took it; one that hangs is given half of what is left, so that another may."""
    try:
        left = max(0.0, deadline - time.monotonic()) / 2
        return feed(tool.argv, text.encode(tool.encoding), seconds=left, environ=environ) == 0
    except Unfinished:
        return False


def _print(text: bytes, environ: Mapping[str, str], deadline: float) -> None:
    """Say it to the terminal that the person sits before, whatever standard output is.  Raises Unsent."""
    if environ.get("TERM", "") in _NO_OSC:
        raise Unsent("there is no clipboard that can be reached from here", _BY_HAND)
    if len(text) > LONGEST:
        raise Unsent(f"the text has {len(text):,} bytes, and a terminal copies {LONGEST:,}", _BY_HAND)
    try:
        # A description of its own, so that not waiting on it changes nothing for the prompts.
        terminal = os.open(_TERMINAL, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        raise Unsent("there is no terminal to copy to", _BY_HAND) from error
    try:
        _write(terminal, sequence(text, environ), deadline)
    except OSError as error:
        raise Unsent("the terminal does not take the text", _BY_HAND) from error
    finally:
        os.close(terminal)


def sequence(text: bytes, environ: Mapping[str, str]) -> bytes:
    """What tells the terminal to copy `text`, so that tmux or screen, if one runs in between, passes it on."""
    coded = b64encode(text)
    term = environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith("tmux"):
        # Each ESC is doubled; tmux 3.3 and later pass it on where `allow-passthrough` is on.
        return b"\x1bPtmux;\x1b\x1b]52;c;" + coded + b"\x07\x1b\\"
    if environ.get("STY") or term.startswith("screen"):
        pieces = [coded[start : start + _SCREEN_TAKES] for start in range(0, len(coded), _SCREEN_TAKES)]
        return b"".join((b"\x1bP\x1b]52;c;", b"\x1b\\\x1bP".join(pieces), b"\x07\x1b\\"))
    return b"\x1b]52;c;" + coded + b"\x07"


def _write(terminal: int, told: bytes, deadline: float) -> None:
    """All of it, or OSError; what was begun is ended, or the terminal would swallow what is drawn next."""
    while told:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([], [terminal], [], left)[1]:
            os.write(terminal, b"\x1b\\")
            raise TimeoutError
        with suppress(BlockingIOError):
            told = told[os.write(terminal, told) :]


def _tools(environ: Mapping[str, str]) -> Iterator[_Tool]:
    """Those that are there, the likeliest first."""
    for tool in _candidates(environ):
        path = shutil.which(tool.argv[0], path=environ.get("PATH", os.defpath))
        if path:
            yield replace(tool, argv=(path, *tool.argv[1:]))


def _candidates(environ: Mapping[str, str]) -> Iterator[_Tool]:
    if not any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        yield from _of_the_desktop(environ)
    if environ.get("TMUX"):
        yield _Tool(("tmux", "load-buffer", "-w", "-"), hands_on=True)


def _of_the_desktop(environ: Mapping[str, str]) -> Iterator[_Tool]:
    if sys.platform == "darwin":
        yield _Tool(("pbcopy",))
    if environ.get("WAYLAND_DISPLAY"):
        yield _Tool(("wl-copy",))
    if environ.get("DISPLAY"):
        yield _Tool(("xclip", "-selection", "clipboard"))
        yield _Tool(("xsel", "--clipboard", "--input"))
    if environ.get("WSL_DISTRO_NAME"):
        yield _Tool(("clip.exe",), "utf-16")  # without the byte order mark it reads the code page of the console
