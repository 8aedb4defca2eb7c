"""Where everything is printed: as wide, as coloured and as Unicode as this terminal can show it."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TextIO

from incidentctl.record import record
from incidentctl.terminal.wrapping import wrapped
from incidentctl.text.escape import clean

if TYPE_CHECKING:
    import rich.console

WIDTH: Final = 80
_BELL: Final = "\a"
Style = Literal["", "bold", "dim", "yellow", "bold red", "green"]

# Every twin is as wide as its symbol, so that what was made to fit still fits.
_ASCII: Final = str.maketrans("·…→←↑↓✓✗❯•–—‘’“”×─│▁▂▃▄▅▆▇█\u00a0", "|~><^v+x>*--''\"\"x-|_..--==# ")  # noqa: RUF001 - they are the point


@record
class Look:
    """What an output can show.

    `terminal`: a screen that understands escape sequences, of the kind `term`.  `color`: colours are wanted, too.
    `unicode`: the locale has more than ASCII.
    """

    terminal: bool = False
    color: bool = False
    unicode: bool = True
    term: str = ""


def look_of(out: TextIO, environ: Mapping[str, str], *, no_color: bool = False) -> Look:
    """What `out` can show; `NO_COLOR` (set to anything), `TERM=dumb` and the locale are obeyed."""
    term = environ.get("TERM", "")
    terminal = out.isatty() and term not in ("", "dumb", "unknown")
    color = terminal and not no_color and not environ.get("NO_COLOR")
    return Look(terminal, color, speaks_unicode(environ), term)


def speaks_unicode(environ: Mapping[str, str]) -> bool:
    """Whether the locale of `environ` has more than ASCII.

    Python itself sets LC_CTYPE to C.UTF-8 where it finds no locale (PEP 538), so that value alone tells nothing.
    """
    ctype = environ.get("LC_CTYPE", "")
    coerced = ctype if ctype not in ("C.UTF-8", "C.utf8") else ""
    locale = environ.get("LC_ALL") or coerced or environ.get("LANG") or ""
    return "utf-8" in locale.lower() or "utf8" in locale.lower()


def markup(text: str) -> str:
    """`text` made harmless for Rich: cleaned, and no part of it is read as a tag."""
    import rich.markup

    return rich.markup.escape(clean(text, lines=True))


class Console:
    """Prints on `out`.  Everything given to it may be foreign: it is cleaned here."""

    def __init__(self, out: TextIO, look: Look) -> None:
        """`out`'s encoding errors are replaced from now on, so that printing never fails on a character."""
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="replace")
        self.out = out
        self.look = look

    def symbols(self, text: str) -> str:
        """`text` with its symbols as ASCII twins where the locale has no Unicode; all else there becomes `?`."""
        if self.look.unicode or text.isascii():
            return text
        return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")

    @property
    def columns(self) -> int:
        """How wide the screen is now; 80 where there is none."""
        if not self.out.isatty():
            return WIDTH
        try:
            # The narrowest useful screen: below it, everything would be cut to nothing.
            return max(20, os.get_terminal_size(self.out.fileno()).columns or WIDTH)
        except OSError:
            import shutil

            return max(20, shutil.get_terminal_size((WIDTH, 24)).columns)

    @property
    def width(self) -> int:
        """How wide a line of ours may be: at most 80 columns."""
        return min(WIDTH, self.columns)

    def say(self, text: str, style: Style = "", *, indent: str = "") -> None:
        """Print `text` wrapped at `width`; its own line breaks stay; what follows a break begins with `indent`."""
        for line in self.symbols(clean(text, lines=True)).splitlines() or [""]:
            for part in wrapped(line, self.width, indent=indent, break_words=False) or [""]:
                self._styled(part, style)

    def bare(self, text: str) -> None:
        """Print `text` exactly as it stands, to be copied: no wrapping, no indent, no colour, no twin."""
        self.out.write(clean(text, lines=True) + "\n")
        self.out.flush()

    def line(self, text: str, style: Style = "") -> None:
        """Print `text` as one line, however long it is."""
        self._styled(self.symbols(clean(text)), style)

    def ask(self, prompt: str) -> None:
        """Print `prompt` and stay on its line."""
        self.out.write(self.symbols(clean(prompt)))
        self.out.flush()

    def warn(self, text: str) -> None:
        """Print what the person has to know now."""
        self.say(text, "yellow")

    def error(self, message: str, hint: str = "") -> None:
        """Print what went wrong, and below it what to do next."""
        self.say(message, "bold red")
        if hint:
            self.say(hint)

    def control(self, sequence: str) -> None:
        """Send an escape sequence of our own, where there is a terminal that understands it."""
        if self.look.terminal:
            self.out.write(sequence)
            self.out.flush()

    def ring(self) -> None:
        """Ring the bell, which even a terminal has that can do nothing else."""
        self.out.write(_BELL)
        self.out.flush()

    def _styled(self, line: str, style: Style) -> None:
        if not style or not self.look.terminal:
            self.out.write(line + "\n")
            self.out.flush()
            return
        self._rich.print(f"[{style}]{markup(line)}[/]", soft_wrap=True)

    @cached_property
    def _rich(self) -> rich.console.Console:
        import rich.console

        return rich.console.Console(
            file=self.out, force_terminal=True, no_color=not self.look.color, highlight=False, emoji=False
        )
