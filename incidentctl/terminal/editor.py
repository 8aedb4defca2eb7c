"""A text that is more than a line, in the person's own `$EDITOR`: below it, as comments, what was sent last.

What comes back stands in the line again and waits for Enter: leaving an editor sends nothing.
"""

from __future__ import annotations

import os
import shlex
import sys
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

from incidentctl.errors import UserError
from incidentctl.subprocesses import hand_over, outlived
from incidentctl.terminal.console import Console
from incidentctl.text.escape import clean

_VARIABLES: Final = ("VISUAL", "EDITOR")
_LONGEST: Final = 100_000
"""Bytes of a file that may still be an update."""
_KEPT: Final = "What stood in the line is kept."
_REMEMBER: Final = "\x1b7"
# DECSC before it and these behind it: the screen of before and its cursor, nothing left below; no mouse, no bracketed
# paste, plain keys, no colours (xterm, "XTerm Control Sequences").
_AS_BEFORE: Final = "\x1b[?1049l\x1b[J\x1b[?25h\x1b[?1000;1002;1003;1006;2004l\x1b[?1l\x1b>\x1b[0m"


def edited(console: Console, text: str, beside: Sequence[str], meanwhile: Callable[[], object]) -> str:
    """`text` as it came back from an editor, with `beside` to read below it.

    Where nothing comes back (no editor, it failed, an empty or unchanged file) that is said, and `text` is returned.
    `meanwhile` is called about once a second.  The terminal is left as it was, and no file stays behind.
    """
    try:
        argv = editor_of(os.environ)
        console.say(f"`{argv[0]}` has the text now: save it and leave, and it stands here again.")
        return _came_back(argv, console, text, beside, meanwhile)
    except UserError as error:
        console.warn(error.message)
        console.say(error.hint)
    except OSError as error:
        console.warn(f"The text cannot be handed to an editor: {error.strerror or error}.")
        console.say(_KEPT)
    return text


def editor_of(environ: Mapping[str, str]) -> list[str]:
    """The words of `$VISUAL`, else of `$EDITOR`.  Raises UserError where there are none, or a quote stays open."""
    name = next((name for name in _VARIABLES if environ.get(name, "").strip()), None)
    if name is None:
        hint = "Write it here; or stop, `export EDITOR=nano` for example, and resume."
        raise UserError("Neither VISUAL nor EDITOR is set: no editor can be opened.", hint)
    try:
        words = shlex.split(environ[name])
    except ValueError as error:
        raise UserError(f"{name} cannot be read: {error}.", _KEPT) from error
    if not words or not words[0]:
        raise UserError(f"{name} names no program.", _KEPT)
    return words


def page(text: str, beside: Sequence[str]) -> tuple[str, str]:
    """What stands in the file, and the mark with which its comments begin: none of the text's own lines does."""
    lines = clean(text, lines=True).split("\n")
    mark = next(mark for mark in map("#".__mul__, count(1)) if not any(_is_comment(line, mark) for line in lines))
    said = [f"Lines that begin with `{mark} ` are not sent. Save and leave: Enter sends it then, and nothing before."]
    for line in beside:
        said += clean(line, lines=True).split("\n")
    return "\n".join([*lines, "", *(f"{mark} {line}".rstrip() for line in said), ""]), mark


def text_of(written: str, mark: str) -> str:
    """The text of a file that came back, without its comments."""
    lines = clean(written, lines=True).split("\n")
    return "\n".join(line for line in lines if not _is_comment(line, mark)).strip()


def _is_comment(line: str, mark: str) -> bool:
    """`#checkout-war-room` is none: a channel may be named in a text."""
    return line.rstrip() == mark or line.startswith(f"{mark} ")


def _came_back(
    argv: Sequence[str], console: Console, text: str, beside: Sequence[str], meanwhile: Callable[[], object]
) -> str:
    import tempfile  # with half a dozen libraries, which most walks do without

    before, mark = page(text, beside)
    # A folder of its own: what the editor puts beside the file goes with it, and nobody else may look.
    with outlived() as passing, tempfile.TemporaryDirectory(prefix="incidentctl-") as folder:
        file = Path(folder, "update.txt")
        file.touch(0o600)
        file.write_text(before, "utf-8", newline="\n")
        with _terminal_kept():
            console.control(_REMEMBER)
            status = hand_over([*argv, str(file)], passing, _silent(meanwhile))
        if status < 0:
            console.control(_AS_BEFORE)
        _must_be_well(argv[0], status)
        return _changed(text, text_of(_read(file), mark))


def _must_be_well(name: str, status: int) -> None:
    if status:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with {status}"
        raise UserError(f"`{name}` {how}: nothing was taken from it.", _KEPT)


def _read(file: Path) -> str:
    with file.open("rb") as stream:
        written = stream.read(_LONGEST + 1)
    if len(written) > _LONGEST:
        raise UserError(f"That is more than {_LONGEST:,} bytes, which is no update.", _KEPT)
    return written.decode("utf-8", "replace")


def _changed(before: str, text: str) -> str:
    if text == clean(before, lines=True).strip():
        hint = "An editor in a window of its own has to be told to wait, as in `code --wait`."
        raise UserError("Nothing was changed there.", hint)
    if not text:
        raise UserError("The file came back empty.", _KEPT)
    return text


def _silent(look: Callable[[], object]) -> Callable[[], None]:
    """Whatever fails while somebody writes is not shown across their screen; it fails again at the prompt."""

    def look_quietly() -> None:
        with suppress(Exception):
            look()

    return look_quietly


@contextmanager
def _terminal_kept() -> Iterator[None]:
    """An editor that is killed leaves the terminal raw, and without an echo."""
    keyboard = sys.stdin.fileno()
    try:
        modes = termios.tcgetattr(keyboard)
    except termios.error:
        yield
        return
    try:
        yield
    finally:
        with suppress(termios.error):
            termios.tcsetattr(keyboard, termios.TCSANOW, modes)
