"""What was begun at a prompt, kept for when the same prompt comes back; and the note, which belongs to none of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from incidentctl.terminal.questions import Follow, Question, question_of
from incidentctl.text.redact import redact, redact_value
from incidentctl.walker.requests import AskInput, CommsAsk, Request

Key = tuple[str, str]


@dataclass(slots=True)
class Draft:
    """What was begun at the prompt of `request`: the row pointed at, the rows ticked, what was typed in its lines.

    `small` is the second prompt that is open.
    """

    request: Request
    pointed: int
    ticked: set[int]
    texts: dict[Follow, str] = field(default_factory=dict)
    small: Follow = ""

    @classmethod
    def of(cls, request: Request, question: Question) -> Draft:
        """Nothing was begun yet."""
        return cls(request, question.start, set(question.ticked))

    @property
    def line(self) -> Follow:
        """The line that is being typed."""
        return self.small

    def typed(self) -> Iterator[str]:
        """What somebody wrote there, and did not merely find, without its secrets."""
        ask, found = self.request.ask, question_of(self.request).prefill
        for text in self.texts.values():
            if text.strip() and text != found:
                yield redact_value(ask.name, text) if isinstance(ask, AskInput) else redact(text)


@dataclass(slots=True)
class NoteDraft:
    """The note that is being written.  It belongs to the incident, and so to no question.

    `open`: it was begun, and not ended.  Then it stands `over` a question, and waits while something else is due; once
    that question is gone for good, it goes on over the next one.
    """

    texts: dict[Follow, str] = field(default_factory=dict)
    open: bool = False
    over: Key | None = None

    @property
    def line(self) -> Follow:
        """The line that is being typed."""
        return "note"

    @property
    def text(self) -> str:
        """What stands in it, without secrets."""
        return redact(self.texts.get("note", "").strip())

    def begin(self, request: Request) -> None:
        """Write it over the question of `request`."""
        self.open, self.over = True, draft_key(request)

    def is_over(self, request: Request) -> bool:
        """Whether it is written now, over the question of `request`."""
        return self.open and self.over == draft_key(request)

    def outlive(self, request: Request) -> None:
        """The question of `request` does not come back."""
        if self.over == draft_key(request):
            self.over = None

    def go_on(self, request: Request) -> None:
        """Where its own question is gone it goes on over this one; but an update waits for no note (P-COMMS-3)."""
        if self.open and self.over is None and not isinstance(request.ask, CommsAsk):
            self.begin(request)


def draft_key(request: Request) -> Key:
    """Which draft belongs to a request."""
    # The next update has the same id: what was begun at an earlier one does not belong to it.
    return request.prompt, request.text
