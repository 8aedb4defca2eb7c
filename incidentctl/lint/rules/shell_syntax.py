"""A command needs a shell, and the runbook does not say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.environment import filled_in
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, commands
from incidentctl.lint.shell import operators, unreadable, variables

SLUG: Final = "shell-syntax"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """Pipes, redirections, `&&`, `$(...)` and variables in a command without `shell: true`; quotes left open."""
    filled = filled_in(subject)
    for command in commands(subject):
        problem = unreadable(command.line)
        if problem:
            yield Found(command.route, f"this is no command: {problem}", "Close the quote, or escape it.")
        elif not command.shell:
            signs = [*_signs(command.line), *(f"`${name}`" for name in variables(command.line) if name in filled)]
            if signs:
                message = f"this command needs a shell, for {', '.join(dict.fromkeys(signs))}"
                yield Found(command.route, message, _hint(signs))


def _signs(line: str) -> Iterator[str]:
    """What a shell would have to do, in words; of brackets that open and close once."""
    found = operators(line)
    for sign in found:
        plain = sign.strip("()")
        if sign == "`":
            yield "a backquote"
        elif sign == "$(" or (plain and plain != ";"):
            yield f"`{sign if sign == '$(' else plain}`"
        elif plain:
            yield "a new line" if "\n" in line else "`;`"
        elif "(" in sign and "$(" not in found:
            yield "`(`"


def _hint(signs: list[str]) -> str:
    if signs == ["`&`"]:
        return "Put quotes around the word that holds it, or write `shell: true`."
    return "Write `shell: true` beside it, or make it one plain command; a script in your repository is best."
