"""What a step has to say before it is done: its facts to read, its commands to copy."""

from __future__ import annotations

from collections.abc import Iterator

from incidentctl.runbook.model import Action, Item
from incidentctl.walker.requests import Command
from incidentctl.walker.scene import in_words


def facts(step: Action | Item) -> Iterator[str]:
    """Target, duration, what to expect, and what cannot be undone: one line each, where the runbook says so."""
    if step.target:
        yield f"Target: {step.target}"
    if step.takes:
        yield f"Takes about {in_words(step.takes)}."
    if step.expect:
        yield f"Expect: {step.expect}"
    if step.irreversible:
        yield f"Cannot be undone: {step.irreversible}"
    if step.shell:
        yield "This line needs a shell."


def commands(run: str, undo: str, *, shell: bool) -> tuple[Command, ...]:
    """The command to run by hand and the one that undoes it; nothing where the runbook has none."""
    to_run = (Command("Run this yourself:", run, shell),) if run else ()
    return (*to_run, Command("To undo it:", undo)) if undo else to_run
