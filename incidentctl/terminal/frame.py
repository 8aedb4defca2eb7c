"""What stands around every prompt: above it the header, what runs and the question; below it what its keys do.

Beside `widgets.py` and `keys.py`, the only importer of prompt_toolkit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import questionary
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout import AnyContainer, ConditionalContainer, FormattedTextControl, HSplit, Window
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from incidentctl.terminal import drawing
from incidentctl.terminal.console import Console
from incidentctl.terminal.drawing import Fragments
from incidentctl.terminal.header import header
from incidentctl.terminal.interface import Screen, known_due
from incidentctl.terminal.questions import Question

STYLE: Final = questionary.Style(
    [
        ("loud", "bold reverse ansired"),
        ("level", "bold"),
        ("drill", "bold ansimagenta"),
        ("quiet", "ansibrightblack"),
        ("question", "bold"),
        ("pointed", "bold ansicyan"),
        ("answer", ""),
        ("warning", "ansiyellow"),
        ("evidence", "ansicyan"),
        ("validation-toolbar", "noreverse ansiyellow"),
    ]
)


def framed(
    console: Console, screen: Screen, question: Question, body: AnyContainer, foot: Callable[[], Fragments]
) -> HSplit:
    """The running header, the live lines and the message above `body`, and `foot` below it."""

    def head() -> Fragments:
        parts = header(screen.incident, screen.now(), console.columns, known_due(screen))
        return [(f"class:{tone}" if tone else "", text) for tone, text in parts]

    return HSplit(
        [
            Window(height=1),
            *([_window(console, head)] if head() else []),
            _live(console, screen),
            _window(console, lambda: drawing.message(question, console.width)),
            body,
            _window(console, foot),
        ]
    )


def in_symbols(console: Console, draw: Callable[[], Fragments]) -> Callable[[], StyleAndTextTuples]:
    """What `draw` draws, as this console can show it."""
    return lambda: [(style, console.symbols(text)) for style, text in draw()]


def output_on(console: Console) -> Vt100_Output:
    """The terminal of a console, as prompt_toolkit writes to it."""
    depth = None if console.look.color else ColorDepth.DEPTH_1_BIT
    output = Vt100_Output.from_pty(console.out, term=console.look.term, default_color_depth=depth)
    # Where the cursor stands is never asked: nothing here needs to know, and not every terminal answers.
    output.enable_cpr = False
    return output


def _live(console: Console, screen: Screen) -> AnyContainer:
    """What the checks say and what runs; no line at all where that is nothing."""
    window = _window(console, lambda: drawing.live(screen.live(), console.width))
    return ConditionalContainer(window, Condition(lambda: bool(screen.live())))


def _window(console: Console, draw: Callable[[], Fragments]) -> Window:
    return Window(FormattedTextControl(in_symbols(console, draw)), dont_extend_height=True)
