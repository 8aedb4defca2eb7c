"""A command asks for an input that nobody is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, commands
from incidentctl.lint.shell import input_name, inputs
from incidentctl.runbook.find import did_you_mean
from incidentctl.runbook.model import Action, Item, TreeStep

SLUG: Final = "undefined-input"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """`{{ pod }}` in a command whose step has no such `needs`; `look` and the steps of a list take none."""
    for command in commands(subject):
        needs = {need.name for need in command.step.needs} if isinstance(command.step, Action) else set()
        is_look = command.route[-1] == "look"
        for written in dict.fromkeys(inputs(command.line)):
            name = input_name(written)
            if is_look or name not in needs:
                lacks = () if is_look else ((*command.step.route, "needs"),)
                message = f"nothing fills in `{written}`"
                yield Found(command.route, message, _hint(name, command.step, needs), lacks=lacks)
            elif written not in (f"{{{{ {name} }}}}", f"{{{{{name}}}}}"):
                yield Found(command.route, f"`{written}` is not filled in", f"Write `{{{{ {name} }}}}`.")


def _hint(name: str, step: TreeStep | Item, needs: set[str]) -> str:
    if not isinstance(step, Action):
        return "Only an `action` or a `rollback` of the decision tree asks for inputs."
    return did_you_mean(name, needs) or f'Add `needs: {{{name}: {{ask: "Which {name}?"}}}}`.'
