"""What a step has to say before it is done: its facts to read, its commands to copy."""

from __future__ import annotations

from collections.abc import Iterator

from incidentctl.runbook.model import Action, Item
from incidentctl.walker import lasting
from incidentctl.walker.requests import Command
from incidentctl.walker.scene import Scene, in_words


def facts(scene: Scene, step: Action | Item) -> Iterator[str]:
    """Target, duration, what to expect, and what cannot be undone: one line each, where it is known."""
    if step.target:
        yield f"Target: {step.target}"
    thought = (f"Takes about {in_words(step.takes)}.",) if step.takes else ()
    if duration := (*thought, *lasting.said(lasting.of(scene.book, step.id))):
        yield " ".join(duration)
    if isinstance(step, Action) and step.by:
        yield f"To be done by: {step.by}"
    if step.expect:
        yield f"Expect: {step.expect}"
    if step.irreversible:
        yield f"Cannot be undone: {step.irreversible}"
    if step.shell:
        yield "This line needs a shell."


def commands(run: str, undo: str, *, shell: bool, offered: bool = False) -> tuple[Command, ...]:
    """The command to run by hand and the one that undoes it; nothing where the runbook has none.

    `offered`: this program can run it, too.
    """
    to_run = (Command("The command:" if offered else "Run this yourself:", run, shell),) if run else ()
    return (*to_run, Command("To undo it:", undo)) if undo else to_run
