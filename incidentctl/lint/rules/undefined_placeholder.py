"""A command holds a placeholder that nothing fills in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.environment import filled_in
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import CommandLine, Found, Subject, commands
from incidentctl.lint.shell import placeholders, variables
from incidentctl.runbook.decode_steps import slug
from incidentctl.runbook.model import Action

SLUG: Final = "undefined-placeholder"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """`<ns>`, `YOUR_TOKEN`, `[namespace]`, and `$NS` that neither the runbook nor a usual environment sets."""
    filled = filled_in(subject)
    for command in commands(subject):
        names = [f"${name}" for name in variables(command.line) if name not in filled]
        for written in (*placeholders(command.line), *names):
            # The checks beside a command say which of its variables are set.
            lacks = tuple((*command.step.route, key) for key in ("check", "checks"))
            yield Found(command.route, f"nothing fills in `{written}`", _hint(written, command), lacks=lacks)


def _hint(written: str, command: CommandLine) -> str:
    if not isinstance(command.step, Action) or command.route[-1] == "look" or command.step.shell:
        return "Write the value itself."
    name = slug(written).replace("-", "_")
    return f'Write the value, or `{{{{ {name} }}}}` with `needs: {{{name}: {{ask: "Which one?"}}}}`.'
