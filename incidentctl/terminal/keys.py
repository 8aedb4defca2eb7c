"""The keys of a prompt.  Beside `prompts.py`, the only importer of prompt_toolkit."""

from __future__ import annotations

from enum import Enum, auto
from functools import partial
from typing import Final, Protocol

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Always, Condition, Filter
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from incidentctl.terminal.questions import Question

NOTHING_CHOSEN: Final = "There is no default here: choose a row first"
_DOWN: Final = ("down", "j")
_UP: Final = ("up", "k", "c-p")


class Ended(Enum):
    """How a prompt ended, where not by an answer."""

    WITHDRAWN = auto()
    EXPLAIN = auto()
    NOTE = auto()
    BACK = auto()


class Pointer(Protocol):
    """Where the arrow of a list stands (-1: nowhere), and which of its rows are ticked."""

    pointed_at: int
    selected_options: list[int]


def row_keys(question: Question, control: Pointer, footer: list[str]) -> KeyBindings:
    """Arrows, j and k, and each row's key move; space ticks; Enter ends with the index of the row.

    Where nothing is pointed at, Enter says so in `footer`.
    """
    keys = KeyBindings()
    count = len(question.rows)
    for key in _DOWN:
        keys.add(key)(partial(_move, control, count, 1))
    for key in _UP:
        keys.add(key)(partial(_move, control, count, -1))
    for index, row in enumerate(question.rows):
        for key in {row.key, str(index + 1)}:
            if len(key) == 1:
                keys.add(key)(partial(_go, control, index))
    keys.add(" ")(partial(_tick, question, control))
    keys.add("enter")(partial(_take, control, footer))
    _common_keys(keys, Always())
    return keys


def line_keys(keys: KeyBindings, buffer: Buffer, *, can_go_back: bool, may_break: bool) -> None:
    """Add the keys of a line to `keys`: `?` and `+` are letters as soon as something stands in `buffer`."""
    _common_keys(keys, Condition(lambda: not buffer.text))
    if can_go_back:
        keys.add("escape")(partial(_end, Ended.BACK))
    if may_break:
        keys.add("escape", "enter")(lambda _: buffer.newline())


def _common_keys(keys: KeyBindings, letters_are_keys: Filter) -> None:
    keys.add("?", filter=letters_are_keys)(partial(_end, Ended.EXPLAIN))
    keys.add("f1")(partial(_end, Ended.EXPLAIN))
    keys.add("+", filter=letters_are_keys)(partial(_end, Ended.NOTE))
    keys.add("c-n")(partial(_end, Ended.NOTE))
    keys.add("c-d", filter=letters_are_keys)(_stop)
    keys.add("c-c")(_stop)
    keys.add("<sigint>")(_stop)


def _move(control: Pointer, count: int, step: int, _: KeyPressEvent) -> None:
    # From nowhere (-1), down goes to the first row and up to the last.
    control.pointed_at = (max(control.pointed_at, 0 if step < 0 else -1) + step) % count


def _go(control: Pointer, index: int, _: KeyPressEvent) -> None:
    control.pointed_at = index


def _tick(question: Question, control: Pointer, _: KeyPressEvent) -> None:
    at, ticked = control.pointed_at, control.selected_options
    if at >= 0 and question.rows[at].ticks:
        control.selected_options = [one for one in ticked if one != at] if at in ticked else [*ticked, at]


def _take(control: Pointer, footer: list[str], event: KeyPressEvent) -> None:
    if control.pointed_at >= 0:
        event.app.exit(result=control.pointed_at)
    else:
        footer[:] = [NOTHING_CHOSEN]


def _end(ended: Ended, event: KeyPressEvent) -> None:
    event.app.exit(result=ended)


def _stop(event: KeyPressEvent) -> None:
    event.app.exit(exception=KeyboardInterrupt)
