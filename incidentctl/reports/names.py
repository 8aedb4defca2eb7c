"""What the ids in a journal are called: the runbook's words, or the id where the runbook does not have it."""

from __future__ import annotations

from typing import Final

from incidentctl.runbook.model import Runbook, steps_below

ROLE_NAMES: Final = {"ic": "IC", "comms-lead": "comms lead", "engineer": "engineer"}


class Names:
    """The texts of a runbook's steps and checklist items by their ids."""

    def __init__(self, book: Runbook) -> None:
        self._texts = {
            step.id: step.text
            for step in (
                *book.first_minutes,
                *book.all_clear.checklist,
                *(step for external in book.externals for step in external.fallback),
                *steps_below(book.tree),
            )
        }

    def of(self, step: str) -> str:
        """The text of that step, or its id."""
        return self._texts.get(step, step)

    def subject(self, subject: str) -> str:
        """What a check was asked about: the name of a signal, or the question that it answers."""
        head, _, rest = subject.partition("/")
        if not rest:
            return f"this service's {head}"
        return f"`{rest}`" if head == "signal" else self.of(head)
