"""What exactly is run: a runbook's step with its inputs, as words that no shell reads."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from incidentctl.errors import NotAllowed
from incidentctl.incident.facts import ActionStarted
from incidentctl.incident.state import Incident
from incidentctl.record import record
from incidentctl.runbook.model import Action, Check, Item, Runbook, steps_below
from incidentctl.walker.evidence import rows_subject
from incidentctl.walker.running import rows_chosen

_INPUT: Final = re.compile(r"\{\{-?\s*(\w+)\s*-?\}\}")
_MARK: Final = "\ufdd0"  # a noncharacter: it stands in no runbook, since control characters and their like are refused
BY_HAND: Final = "Run it yourself as it is shown, and say how it went."


@record
class Order:
    """Something to run.

    `argv` are the words of a command; with `shell` there is one, the line as it was written.  `check` is what an
    `http` or `end_queries` action was given, `keys` the rows that were chosen, `name` what makes it the same thing
    when it is sent twice.  `at` is when the rows were seen, in UTC.
    """

    name: str
    at: datetime
    argv: tuple[str, ...] = ()
    shell: bool = False
    check: Check | None = None
    keys: tuple[str, ...] = ()
    how: str = "run"
    timeout: timedelta | None = None


def order_of(book: Runbook, incident: Incident, event: ActionStarted, now: datetime) -> Order:
    """What `event` promised to run.  Raises NotAllowed where it cannot be run without guessing."""
    step = _find(book, event.step)
    name = f"{incident.id}-{event.step}"
    if isinstance(step, Action) and event.kind != "undo" and (step.end_queries or step.http):
        keys, seen = rows_chosen(incident, step), incident.evidence.get(rows_subject(step))
        at = seen.evidence.taken_at if seen else now
        return Order(name, at, check=step.end_queries or step.http, keys=keys, how=event.how, timeout=step.timeout)
    line = "" if step is None else step.undo if event.kind == "undo" else step.run
    inputs = {key: value for (of, key), value in incident.tree.inputs.items() if of == event.step}
    timeout = step.timeout if isinstance(step, Action) else None
    if step is not None and step.shell and event.kind != "undo":
        return Order(name, now, (_without_inputs(line),), shell=step.shell, timeout=timeout)
    return Order(name, now, words(line, inputs), timeout=timeout)


def _find(book: Runbook, name: str) -> Action | Item | None:
    lists = (*steps_below(book.tree), *book.first_minutes, *book.all_clear.checklist)
    return next((step for step in lists if isinstance(step, Action | Item) and step.id == name), None)


def words(line: str, inputs: Mapping[str, str]) -> tuple[str, ...]:
    """`line`, split first as a shell would; then each input fills its place within one word.  Raises NotAllowed."""
    try:
        split = shlex.split(_INPUT.sub(rf"{_MARK}\1{_MARK}", line))
    except ValueError as error:
        raise NotAllowed(f"this command cannot be split into words ({error})", BY_HAND) from error
    if not split:
        raise NotAllowed("the runbook names no command here", BY_HAND)
    return tuple(_filled(word, inputs) for word in split)


def _filled(word: str, inputs: Mapping[str, str]) -> str:
    parts = word.split(_MARK)
    for at in range(1, len(parts), 2):
        if parts[at] not in inputs:
            raise NotAllowed(f"`{parts[at]}` is not known yet", BY_HAND)
        parts[at] = inputs[parts[at]]
    filled = "".join(parts)
    if len(parts) > 1 and not parts[0] and filled.startswith("-"):
        raise NotAllowed(f"`{filled}` would be read as an option", BY_HAND)
    return filled


def _without_inputs(line: str) -> str:
    if _INPUT.search(line):
        raise NotAllowed("a line for a shell takes no inputs", BY_HAND)
    return line
