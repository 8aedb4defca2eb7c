"""What can go wrong in a way that a person can mend.  Nothing here prints; `cli/main.py` does.

UserError
+-- NotAllowed         a value that this prompt or option does not take       (exit 2)
+-- Refused            a rule of the process says no, and is named            (exit 2)
+-- AnswerNeeded       an answer is needed and nobody can be asked            (exit 3)
+-- NotFound           a named runbook, incident or file is not there         (exit 4)
+-- StoreUnreachable   the store cannot be opened, read or written            (exit 4)
Conflict               another writer was first; read, fold and decide again  (never shown)
"""

from __future__ import annotations

from collections.abc import Iterator


class UserError(Exception):
    """Something a person can mend.

    `message` says what happened and where, `hint` what to do next (may be empty).
    Both may hold foreign text: whoever prints them escapes them.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotAllowed(UserError):
    """A value that this prompt or option does not take."""


class Refused(UserError):
    """A rule of the process says no.  `rule` is its id, for example `P-ROLE-4`."""

    def __init__(self, rule: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} ({rule})", hint)
        self.rule = rule


class AnswerNeeded(UserError):
    """An answer is needed and nobody can be asked.  `prompt` is the id of the open prompt."""

    def __init__(self, prompt: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.prompt = prompt


class NotFound(UserError):
    """A named runbook, incident or file is not there or not readable."""


class StoreUnreachable(UserError):
    """The store cannot be opened, read or written; nothing of the last append was kept."""


class Conflict(Exception):
    """Another writer appended first: read again, fold, decide again."""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and all that led to it; of several tries (IPv6, then IPv4) each."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from causes(one)
        error = error.__cause__ or error.__context__
