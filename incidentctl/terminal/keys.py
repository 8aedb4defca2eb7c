"""The keys of a prompt.  Beside `widgets.py` and `frame.py`, the only importer of prompt_toolkit."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Final, Protocol

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Always, Condition, Filter
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from incidentctl.terminal.copying import KEY
from incidentctl.terminal.questions import Question
from incidentctl.text.escape import clean

NOTHING_CHOSEN: Final = "There is no default here: choose a row first"
FILLED_IN: Final = "Look first, then Enter"
_STILL_TYPING: Final = 1.0
_REST: Final = 0.5
_LONGEST_REST: Final = 5.0
"""Seconds: a key so recently counts as typing, so long a pause as rest, and no prompt waits longer than that."""
_DOWN: Final = ("down", "j")
_UP: Final = ("up", "k", "c-p")


class Ended(Enum):
    """How a prompt ended, where not by an answer."""

    WITHDRAWN = auto()
    EXPLAIN = auto()
    NOTE = auto()
    BACK = auto()
    EDIT = auto()
    COPY = auto()


class Pointer(Protocol):
    """Where the arrow of a list stands (-1: nowhere), and which of its rows are ticked."""

    pointed_at: int
    selected_options: list[int]


def row_keys(question: Question, control: Pointer, warning: list[str], may_be_taken: Callable[[], bool]) -> KeyBindings:
    """Arrows, j and k, and each row's key move; space ticks; Enter ends with the index of the row.

    Where nothing is pointed at, Enter says so in `warning`, until something is.  It takes nothing while not
    `may_be_taken`: what moved by itself a moment ago is not what the finger was about to take.
    """
    keys = KeyBindings()
    count = len(question.rows)
    for key in _DOWN:
        keys.add(key)(partial(_move, control, count, 1, warning))
    for key in _UP:
        keys.add(key)(partial(_move, control, count, -1, warning))
    for index, row in enumerate(question.rows):
        for key in {row.key, str(index + 1)}:
            if len(key) == 1:
                keys.add(key)(partial(_go, control, index, warning))
    keys.add(" ")(partial(_tick, question, control))
    keys.add("enter")(partial(_take, control, warning, may_be_taken))
    if question.copies:
        keys.add(KEY)(partial(_end, Ended.COPY))
    _common_keys(keys, Always())
    return keys


def line_keys(keys: KeyBindings, buffer: Buffer, *, can_go_back: bool, is_text: bool) -> None:
    """Add the keys of a line to `keys`: `?` and `+` are letters as soon as something stands in `buffer`.

    Where it `is_text`, it may be several lines, and written in an editor.
    """
    _common_keys(keys, Condition(lambda: not buffer.text))
    if can_go_back:
        keys.add("escape")(partial(_end, Ended.BACK))
    if is_text:
        keys.add("escape", "enter")(lambda _: buffer.newline())
        keys.add("f4")(partial(_end, Ended.EDIT))
        keys.add("c-x", "c-e")(partial(_end, Ended.EDIT))  # as in shells: edit-and-execute-command
    keys.add(Keys.BracketedPaste)(partial(_paste, buffer, is_text))


def let_fingers_rest(since_last_key: float) -> None:
    """Somebody who is typing when a question is taken away must not answer the next one with the same breath.

    What is typed is dropped until the keyboard was quiet for a moment; where it was quiet for long (`since_last_key`,
    in seconds) and no key waits, that is now.  Raises KeyboardInterrupt on Ctrl-C.
    """
    keyboard = create_input()
    rested = time.monotonic() + _LONGEST_REST
    with keyboard.raw_mode():
        # Keys that were read together with the end of the prompt are kept for the next one.
        late = get_typeahead(keyboard)
        rest = _REST if late or since_last_key <= _STILL_TYPING else 0
        while not any(press.key == Keys.ControlC for press in late):
            if time.monotonic() > rested or not select.select([keyboard.fileno()], [], [], rest)[0]:
                return
            late, rest = keyboard.read_keys(), _REST
        raise KeyboardInterrupt


def _common_keys(keys: KeyBindings, letters_are_keys: Filter) -> None:
    keys.add("?", filter=letters_are_keys)(partial(_end, Ended.EXPLAIN))
    keys.add("f1")(partial(_end, Ended.EXPLAIN))
    keys.add("+", filter=letters_are_keys)(partial(_end, Ended.NOTE))
    keys.add("c-n")(partial(_end, Ended.NOTE))
    keys.add("c-d", filter=letters_are_keys)(_stop)
    keys.add("c-c")(_stop)
    keys.add("<sigint>")(_stop)


def _move(control: Pointer, count: int, step: int, warning: list[str], _: KeyPressEvent) -> None:
    warning.clear()
    # From nowhere (-1), down goes to the first row and up to the last.
    control.pointed_at = (max(control.pointed_at, 0 if step < 0 else -1) + step) % count


def _go(control: Pointer, index: int, warning: list[str], _: KeyPressEvent) -> None:
    warning.clear()
    control.pointed_at = index


def _tick(question: Question, control: Pointer, _: KeyPressEvent) -> None:
    at, ticked = control.pointed_at, control.selected_options
    if at >= 0 and question.rows[at].ticks:
        control.selected_options = [one for one in ticked if one != at] if at in ticked else [*ticked, at]


def _take(control: Pointer, warning: list[str], may_be_taken: Callable[[], bool], event: KeyPressEvent) -> None:
    if not may_be_taken():
        warning[:] = [FILLED_IN]
    elif control.pointed_at >= 0:
        event.app.exit(result=control.pointed_at)
    else:
        warning[:] = [NOTHING_CHOSEN]


def _paste(buffer: Buffer, may_break: bool, event: KeyPressEvent) -> None:  # noqa: FBT001 - bound by `partial`
    """What is pasted is foreign too; on a line that is one line, its breaks become spaces."""
    text = clean(event.data.replace("\r\n", "\n").replace("\r", "\n"), lines=True)
    buffer.insert_text(text if may_break else " ".join(text.split()))


def _end(ended: Ended, event: KeyPressEvent) -> None:
    event.app.exit(result=ended)


def _stop(event: KeyPressEvent) -> None:
    event.app.exit(exception=KeyboardInterrupt)
