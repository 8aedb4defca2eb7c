"""A terminal that cannot move its cursor (`TERM=dumb`): numbered rows, and lines that are read whole."""

from __future__ import annotations

import os
import selectors
import termios
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TextIO

from incidentctl.errors import NotAllowed
from incidentctl.terminal.bell import Bell
from incidentctl.terminal.console import Console
from incidentctl.terminal.copying import KEY, Copies
from incidentctl.terminal.editor import edited
from incidentctl.terminal.interface import Copy, Noted, Outcome, Replied, Screen, Withdrawn
from incidentctl.terminal.questions import (
    Follow,
    Question,
    answer_needed,
    following_reply,
    question_of,
    reply_shown,
    row_reply,
    small_question,
    split_list,
    under_enter,
)
from incidentctl.terminal.views import Voice
from incidentctl.walker.replies import Raw, Reply, Typed, read_reply
from incidentctl.walker.requests import Request

_LOOK_AGAIN: Final = 1.0
"""Seconds between two looks at whether the question is still the one to ask."""
_HOW: Final = {
    "select": "A number, letter or word, then Enter.",
    "checkbox": "Numbers or words, with commas, then Enter.",
    "text": "Write it, then Enter.",
}
_KEYS: Final = "? says why, + writes a note"
_COPIES: Final = f", {KEY} copies a text"
_EDIT: Final = "edit"
_EDITS: Final = f", `{_EDIT}` opens your editor"


