"""The two prompts that there are, rows to choose from and a line to type: small programs that run until a key ends one.

Beside `frame.py` and `keys.py`, the only importer of questionary, and of prompt_toolkit beneath it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import cached_property
from typing import Final, TypeVar

import questionary
from prompt_toolkit.application import Application
from prompt_toolkit.filters import Always
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import Layout, Window
from prompt_toolkit.output.vt100 import Vt100_Output
from questionary.prompts.common import InquirerControl

from incidentctl.record import record
from incidentctl.terminal import drawing
from incidentctl.terminal.console import Console
from incidentctl.terminal.draft import Draft, NoteDraft
from incidentctl.terminal.drawing import Fragments
from incidentctl.terminal.frame import STYLE, framed, in_symbols, output_on
from incidentctl.terminal.interface import Screen
from incidentctl.terminal.keys import Ended, let_fingers_rest, line_keys, row_keys
from incidentctl.terminal.proposal import Proposal
from incidentctl.terminal.questions import Question
from incidentctl.walker.requests import Request

_Picked = TypeVar("_Picked")

_LOOK_AGAIN: Final = 1.0
"""Seconds between two looks at whether the question is still the one to ask; the header runs with them."""


@record
class Foot:
    """What stands below a prompt: the `keys` that work, those that work while something stands `in_a_line`, and what
    was `said` of a key that answers nothing.
    """

    keys: str
    in_a_line: str = ""
    said: str = ""


class Widgets:
    """Prompts at one terminal; `look` is called about once a second while one is open."""

    def __init__(self, console: Console, look: Callable[[Screen], None]) -> None:
        self._console = console
        self._look = look
        self._last_key = 0.0

    def rest(self) -> None:
        """Another question comes: somebody who is typing must not answer it.  Raises KeyboardInterrupt on Ctrl-C."""
        let_fingers_rest(time.monotonic() - self._last_key)

    def rows(self, request: Request, question: Question, draft: Draft, screen: Screen, foot: Foot) -> Ended | int:
        """Let a row be chosen; its index."""
        choices = [questionary.Choice(row.label, index, shortcut_key=False) for index, row in enumerate(question.rows)]
        control = InquirerControl(choices)
        control.pointed_at, control.selected_options = draft.pointed, sorted(draft.ticked)
        proposal = Proposal(request, screen, question, control)
        control.text = in_symbols(
            self._console,
            lambda: drawing.rows(question, control.pointed_at, control.selected_options, self._console.width),
        )
        warning: list[str] = []

        def below() -> Fragments:
            said = drawing.said(foot.said, self._console.width)
            return said + (drawing.warning(warning) if warning else self._footer(question, foot.keys))

        body = Window(control, always_hide_cursor=True, dont_extend_height=True)
        app: Application[Ended | int] = Application(
            layout=Layout(framed(self._console, screen, question, body, below)),
            key_bindings=row_keys(question, control, warning, proposal.may_be_taken),
            style=STYLE,
            output=self._output,
            erase_when_done=True,
        )
        try:
            return self._run(app, screen, proposal)
        finally:
            draft.pointed, draft.ticked = control.pointed_at, set(control.selected_options)

    def line(
        self,
        question: Question,
        draft: Draft | NoteDraft,
        screen: Screen,
        foot: Foot,
        check: Callable[[str], bool | str] = lambda _: True,
    ) -> Ended | str:
        """Let a line be typed; BACK where it stayed empty.  `check` says what is wrong with a line that is not."""
        may_be_empty = bool(draft.line or question.placeholder)

        def verdict(text: str) -> bool | str:
            if text.strip():
                return check(text.strip())
            return may_be_empty or "There is no default here: write something."

        keys = KeyBindings()
        line = draft.line
        app: Application[Ended | str] = questionary.text(
            "",
            qmark=self._console.symbols(f" {drawing.POINTER}"),
            default=draft.texts.get(line, question.prefill),
            validate=verdict,
            style=STYLE,
            placeholder=[("class:quiet", self._console.symbols(question.placeholder))],
            key_bindings=keys,
            erase_when_done=True,
            validate_while_typing=False,
            output=self._output,
        ).application
        buffer = app.current_buffer
        line_keys(keys, buffer, can_go_back=bool(line), is_text=question.beside is not None)
        for window in app.layout.find_all_windows():
            window.dont_extend_height = Always()

        def below() -> Fragments:
            # `?` and `+` are letters as soon as something stands on the line.
            return self._footer(question, foot.in_a_line if buffer.text else foot.keys)

        app.layout = Layout(framed(self._console, screen, question, app.layout.container, below), buffer)
        try:
            text = self._run(app, screen)
        finally:
            draft.texts[line] = buffer.text
        return text if isinstance(text, Ended) else text.strip() or Ended.BACK

    def _run(
        self, app: Application[Ended | _Picked], screen: Screen, proposal: Proposal | None = None
    ) -> Ended | _Picked:
        """Run one prompt until a key ends it, or until its question is no longer the one to ask."""

        async def look_again() -> None:
            while True:
                await asyncio.sleep(_LOOK_AGAIN)
                try:
                    still_open = screen.still_open()
                except Exception as error:  # noqa: BLE001 - prompt_toolkit would print it and go on
                    app.exit(exception=error)
                    return
                if not still_open:
                    app.exit(result=Ended.WITHDRAWN)
                    return
                self._look(screen)
                if proposal is not None:
                    proposal.follow()
                app.invalidate()

        def key_pressed(_: object) -> None:
            self._last_key = time.monotonic()
            if proposal is not None:
                proposal.touch()

        def begin() -> None:
            app.create_background_task(look_again())
            app.key_processor.after_key_press += key_pressed

        return app.run(pre_run=begin)

    def _footer(self, question: Question, keys: str) -> Fragments:
        return drawing.footer(question.instruction, keys, self._console.columns)

    @cached_property
    def _output(self) -> Vt100_Output:
        return output_on(self._console)
