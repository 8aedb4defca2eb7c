"""An action that failed can be tried again, before it counts as no (P-TREE-5)."""

from __future__ import annotations

from typing import Final

from incidentctl.incident.state import Done, Incident
from incidentctl.runbook.model import Action
from incidentctl.walker.replies import Accepts, Option, Word
from incidentctl.walker.requests import AskRetry, Phase, Request

_WORDS: Final = (
    Option("yes", "yes", "it is shown once more, and nothing runs before you say so"),
    Option("no", "no", "that counts as no"),
)


def is_open(incident: Incident, step: str) -> bool:
    """Whether it failed just now, and nobody has said yet whether that was all.  Whatever came after says so, too."""
    done = incident.tree.steps.get(step, Done())
    return done.result == "failed" and not done.given_up and not done.undo and incident.tree.latest == step


def request(action: Action, phase: Phase) -> Request:
    """Enter goes on: only a person's yes shows it once more."""
    return Request(
        prompt=f"tree.{action.id}.failed",
        ask=AskRetry(action.id),
        phase=phase,
        text=f"It failed. Try again: {action.text}?",
        why="The first try often fails for a small reason: a login that has expired, a name, a lock. Mend that, then "
        "try again. Otherwise it counts as no: its undo is offered, then the next question (P-TREE-5).",
        accepts=Accepts(words=_WORDS),
        default=Word("no"),
    )
