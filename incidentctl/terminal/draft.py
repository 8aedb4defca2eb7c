"""What was begun at a prompt, kept for when the same prompt comes back."""

from __future__ import annotations

from dataclasses import dataclass, field

from incidentctl.terminal.questions import Follow
from incidentctl.walker.requests import Request


@dataclass(slots=True)
class Draft:
    """What was begun at a prompt: the row pointed at, the rows ticked, and what was typed in each of its lines.

    `small` is the second prompt that is open; `noting` whether a note is being written on top of everything.
    """

    pointed: int
    ticked: set[int]
    texts: dict[Follow, str] = field(default_factory=dict)
    small: Follow = ""
    noting: bool = False

    @property
    def line(self) -> Follow:
        """The line that is being typed."""
        return "note" if self.noting else self.small


def draft_key(request: Request) -> tuple[str, str]:
    """Which draft belongs to a request."""
    # The next update has the same id: what was begun at an earlier one does not belong to it.
    return request.prompt, request.text
