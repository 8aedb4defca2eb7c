"""Replies from a file, and nobody at all: the same loop, the same words on the screen, no person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fnmatch import fnmatchcase

from incidentctl.clock import Clock
from incidentctl.errors import NotAllowed
from incidentctl.runbook.answers import Row
from incidentctl.terminal.console import Console
from incidentctl.terminal.interface import Outcome, Replied, Screen
from incidentctl.terminal.questions import answer_needed
from incidentctl.terminal.views import Voice
from incidentctl.walker.replies import Reply, read_reply
from incidentctl.walker.requests import Request


class ScriptedPrompter(Voice):
    """Answers from the rows of an answers file, and prints all that a person would have seen.

    For each prompt the first unused row whose pattern matches counts; a row with `repeat` is never used up.
    """

    patient = True

    def __init__(self, rows: Sequence[Row], clock: Clock, console: Console) -> None:
        super().__init__(console)
        self._rows = tuple(rows)
        self._clock = clock
        self._used: set[int] = set()
        self._last: Row | None = None

    @property
    def moves_clock(self) -> bool:
        """Whether any reply lets time pass: a real incident does not allow that."""
        return any(row.after is not None for row in self._rows)

    def unused(self) -> tuple[Row, ...]:
        """The rows that no prompt has used, in the order of the file."""
        return tuple(row for index, row in enumerate(self._rows) if index not in self._used)

    def ask(self, request: Request, screen: Screen) -> Outcome:
        """Reply as the file says; with `after`, the clock moves in one step first, and nothing interrupts that.

        Raises AnswerNeeded where no row matches or a default is missing, NotAllowed (naming the row's place) where
        the prompt does not take the row's value.
        """
        self.catch_up()
        self.show_all(request, screen)
        row = self._next(request)
        self._last = row
        reply = self._reply(request, row)
        self._clock.move(row.after or timedelta())
        outcome = Replied(reply)
        self.hold(request, outcome, screen)
        return outcome

    def take_back(self) -> None:
        """The row was not recorded either: it answers when its prompt is asked again."""
        super().take_back()
        if self._last is not None:
            self._used.discard(self._rows.index(self._last))

    def refused(self, message: str, hint: str) -> None:
        """A script does not think again.  Raises NotAllowed, naming the row's place."""
        raise NotAllowed(f"{self._last.place}: {message}" if self._last else message, hint)

    def _next(self, request: Request) -> Row:
        for index, row in enumerate(self._rows):
            if (row.repeat or index not in self._used) and fnmatchcase(request.prompt, row.prompt):
                self._used.add(index)
                return row
        raise answer_needed(request, "no row of the answers file is left for it")

    def _reply(self, request: Request, row: Row) -> Reply:
        if row.answer is not None:
            try:
                return read_reply(request.prompt, request.accepts, row.answer)
            except NotAllowed as error:
                raise NotAllowed(f"{row.place}: {error.message}", error.hint) from error
        if request.default is None:
            raise answer_needed(request, f"{row.place} takes its default, and it has none")
        return request.default


class NobodyPrompter(Voice):
    """There is no terminal and no answers file: the first question is shown, and ends the run."""

    def ask(self, request: Request, screen: Screen) -> Outcome:
        """Raises AnswerNeeded, always."""
        self.catch_up()
        self.show_all(request, screen)
        raise answer_needed(request, "there is no terminal here, and no answers file")

    def refused(self, message: str, hint: str) -> None:
        """Raises NotAllowed: nobody can think again."""
        raise NotAllowed(message, hint)
