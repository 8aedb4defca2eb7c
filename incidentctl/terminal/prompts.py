"""A person at a terminal.  The only importer of questionary, and of prompt_toolkit beneath it.

A prompt is one small program that runs until a key ends it, or until the question is no longer the one to ask.  What
was begun by then is kept in its Draft, and stands there again when the same prompt comes back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final, Self, TypeVar

import questionary
from prompt_toolkit.application import Application
from prompt_toolkit.filters import Always, Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import AnyContainer, ConditionalContainer, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from questionary.prompts.common import InquirerControl

from incidentctl.errors import NotAllowed
from incidentctl.terminal import drawing
from incidentctl.terminal.console import Console
from incidentctl.terminal.draft import Draft, draft_key
from incidentctl.terminal.drawing import Fragments
from incidentctl.terminal.editor import edited
from incidentctl.terminal.header import header, title
from incidentctl.terminal.interface import Noted, Outcome, Replied, Screen, Withdrawn
from incidentctl.terminal.keys import Ended, let_fingers_rest, line_keys, row_keys
from incidentctl.terminal.proposal import Proposal
from incidentctl.terminal.questions import (
    Question,
    answer_needed,
    following_reply,
    question_of,
    row_reply,
    small_question,
)
from incidentctl.terminal.views import Voice
from incidentctl.text.escape import clean
from incidentctl.walker.replies import Reply, read_reply
from incidentctl.walker.requests import Request, Shown, WatchAction, WatchPosts

_Picked = TypeVar("_Picked")

_LOOK_AGAIN: Final = 1.0
"""Seconds between two looks at whether the question is still the one to ask; the header runs with them."""
_STYLE: Final = questionary.Style(
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
_STOP: Final = "Ctrl-C stops"
_KEYS: Final = f"? why · + note · {_STOP}"
_KEYS_IN_A_LINE: Final = f"F1 why · ^N note · {_STOP}"
_BELL: Final = "\a"
_TITLE: Final = "\x1b]0;{}\a"
# XTWINOPS: the terminal itself keeps the title that was there; one that cannot ignores both.
_KEEP_TITLE: Final = "\x1b[22;0t"
# ED 0: what stands below the cursor is the prompt of a walk that was killed.
_ERASE_BELOW: Final = "\x1b[J"
_GIVE_TITLE_BACK: Final = "\x1b]0;\a\x1b[23;0t"


class TerminalPrompter(Voice):
    """Asks at a terminal that can move its cursor.  Use it in a `with` block: leaving gives the title back."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._drafts: dict[tuple[str, str], Draft] = {}
        self._shown: dict[str, Shown] = {}
        self._latest: Request | None = None
        self._replied: tuple[Request, Draft] | None = None
        self._title = ""
        self._last_key = 0.0

    def __enter__(self) -> Self:
        self.console.control(_ERASE_BELOW)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        super().__exit__(kind, error, trace)
        if self._title:
            self.console.control(_GIVE_TITLE_BACK)

    def ask(self, request: Request, screen: Screen) -> Outcome:
        """Draw `request` and wait.  What was shown above it once is not shown twice.

        Raises KeyboardInterrupt on Ctrl-C and Ctrl-D, AnswerNeeded when the terminal is gone.
        """
        self.catch_up()
        self._set_title(screen)
        question = question_of(request)
        draft = self._drafts.setdefault(draft_key(request), Draft(question.start, set(question.ticked)))
        is_gone = self._introduce(request)
        try:
            outcome = self._ask(request, question, draft, screen, is_gone=is_gone)
        except EOFError as error:
            raise answer_needed(request, "the terminal is gone") from error
        if isinstance(outcome, Replied):
            self.leave_behind(screen.live())
        self.hold(request, outcome, screen)
        if isinstance(outcome, Replied):
            self._replied = request, self._drafts.pop(draft_key(request))
            del self._shown[request.prompt]
        return outcome

    def take_back(self) -> None:
        """The last reply was not recorded: what was typed stands there again."""
        super().take_back()
        if self._replied is not None:
            request, draft = self._replied
            self._drafts[draft_key(request)] = draft
            self._shown[request.prompt] = request.shown

    def refused(self, message: str, hint: str) -> None:
        """Say why the last reply was not taken; what was typed stands there again."""
        self.take_back()
        self.begin("block")
        self.console.warn(f"Not taken: {message}.")
        self.console.say(hint)

    # --- around the question --------------------------------------------------------------------------------

    def _introduce(self, request: Request) -> bool:
        """Show what stands above the question, unless it still does; True where `?` is to show it again."""
        before, self._latest = self._latest, request
        moved_on = before is not None and before.prompt != request.prompt
        # What ran has ended by itself: nothing was put aside.
        was_open = before is not None and not isinstance(before.ask, WatchAction | WatchPosts)
        if before is not None and was_open and moved_on and before.prompt in self._shown:
            self.console.control(_BELL)
            self.begin("told")
            self.console.warn(f"Put aside for now, as you left it: {before.text}")
            let_fingers_rest(time.monotonic() - self._last_key)
        is_shown = self._shown.get(request.prompt) == request.shown
        self._shown[request.prompt] = request.shown
        if not is_shown:
            return not self.show(request.shown)
        if moved_on:
            again = "  (? shows again what stood above it)" if request.shown != Shown() else ""
            self.begin("told")
            self.console.say(f"Back to: {request.text}{again}", "dim")
        return moved_on

    def _set_title(self, screen: Screen) -> None:
        wanted = title(screen.incident, screen.now()) if screen.incident.id else ""
        if wanted != self._title:
            keep = "" if self._title else _KEEP_TITLE
            self.console.control(keep + _TITLE.format(self.console.symbols(wanted)))
        self._title = wanted

    def _explain(self, request: Request, *, is_gone: bool) -> None:
        if is_gone:
            self.show(request.shown, again=True)
        self.begin("block")
        self.console.say(f"Why: {request.why}", indent="  ")

    # --- the question ---------------------------------------------------------------------------------------

    def _ask(self, request: Request, question: Question, draft: Draft, screen: Screen, *, is_gone: bool) -> Outcome:
        while True:
            match self._once(request, question, draft, screen):
                case Ended.WITHDRAWN:
                    return Withdrawn()
                case Ended.EXPLAIN:
                    self._explain(request, is_gone=is_gone)
                case Ended.EDIT:
                    self._edit(question, draft, screen)
                    if not screen.still_open():
                        return Withdrawn()
                case Ended.NOTE:
                    draft.noting = True
                case Ended.BACK if draft.noting:
                    draft.noting = False
                case Ended.BACK:
                    draft.small = ""
                case outcome:
                    return outcome

    def _once(self, request: Request, question: Question, draft: Draft, screen: Screen) -> Ended | Outcome:
        """One prompt: the note's, the second one, or the question itself."""
        if draft.noting:
            text = self._line(small_question(request, "note"), draft, screen, lambda _: True)
            if isinstance(text, Ended):
                return text
            draft.noting = False
            del draft.texts["note"]
            return Noted(text)
        if draft.small:
            return self._small(request, question, draft, screen)
        if question.kind == "text":
            return self._text(request, question, draft, screen)
        index = self._rows(request, question, draft, screen)
        if isinstance(index, Ended):
            return index
        if question.rows[index].follows:
            draft.small = question.rows[index].follows
            return self._small(request, question, draft, screen)
        raw = row_reply(question, index, draft.ticked)
        return Replied(read_reply(request.prompt, request.accepts, raw))

    def _small(self, request: Request, question: Question, draft: Draft, screen: Screen) -> Ended | Replied:
        def read(text: str) -> Reply:
            raw = following_reply(question, draft.small, text, draft.ticked)
            return read_reply(request.prompt, request.accepts, raw)

        wanted = "Write for example `10 min`." if draft.small == "snooze" else ""
        text = self._line(small_question(request, draft.small), draft, screen, _check(read, wanted))
        return text if isinstance(text, Ended) else Replied(read(text))

    def _text(self, request: Request, question: Question, draft: Draft, screen: Screen) -> Ended | Replied:
        def read(text: str) -> Reply:
            return read_reply(request.prompt, request.accepts, text)

        text = self._line(question, draft, screen, _check(read))
        if text is not Ended.BACK:
            return text if isinstance(text, Ended) else Replied(read(text))
        # Only a line with a placeholder can be left empty here.
        return Replied(request.default) if request.default is not None else Ended.EXPLAIN

    def _edit(self, question: Question, draft: Draft, screen: Screen) -> None:
        self.begin("block")
        text = draft.texts.get("", question.prefill)
        draft.texts[""] = edited(self.console, text, question.beside or (), screen.still_open)
        # The keys that left the editor, and what it asked the terminal, are no answer to the question.
        let_fingers_rest(0)

    # --- what is drawn --------------------------------------------------------------------------------------

    def _rows(self, request: Request, question: Question, draft: Draft, screen: Screen) -> Ended | int:
        """Let a row be chosen; its index."""
        choices = [questionary.Choice(row.label, index, shortcut_key=False) for index, row in enumerate(question.rows)]
        control = InquirerControl(choices)
        control.pointed_at, control.selected_options = draft.pointed, sorted(draft.ticked)
        proposal = Proposal(request, screen, question, control)
        control.text = self._in_symbols(
            lambda: drawing.rows(question, control.pointed_at, control.selected_options, self.console.width)
        )
        warning: list[str] = []
        body = Window(control, always_hide_cursor=True, dont_extend_height=True)
        app: Application[Ended | int] = Application(
            layout=Layout(self._framed(question, screen, body, lambda: _KEYS, warning)),
            key_bindings=row_keys(question, control, warning, proposal.may_be_taken),
            style=_STYLE,
            output=self._output,
            erase_when_done=True,
        )
        try:
            return self._run(app, screen, proposal)
        finally:
            draft.pointed, draft.ticked = control.pointed_at, set(control.selected_options)

    def _line(
        self, question: Question, draft: Draft, screen: Screen, check: Callable[[str], bool | str]
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
            qmark=self.console.symbols(f" {drawing.POINTER}"),
            default=draft.texts.get(line, question.prefill),
            validate=verdict,
            style=_STYLE,
            placeholder=[("class:quiet", self.console.symbols(question.placeholder))],
            key_bindings=keys,
            erase_when_done=True,
            validate_while_typing=False,
            output=self._output,
        ).application
        buffer = app.current_buffer
        line_keys(keys, buffer, can_go_back=bool(line), is_text=question.beside is not None)
        for window in app.layout.find_all_windows():
            window.dont_extend_height = Always()

        def keys_now() -> str:
            # `?` and `+` are letters as soon as something stands on the line.
            return _STOP if draft.noting else _KEYS_IN_A_LINE if buffer.text else _KEYS

        app.layout = Layout(self._framed(question, screen, app.layout.container, keys_now), buffer)
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

    @cached_property
    def _output(self) -> Vt100_Output:
        # Where the cursor stands is never asked: nothing here needs to know, and not every terminal answers.
        depth = None if self.console.look.color else ColorDepth.DEPTH_1_BIT
        output = Vt100_Output.from_pty(self.console.out, term=self.console.look.term, default_color_depth=depth)
        output.enable_cpr = False
        return output

    def _framed(
        self,
        question: Question,
        screen: Screen,
        body: AnyContainer,
        keys: Callable[[], str],
        warning: Sequence[str] = (),
    ) -> HSplit:
        """The running header and the message above `body`, below it the `keys`, or a `warning` in their place."""

        def head() -> Fragments:
            parts = header(screen.incident, screen.now(), self.console.columns)
            return [(f"class:{tone}" if tone else "", text) for tone, text in parts]

        def foot() -> Fragments:
            if warning:
                return [("class:warning", " ".join(warning))]
            return drawing.footer(question.instruction, keys(), self.console.columns)

        return HSplit(
            [
                Window(height=1),
                *([self._window(head)] if head() else []),
                self._live(screen),
                self._window(lambda: drawing.message(question, self.console.width)),
                body,
                self._window(foot),
            ]
        )

    def _live(self, screen: Screen) -> AnyContainer:
        """What the checks say and what runs; no line at all where that is nothing."""
        window = self._window(lambda: drawing.live(screen.live(), self.console.width))
        return ConditionalContainer(window, Condition(lambda: bool(screen.live())))

    def _window(self, draw: Callable[[], Fragments]) -> Window:
        return Window(FormattedTextControl(self._in_symbols(draw)), dont_extend_height=True)

    def _in_symbols(self, draw: Callable[[], Fragments]) -> Callable[[], StyleAndTextTuples]:
        return lambda: [(style, self.console.symbols(text)) for style, text in draw()]


def _check(read: Callable[[str], Reply], wanted: str = "") -> Callable[[str], bool | str]:
    """What is wrong with a text, in words: what is `wanted`, else all that the prompt takes."""

    def check(text: str) -> bool | str:
        try:
            read(text)
        except NotAllowed as error:
            return wanted or clean(error.hint)
        return True

    return check
