"""Ends queries of a PostgreSQL server: those that a person has seen and chosen, and nothing that came after them.

Between looking and confirming, minutes pass: a pid may be another process by then, and a pooled connection runs another
query.  So a candidate carries when its process and its query began, and the server compares both in the statement that
ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from incidentctl.incident.words import Row
from incidentctl.postgres.activity import CLIENT, Backend, activity, tree
from incidentctl.postgres.door import Connection, Denied, Unreached, connected
from incidentctl.postgres.rows import MOST, row
from incidentctl.record import record

End = Literal["ended", "still running", "gone already", "refused", "unknown"]
_SECONDS: Final = 5.0
_PATIENCE: Final = 3.0
_PAUSE: Final = 0.05
_OURS: Final = "incidentctl"
_MAINTENANCE: Final = ("vacuum", "analyze", "reindex", "cluster", "create index", "create unique index", "refresh")
_MAINTAINERS: Final = ("pg_dump", "pg_dumpall", "pg_basebackup", "pg_restore", "vacuumdb", "reindexdb", "clusterdb")


@record
class Candidate:
    """A connection that may be ended; `row` is the check's row for it, with the pid as its key.

    `protected` says why it is left alone unless a person insists (`replication`, `autovacuum`); empty where it is not.
    `started` and `query_started` are the server's, by which it is known again; `idle`: it only holds a transaction.
    `age` is how long it has been at it by the server's clock, which need not agree with ours.
    """

    pid: int
    started: datetime | None
    query_started: datetime | None
    idle: bool
    age: timedelta
    row: Row
    protected: str = ""


@record
class Outcome:
    """What became of a candidate.  `said` is one line for a person, with the pid."""

    pid: int
    end: End
    said: str


async def candidates(dsn: str, *, longer_than: timedelta, seconds: float = _SECONDS) -> list[Candidate]:
    """Those over `longer_than`, and whoever waits with them or holds them up, as the `postgres` check shows them.

    At most `MOST`; blockers stand before their victims.  Raises Unreached.
    """
    async with connected(dsn, seconds=seconds) as connection:
        backends = await activity(connection)
    lines = tree(backends, [backend for backend in backends if backend.over(longer_than)])
    return [
        Candidate(
            line.backend.pid,
            line.backend.started,
            line.backend.query_started,
            line.backend.idle,
            timedelta(seconds=line.backend.seconds),
            row(line),
            protection(line.backend),
        )
        for line in lines[:MOST]
    ]


def protection(backend: Backend) -> str:
    """Why this one is not ended without insisting; empty for an ordinary client."""
    if not backend.kind:
        return "what it does is hidden from this role"
    if backend.kind == "walsender":
        return "replication"
    if backend.kind.startswith("autovacuum"):
        return "autovacuum"
    if backend.kind != CLIENT:
        return backend.kind
    if backend.application == _OURS:
        return "a connection of incidentctl"
    if backend.superuser and _maintains(backend):
        return "maintenance by a superuser"
    return ""


def _maintains(backend: Backend) -> bool:
    words = " ".join(backend.query.lower().split())
    return words.startswith(_MAINTENANCE) or backend.application in _MAINTAINERS


async def cancel(
    dsn: str,
    chosen: Sequence[Candidate],
    *,
    terminate: bool,
    even_protected: bool = False,
    seconds: float = _SECONDS,
    patience: float = _PATIENCE,
) -> list[Outcome]:
    """Cancel the queries of `chosen`, or, with `terminate`, close their connections; each gets an outcome, in order.

    `patience` is how many seconds they get to end.  Never touches our own connection.  Raises Unreached where nothing
    was done at all; once something may have been, a lost connection is an outcome.
    """
    async with connected(dsn, seconds=seconds) as connection:
        ending = _Ending(connection, terminate=terminate, even_protected=even_protected)
        outcomes = {one.pid: await ending.signal(one) for one in chosen}
        asked = [one for one in chosen if outcomes[one.pid] is None]
        async for one, outcome in ending.watch(asked, patience):
            outcomes[one.pid] = outcome
    return [outcome for outcome in outcomes.values() if outcome is not None]


# Who it is, whether it may be touched, and the touch itself: one statement, so that nothing comes in between.
_CANCEL: Final = """
SELECT a.query_start IS NOT DISTINCT FROM %(query_started)s::timestamptz,
       CASE WHEN a.query_start IS NOT DISTINCT FROM %(query_started)s::timestamptz AND a.pid <> pg_backend_pid()
            AND (a.backend_type = 'client backend' OR %(even_protected)s) THEN pg_cancel_backend(a.pid) END
