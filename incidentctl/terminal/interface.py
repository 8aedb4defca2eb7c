"""How the session asks: one protocol for a person at a terminal, a plain terminal, and an answers file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final, Protocol

from incidentctl.incident.state import Incident
from incidentctl.record import record
from incidentctl.walker.due import Due
from incidentctl.walker.replies import Reply
from incidentctl.walker.requests import Request

LOOKING: Final = "Looking ..."
"""The live line while a check has not answered yet."""


Copy = Callable[[str], bool]
"""Puts a text into the clipboard of whoever sits here; False where a terminal was told, which does not answer.

Raises UserError where nothing takes it, in words for a person."""


@record
class Replied:
    """The prompt was answered."""

    reply: Reply


@record
class Noted:
    """A note was written at the prompt; the same question is still open."""

    text: str


@record
class Withdrawn:
    """The question was taken away, because something else is due or somebody else wrote."""


Outcome = Replied | Noted | Withdrawn


@record
class Screen:
    """What the header line needs, and how to know that the open question is no longer the one to ask.

    `now` gives the present moment; `still_open` is called about once a second while a prompt is open and answers
    False when it has to be withdrawn.  `live` are lines that stand above the question and change while it is open;
    `proposed` is what Enter would give by now, where that can change.  `answered` are the prompts that somebody else
    has answered since the last question: those do not come back.  `due` is all that falls due.
    """

    incident: Incident
    now: Callable[[], datetime]
    still_open: Callable[[], bool]
    live: Callable[[], tuple[str, ...]] = tuple
    proposed: Callable[[], Reply | None] | None = None
    answered: Collection[str] = ()
    due: Callable[[], Sequence[Due]] | None = None


def known_due(screen: Screen) -> Sequence[Due] | None:
    """What falls due by now; None where nobody but the incident says so."""
    return screen.due() if screen.due is not None else None


class Prompter(Protocol):
    """Somebody, or something, that answers.

    `patient`: it cannot see evidence arrive, so that a question waits for its checks before it is asked.
    """

    patient: bool

    def ask(self, request: Request, screen: Screen) -> Outcome:
        """Show `request` and wait for its outcome.

        Raises KeyboardInterrupt when the person stops (Ctrl-C), AnswerNeeded when nobody can be asked, and
        NotAllowed when a script gives a value that the prompt does not take.
        """

    def tell(self, text: str) -> None:
        """Say something that needs no answer; `text` may be foreign and is escaped."""

    def take_back(self) -> None:
        """The last reply was not recorded: nothing may say that it was.  What was not said yet never is."""

    def refused(self, message: str, hint: str) -> None:
        """A reply was not allowed: say why; the same question is asked again.  A script raises NotAllowed."""
