"""A command waits for somebody at a keyboard, or never ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interactive import interactive
from incidentctl.lint.interface import Found, Subject, commands
from incidentctl.lint.shell import simple_commands

SLUG: Final = "interactive-command"
SEVERITY: Final[Severity] = "warning"
_WHAT: Final = "waits for a keyboard, or does not end by itself"
_HINT: Final = "Write the command that does it in one go (`kubectl patch`, `psql -c`, `logs --tail=100`), or a `note`."


def check(subject: Subject) -> Iterator[Found]:
    """Editors, pagers, shells and followers in `run` and `undo`.  In `look` a person is meant to sit before them."""
    for command in commands(subject):
        if command.route[-1] == "look":
            continue
        for words in simple_commands(command.line):
            found = interactive(words, has_input="<" in command.line or "|" in command.line)
            if found:
                yield Found(command.route, f"`{found}` {_WHAT}", _HINT)
                break
