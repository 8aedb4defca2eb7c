"""The connections of a server as a person reads them: one line each, and no customer's data in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Final

from incidentctl.incident.words import Row
from incidentctl.postgres.activity import CLIENT, Backend, Line
from incidentctl.text.escape import one_line
from incidentctl.text.redact import redact
from incidentctl.text.times import span

MOST: Final = 30
"""How many lines are shown; in a pile-up hundreds wait for one."""
_QUERY: Final = 120
_NAME: Final = 40
_DEEPEST: Final = 8
_PREPARED: Final = 0  # what pg_blocking_pids says of a prepared transaction


def rows(lines: Sequence[Line]) -> tuple[Row, ...]:
    """A row for each line, its pid as the key; of more than `MOST` the last one says how many are not shown."""
    shown = tuple(row(line) for line in lines[:MOST])
    left = len(lines) - MOST
    return (*shown, Row(f"and {left} more")) if left > 0 else shown


def row(line: Line) -> Row:
    """`pid 4711, 4 min active, app@shop (checkout), blocks 3: UPDATE orders SET …`, victims below it with `└`."""
    backend = line.backend
    indent = f"{'│ ' * min(line.depth - 1, _DEEPEST)}└ " if line.depth else ""
    said = ", ".join(part for part in _parts(line) if part)
    query = shape(backend.query)
    return Row(f"{indent}{said}{f': {query}' if query else ''}", key=str(backend.pid))


def who(backend: Backend) -> str:
    """`app@shop`, or what it is where it is no client's."""
    name = "@".join(part for part in (backend.user, backend.database) if part)
    return _short(name, _NAME) or backend.kind


def age(backend: Backend) -> str:
    """How long it has been at it."""
    return span(timedelta(seconds=backend.seconds))


def _parts(line: Line) -> tuple[str, ...]:
    backend = line.backend
    doing = f"{age(backend)} {backend.state}" if backend.state else "what it does is hidden from this role"
    application = f" ({_short(backend.application, _NAME)})" if backend.application else ""
    return (
        f"pid {backend.pid}",
        doing if backend.kind in ("", CLIENT) else f"{backend.kind}, {doing}",
        f"{who(backend)}{application}",
        _waits(line),
        f"blocks {line.blocks}" if line.blocks else "",
    )


def _waits(line: Line) -> str:
    backend = line.backend
    if _PREPARED in backend.blocked_by:
        return "blocked by a prepared transaction (pg_prepared_xacts)"
    if line.parent:
        return f"blocked by {line.parent}"
    # What is idle always waits for its client, which its state says already.
    return f"waits for {backend.wait_type} {backend.wait_event}" if backend.wait_type and not backend.idle else ""


def shape(query: str) -> str:
    """`query` on one line, cut, and each literal text in it replaced by `'…'`.

    Literals are passwords (`ALTER ROLE app PASSWORD 'x'`) and customers' data; a journal is for ever, and at 3 AM the
    shape of a query says enough.  What is left is redacted before it is cut: half a secret would not be recognised.
    """
    return _short(_token().sub(_masked, query), _QUERY)


@cache
def _token() -> re.Pattern[str]:
    # Comments and quoted names are read so that a quotation mark in them opens nothing.  A text that is not closed was
    # cut by the server (track_activity_query_size).  SQL's literals: the PostgreSQL manual, chapter 4.1.2.
    return re.compile(
        r"""(?P<kept> "[^"]*+(?:"|\Z) | --[^\n]*+ | /\*.*?(?:\*/|\Z) )
          | (?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$ .*? (?:\$(?P=tag)\$|\Z)
          | (?<!\w)[eE]'(?:[^'\\]|\\.|'')*+(?:'|\Z)
          | '(?:[^']|'')*+(?:'|\Z)""",
        re.VERBOSE | re.DOTALL,
    )


def _masked(found: re.Match[str]) -> str:
    return found["kept"] or "'…'"


def _short(text: str, width: int) -> str:
    return one_line(redact(text), width)
