"""Nobody said for how long all must be well before it is over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject

SLUG: Final = "no-stability-window"
SEVERITY: Final[Severity] = "warning"


def check(subject: Subject) -> Iterator[Found]:
    """No `stable_for` (P-CLEAR-1).  A light process asks for no window."""
    if subject.book.process == "full" and subject.book.all_clear.stable_for is None:
        hint = "Add `all_clear: {stable_for: 10 min}`, in this file or once in `_defaults.yaml`."
        message = "nothing says how long it must be stable before the all clear"
        yield Found(("all_clear",), message, hint, On.LACK, (("all_clear", "stable_for"),))
