"""Is a database query slow (P-TREE-2)?  Yes where a client's query, or an idle transaction, is over `longer_than`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from incidentctl.checks.interface import Found, Inquiry, Unknown
from incidentctl.incident.words import Answer
from incidentctl.postgres.activity import Backend, Line, activity, tree
from incidentctl.postgres.door import connected
from incidentctl.postgres.rows import age, rows, who
from incidentctl.text.times import span

LONGER_THAN: Final = timedelta(seconds=30)
_HASTE: Final = 0.8
"""Which share of its time the check takes at most for one step, so that it can still say what went wrong."""


async def ask(inquiry: Inquiry) -> Found:
    """Look at what the connections of `dsn` are doing.  Raises Unknown and Unreached.

    A row's key is a pid.  The number is how many queries and idle transactions are over the limit.
    """
    limit = inquiry.span("longer_than", LONGER_THAN)
    async with connected(inquiry.required("dsn"), seconds=inquiry.seconds * _HASTE) as connection:
        backends = await activity(connection)
        user = connection.user
    slow = sorted((backend for backend in backends if backend.over(limit)), key=lambda backend: -backend.seconds)
    hidden = sum(backend.hidden for backend in backends)
    text = inquiry.text("longer_than", span(LONGER_THAN))
    if slow:
        lines = tree(backends, slow)
        said = f"{_slow(slow, text)}{_blocking(lines)}{f'; {hidden} more cannot be seen' if hidden else ''}"
        return Found(Answer.YES, said, rows(lines), float(len(slow)))
    if hidden:
        raise Unknown(*_unseen(backends, hidden, user))
    active = sum(backend.active for backend in backends)
    return Found(Answer.NO, f"no query over {text} ({active} active)", number=0.0)


def _slow(slow: Sequence[Backend], text: str) -> str:
    """`2 queries and 1 idle transaction over 30 s, the longest 4 min (pid 4711, app@shop)`"""
    idle = sum(backend.idle for backend in slow)
    counts = (_count(len(slow) - idle, "query", "queries"), _count(idle, "idle transaction", "idle transactions"))
    first = slow[0]
    longest = f"the longest {age(first)} (pid {first.pid}, {who(first)})"
    return f"{' and '.join(count for count in counts if count)} over {text}, {longest}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def _blocking(lines: Sequence[Line]) -> str:
    """Who holds the others up; the tree begins with it."""
    first = lines[0]
    return f"; pid {first.backend.pid} blocks {first.blocks}" if first.blocks else ""


def _unseen(backends: Sequence[Backend], hidden: int, user: str) -> tuple[str, str]:
    if any(backend.state == "disabled" for backend in backends):
        return "the server does not say what its connections do (track_activities is off)", ""
    others = sum(bool(backend.user) for backend in backends)
    return (
        f"{user} cannot see what {hidden} of {others} connections do",
        f"GRANT pg_read_all_stats TO {user}",
    )