class PlainPrompter(Voice):
    """Asks line by line, without any escape sequence.  A line that was not entered is lost on withdrawal."""

    def __init__(self, console: Console, source: TextIO, copy: Copy) -> None:
        """`source` is read by its file number, so that nothing of it waits in a buffer that cannot be asked."""
        super().__init__(console)
        self._source = source.fileno()
        self._read = b""
        self._shown: Request | None = None
        self._default: Reply | None = None
        self._is_written = False
        self._copies = Copies(copy)
        self._bell = Bell()
        self._taken: Request | None = None

    def ask(self, request: Request, screen: Screen) -> Outcome:
        """Print `request` and read lines until one answers it.

        Raises KeyboardInterrupt on Ctrl-C, AnswerNeeded at the end of the input.
        """
        self.catch_up()
        self._copies.show(request.shown.texts)
        question = question_of(request)
        if self._bell.rings(self._taken, request, screen):
            self.console.ring()
        if self._shown == request:
            self.begin("question")
            self.console.say(f"Back to: {question.message}")
        else:
            self.show_all(request, screen)
            proposed = " Enter alone takes what is proposed." if question.placeholder or question.prefill else ""
            also = (_COPIES if question.copies else "") + (_EDITS if question.beside is not None else "")
            self.console.say(f"{_HOW[question.kind]}{proposed} {_KEYS}{also}.")
        self._shown, self._default, self._is_written = request, under_enter(request), False
        try:
            outcome = self._outcome(request, question, screen)
        except EOFError as error:
            raise answer_needed(request, "the input has ended") from error
        self._taken = request if isinstance(outcome, Withdrawn) else None
        self.hold(request, outcome, screen)
        return outcome

    def refused(self, message: str, hint: str) -> None:
        """Say why the last reply was not taken."""
        self.take_back()
        self.begin("told")
        self.console.warn(f"Not taken: {message}.")
        self.console.say(hint)

    def _outcome(self, request: Request, question: Question, screen: Screen) -> Outcome:
        while True:
            line = self._line("> ", screen.still_open, lambda: self._look(request, screen))
            if line is None:
                return Withdrawn()
            if line == "?":
                self.console.say(f"Why: {request.why}")
                continue
            if line == KEY and question.copies:
                self._copies.take_next()
                self.console.say(self._copies.said)
                continue
            if line == "+":
                note = self._line("Note: ", screen.still_open)
                if note != "":
                    return Withdrawn() if note is None else Noted(note)
                continue
            try:
                outcome = self._meant(request, question, line, screen)
            except NotAllowed as error:
                self.console.say(f"{error.message}. {error.hint}")
                continue
            if outcome is not None:
                return outcome

    def _look(self, request: Request, screen: Screen) -> bool:
        """About once a second; True where something was said."""
        if self._bell.fell_due(screen):
            self.console.ring()
        return self._say_what_came(request, screen)

    def _say_what_came(self, request: Request, screen: Screen) -> bool:
        """What the checks have found meanwhile, once it changes what Enter alone takes."""
        # What somebody wrote in an editor is theirs.
        if screen.proposed is None or self._is_written:
            return False
        proposed = under_enter(replace(request, default=screen.proposed()))
        if proposed == self._default:
            return False
        self._default = proposed
        self.console.say("")
        self.show_live(screen.live())
        if proposed is not None:
            self.console.say(f"Enter alone takes now: {reply_shown(proposed, request)}")
        return True

    def _meant(self, request: Request, question: Question, line: str, screen: Screen) -> Outcome | None:
        """What a line answers; None where it went back to the question.  Raises NotAllowed."""
        raw: Raw | None
        if not line:
            if self._default is not None:
                return Replied(self._default)
            raise NotAllowed("there is no default here", f"It takes {request.accepts.described()}.")
        if line == _EDIT and question.beside is not None:
            self._edit(request, question.beside, screen)
            return None
        word, _, rest = line.partition(" ")
        index = row_named(question, line)
        if word in request.accepts.keyed and rest.strip():
            raw = {word: rest.strip()}
        elif index is not None and question.rows[index].follows:
            return self._follow(request, question.rows[index].follows, question, screen)
        else:
            raw = line_reply(question, line)
        return Replied(read_reply(request.prompt, request.accepts, raw))

    def _edit(self, request: Request, beside: Sequence[str], screen: Screen) -> None:
        """What comes back from an editor is what Enter alone takes then.  Raises NotAllowed."""
        before = self._default.text if isinstance(self._default, Typed) else ""
        text = edited(self.console, before, beside, screen.still_open)
        self._drop_what_was_typed()
        if text != before:
            self._default, self._is_written = read_reply(request.prompt, request.accepts, text), True
            self.console.say("Enter alone takes now:", "bold")
            self.console.bare(text)

    def _follow(self, request: Request, follows: Follow, question: Question, screen: Screen) -> Outcome | None:
        small = small_question(request, follows)
        text = self._line(f"{small.message} ({small.instruction}) ", screen.still_open)
        if not text:
            return Withdrawn() if text is None else None
        raw = following_reply(question, follows, text, ())
        return Replied(read_reply(request.prompt, request.accepts, raw))

    def _line(
        self, prompt: str, still_open: Callable[[], bool], look: Callable[[], bool] = lambda: False
    ) -> str | None:
        """The next line, stripped; None where the question is no longer the one to ask.  Raises EOFError.

        `look` may say something meanwhile; then the prompt is printed again.
        """
        self.console.ask(prompt)
        with selectors.DefaultSelector() as selector:
            selector.register(self._source, selectors.EVENT_READ)
            while b"\n" not in self._read:
                if not selector.select(_LOOK_AGAIN):
                    if not still_open():
                        self._drop_half_a_line()
                        return None
                    if look():
                        self.console.ask(prompt)
                    continue
                more = os.read(self._source, 4096)
                if not more:
                    raise EOFError
                self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line.decode("utf-8", "replace").strip()

    def _drop_half_a_line(self) -> None:
        """Half a line must not become the beginning of the next answer."""
        self._drop_what_was_typed()
        self.console.say("")
        self.console.warn("Put aside for now; what stood on this line was not kept.")

    def _drop_what_was_typed(self) -> None:
        self._read = b""
        if os.isatty(self._source):
            termios.tcflush(self._source, termios.TCIFLUSH)


def row_named(question: Question, name: str) -> int | None:
    """The row that a number, a key or its value names; None where there is no such row."""
    for index, row in enumerate(question.rows):
        if name in (str(index + 1), row.key) or (row.raw and name == row.raw):
            return index
    return None


def line_reply(question: Question, line: str) -> Raw:
    """What a line answers: a row's value, several rows' by commas, or the text itself."""
    index = row_named(question, line)
    if index is not None:
        return row_reply(question, index, ())
    if question.kind != "checkbox":
        return line
    named = [(part, row_named(question, part)) for part in split_list(line)]
    return tuple(part if at is None else str(question.rows[at].raw) for part, at in named)