FROM pg_stat_activity AS a WHERE a.pid = %(pid)s AND a.backend_start = %(started)s::timestamptz
"""
_TERMINATE: Final = """
SELECT a.query_start IS NOT DISTINCT FROM %(query_started)s::timestamptz,
       CASE WHEN a.query_start IS NOT DISTINCT FROM %(query_started)s::timestamptz AND a.pid <> pg_backend_pid()
            AND (a.backend_type = 'client backend' OR %(even_protected)s) THEN pg_terminate_backend(a.pid) END
FROM pg_stat_activity AS a WHERE a.pid = %(pid)s AND a.backend_start = %(started)s::timestamptz
"""
_LEFT: Final = """
SELECT a.pid FROM pg_stat_activity AS a
JOIN unnest(%(pids)s::int[], %(starts)s::timestamptz[], %(queries)s::timestamptz[]) AS w (pid, started, query_started)
  ON a.pid = w.pid AND a.backend_start = w.started
WHERE %(terminate)s OR (a.state = 'active' AND a.query_start IS NOT DISTINCT FROM w.query_started)
"""


class _Ending:
    """One round of ending queries over one connection."""

    def __init__(self, connection: Connection, *, terminate: bool, even_protected: bool) -> None:
        self._connection = connection
        self._terminate = terminate
        self._even_protected = even_protected

    async def signal(self, one: Candidate) -> Outcome | None:
        """Ask the server to end it; None where it was asked, else why not."""
        if one.protected and not self._even_protected:
            return _outcome(one, "refused", f"left alone: {one.protected}")
        if one.started is None:
            return _outcome(one, "refused", "left alone: it could not be told from a later process with the same pid")
        if one.idle and not self._terminate:
            return _outcome(one, "still running", "is idle in its transaction: cancelling does not end that")
        values = {"pid": one.pid, "started": one.started, "query_started": one.query_started}
        try:
            found = await self._connection.rows(
                _TERMINATE if self._terminate else _CANCEL, {**values, "even_protected": self._even_protected}
            )
        except Denied:
            user = self._connection.user
            said = f"{user} may not end it: GRANT pg_signal_backend TO {user}; a superuser's only a superuser ends"
            return _outcome(one, "refused", said)
        except Unreached as error:
            return _outcome(one, "unknown", f"may have been ended, or not: {error.message}")
        return _judged(one, found)

    async def watch(self, asked: Sequence[Candidate], patience: float) -> AsyncIterator[tuple[Candidate, Outcome]]:
        """What became of those that were asked, once all have ended or `patience` is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        try:
            left = await self._left(asked)
            while left and loop.time() < deadline:
                await asyncio.sleep(_PAUSE)
                left = await self._left(asked)
        except Unreached as error:
            for one in asked:
                yield one, _outcome(one, "unknown", f"was asked to end; {error.message}")
            return
        done = "its connection was closed" if self._terminate else "its query was cancelled"
        for one in asked:
            if one.pid in left:
                yield one, _outcome(one, "still running", f"was asked to end and still runs after {patience:g} s")
            else:
                yield one, _outcome(one, "ended", done)

    async def _left(self, asked: Sequence[Candidate]) -> set[int]:
        """The pids of those that still run what they ran."""
        if not asked:
            return set()
        found = await self._connection.rows(
            _LEFT,
            {
                "pids": [one.pid for one in asked],
                "starts": [one.started for one in asked],
                "queries": [one.query_started for one in asked],
                "terminate": self._terminate,
            },
        )
        return {pid for (pid,) in found}


def _judged(one: Candidate, found: Sequence[tuple[bool, bool | None]]) -> Outcome | None:
    """What the server answered; None where it has passed the request on."""
    match found:
        case []:
            return _outcome(one, "gone already", "its connection has ended by itself")
        case [(False, _), *_]:
            return _outcome(one, "gone already", "its query has ended by itself; the connection went on to other work")
        case [(_, None), *_]:
            return _outcome(one, "refused", "left alone: it is no client's connection, or our own")
        case [(_, False), *_]:
            return _outcome(one, "gone already", "its connection has ended by itself")
        case _:
            return None


def _outcome(one: Candidate, end: End, said: str) -> Outcome:
    return Outcome(one.pid, end, f"pid {one.pid}: {said}")
