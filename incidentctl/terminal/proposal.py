"""The arrow of an open question follows the evidence, until a person has touched the keyboard.

What moved by itself, and what lets a text go out, is not taken by an Enter that was already on its way: it has to be
looked at first, so that a key that is held down ends there.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from incidentctl.terminal.interface import Screen
from incidentctl.terminal.keys import Pointer
from incidentctl.terminal.questions import Question, question_of
from incidentctl.walker.posting import goes_out
from incidentctl.walker.requests import Request

_A_LOOK: Final = 0.7
"""Seconds in which Enter takes nothing after the arrow moved by itself."""


class Proposal:
    """What Enter would give by now.  `touched`: a person has pressed a key, and decides alone from then on."""

    def __init__(self, request: Request, screen: Screen, question: Question, control: Pointer) -> None:
        self._request = request
        self._screen = screen
        self._control = control
        self._before = (question.start, question.ticked)
        # A draft that somebody began is theirs.
        self.touched = (control.pointed_at, tuple(control.selected_options)) != self._before
        self._moved_at = time.monotonic() if goes_out(request) else -_A_LOOK
        self._refused = False

    def follow(self) -> None:
        """Point at what the evidence says now."""
        if self.touched or self._screen.proposed is None:
            return
        question = question_of(replace(self._request, default=self._screen.proposed()))
        now = (question.start, question.ticked)
        if now != self._before:
            self._before = now
            self._control.pointed_at, self._control.selected_options = question.start, list(question.ticked)
            self._moved_at = time.monotonic()

    def may_be_taken(self) -> bool:
        """Whether a person has put the arrow where it is, or it has stood there for long enough to be read.

        A no makes the wait anew: it is over when the key is let go.
        """
        if self.touched or time.monotonic() - self._moved_at >= _A_LOOK:
            return True
        self._moved_at, self._refused = time.monotonic(), True
        return False

    def touch(self) -> None:
        """A key was pressed; one that was refused is no choice."""
        self.touched, self._refused = self.touched or not self._refused, False
