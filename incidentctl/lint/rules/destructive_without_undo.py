"""A command destroys something, and the runbook does not say how to get it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.destructive import destructive
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, commands
from incidentctl.runbook.model import Action, Item, Note, Omitted, Question

SLUG: Final = "destructive-without-undo"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """A `run` that deletes, drops or empties something, without `undo` and without `irreversible`."""
    for command in commands(subject):
        step = command.step
        if command.route[-1] != "run" or isinstance(step, Question | Note | Omitted) or step.undo or step.irreversible:
            continue
        word = destructive(command.line)
        if word:
            lacks = tuple((*step.route, key) for key in ("undo", "irreversible"))
            message = f"`{word}` destroys something, and there is no way back"
            yield Found(command.route, message, _hint(step), lacks=lacks)


def _hint(step: Action | Item) -> str:
    if isinstance(step, Action):
        return "Add `undo` with the command that takes it back, or `irreversible` with what is lost."
    return "Add `undo` with the command that takes it back."
