"""A command is handed to a shell as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, actions, items
from incidentctl.runbook.model import Action, Item

SLUG: Final = "shell-true"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """Every `shell: true`: such a line can do anything, and its effect cannot be told from its words."""
    for step in chain[Action | Item](items(subject), actions(subject)):
        if step.shell and (step.run or step.undo):
            hint = "Make it one plain command, or a script in your repository; else keep it, and say why."
            yield Found((*step.route, "shell"), f"the command of `{step.id}` runs in a shell", hint)
