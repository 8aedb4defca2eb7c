"""The variables of a shell that have a value when a command of the runbook is pasted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from incidentctl.lint.addresses import checks, environment_names
from incidentctl.lint.interface import Subject, commands, once
from incidentctl.lint.shell import assigned

_SHELL: Final = """
HOME USER LOGNAME PWD OLDPWD PATH SHELL EDITOR PAGER LANG TERM TMPDIR HOSTNAME UID EUID PPID RANDOM SECONDS LINENO IFS
KUBECONFIG AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION VAULT_ADDR DOCKER_HOST
"""
USUAL: Final = frozenset(_SHELL.split())
"""What a shell sets by itself (POSIX, bash), and what the usual tools tell everybody to set."""


def filled_in(subject: Subject) -> Collection[str]:
    """The usual ones, those that the runbook's checks read as `${NAME}`, and those that its commands assign."""
    if not any("$" in command.line for command in commands(subject)):
        return USUAL  # then nobody asks for more
    return {*USUAL, *_own(subject), *(subject.environment or ())}


@once
def _own(subject: Subject) -> Iterator[str]:
    """Those that the runbook itself reads or assigns."""
    for check in checks(subject):
        for text in check.values.values():
            yield from environment_names(text)
    for command in commands(subject):
        yield from assigned(command.line)
