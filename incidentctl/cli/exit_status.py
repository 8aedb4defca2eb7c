"""What the program's exit statuses mean; `docs/commands.md` promises them."""

from __future__ import annotations

from enum import IntEnum

from incidentctl.errors import AnswerNeeded, NotFound, StoreUnreachable, UserError


class ExitStatus(IntEnum):
    """Few enough to script against."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    ANSWER_NEEDED = 3
    NOT_THERE = 4
    BUG = 70
    INTERRUPTED = 130


def status_of(error: UserError) -> ExitStatus:
    """2 for wrong usage and for what a rule refuses, 3 for a missing answer, 4 for what is not there."""
    match error:
        case AnswerNeeded():
            return ExitStatus.ANSWER_NEEDED
        case NotFound() | StoreUnreachable():
            return ExitStatus.NOT_THERE
        case _:
            return ExitStatus.USAGE
