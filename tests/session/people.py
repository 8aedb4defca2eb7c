"""People who answer in the tests: at a desk of their own, on a journal that several may share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from incidentctl.comms.drafts import Drafts
from incidentctl.incident.entry import Entry
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Layer
from incidentctl.journal.interface import Journal
from incidentctl.runbook.load import RunbookText, built_in, from_texts
from incidentctl.runbook.model import Runbook
from incidentctl.session import Opening, Session
from incidentctl.terminal.interface import Outcome, Replied, Screen
from incidentctl.walker.replies import Raw, read_reply
from incidentctl.walker.requests import Request

BEGIN = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
Answer = Raw | Callable[[Request, Screen], Outcome] | None


class Watch:
    """A clock that only moves when it is told to."""

    def __init__(self, at: datetime = BEGIN) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


class Person:
    """Gives one answer after the other; None takes the default; then Ctrl-C."""

    patient = False

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []
        self.heard: list[str] = []
        self.taken_back = 0
        self.looking: Callable[[Request, Screen], object] = lambda request, screen: None

    @property
    def prompts(self) -> list[str]:
        return [request.prompt for request in self.asked]

    def ask(self, request: Request, screen: Screen) -> Outcome:
        self.asked.append(request)
        self.looking(request, screen)
        if not self.answers:
            raise KeyboardInterrupt
        answer = self.answers.pop(0)
        if callable(answer):
            return answer(request, screen)
        if answer is not None:
            return Replied(read_reply(request.prompt, request.accepts, answer))
        assert request.default is not None, request.prompt
        return Replied(request.default)

    def tell(self, text: str) -> None:
        self.heard.append(text)

    def take_back(self) -> None:
        self.taken_back += 1

    def refused(self, message: str, hint: str) -> None:
        self.heard.append(f"{message} {hint}")


class Patient(Person):
    """Waits until what is on its way has arrived, as a script does."""

    patient = True


def pinned(incident: Incident) -> Runbook:
    """The runbook from its pinned texts."""
    texts = [RunbookText(layer.name, layer.text) for layer in incident.layers]
    book = from_texts(incident.service, texts).book
    assert book is not None
    return book


def session(journal: Journal, person: Person, me: str = "Ada", watch: Watch | None = None) -> Session:
    """A session of `me` on `journal`."""
    return Session(journal, person, Drafts(), watch or Watch(), me, pinned=pinned)


def opening(service: str = "search", **more: str) -> tuple[Runbook, Opening]:
    """What `start` would open with the built-in runbook, which has everything but people and commands."""
    loaded = built_in(service)
    assert loaded.book is not None
    layers = tuple(Layer(text.name, text.text, text.digest) for text in loaded.texts)
    return loaded.book, Opening("real", layers, more.get("title", "Search is down"), more.get("severity"))


def said(entries: Sequence[Entry]) -> list[tuple[object, str | None]]:
    """What a journal holds, without its random ids and times."""
    return [(entry.event, entry.prompt) for entry in entries]


FIRST_MINUTES: tuple[Answer, ...] = (
    None, None, None, ["critically degraded"], None, None, None, None, "send", "yes",
)  # fmt: skip
"""To the tree: acknowledge, channel, dashboards, impact, level, page, comms lead, feature, update, sent."""
TO_THE_END: tuple[Answer, ...] = ("yes", "roll-back", "done", "yes", "yes", "send", "yes", None, None, None, None)
"""From there: a deploy, rolled back, recovered, verified, told, and the checklist."""
