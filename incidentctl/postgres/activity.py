"""What the connections of a server are doing (`pg_stat_activity`), and who waits for whom.

<https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW>
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from incidentctl.postgres.door import Connection
from incidentctl.record import record

CLIENT: Final = "client backend"
_BUSY: Final = ("active", "fastpath function call")
_IDLE: Final = ("idle in transaction", "idle in transaction (aborted)")

# The server's clock, never ours.  pg_blocking_pids stops the lock manager for a moment, so only those that wait are
# asked about; of idle connections the text is their last query's, and it is not wanted.
_ACTIVITY: Final = """
SELECT a.pid,
       a.backend_start,
       coalesce(a.backend_type, ''),
       coalesce(a.usename::text, ''),
       coalesce(a.datname::text, ''),
       coalesce(a.application_name, ''),
       coalesce(a.state, ''),
       coalesce(extract(epoch FROM clock_timestamp()
           - CASE WHEN left(a.state, 7) = 'idle in' THEN a.state_change ELSE a.query_start END), 0)::float8,
       a.query_start,
       coalesce(a.wait_event_type, ''),
       coalesce(a.wait_event, ''),
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{}' END,
       CASE WHEN a.state <> 'idle' THEN left(a.query, 10000) ELSE '' END,
       coalesce(r.rolsuper, false)
FROM pg_stat_activity AS a LEFT JOIN pg_roles AS r ON r.oid = a.usesysid
WHERE a.pid <> pg_backend_pid()
ORDER BY a.pid
"""


@record
class Backend:
    """One process of the server.

    `kind` is its `backend_type`; it is empty, as most is, where our role may not look.  `seconds` is how long its query
    has run, or how long it has been idle in its transaction.  `blocked_by` are pids; 0 is a prepared transaction.
    """

    pid: int
    started: datetime | None
    kind: str
    user: str
    database: str
    application: str
    state: str
    seconds: float
    query_started: datetime | None
    wait_type: str
    wait_event: str
    blocked_by: Sequence[int]
    query: str
    superuser: bool

    @property
    def idle(self) -> bool:
        """Whether it holds a transaction open and does nothing in it."""
        return self.state in _IDLE

    @property
    def active(self) -> bool:
        """Whether a query of a client is running."""
        return self.kind == CLIENT and self.state in _BUSY

    @property
    def hidden(self) -> bool:
        """Whether what a client does cannot be seen: our role may not look, or `track_activities` is off."""
        return (not self.kind and bool(self.user)) or (self.kind == CLIENT and self.state == "disabled")

    def over(self, limit: timedelta) -> bool:
        """Whether it has been at it for longer than `limit`."""
        return (self.active or (self.kind == CLIENT and self.idle)) and self.seconds > limit.total_seconds()


@record
class Line:
    """A backend in the tree of who waits for whom.

    It stands `depth` below one that waits for nobody, directly below `parent` (a pid; 0 at depth 0), and `blocks` stand
    below it, at any depth.
    """

    backend: Backend
    depth: int
    parent: int
    blocks: int


async def activity(connection: Connection) -> list[Backend]:
    """All processes of the server but our own connection.  Raises Unreached."""
    return [Backend(*row) for row in await connection.rows(_ACTIVITY)]


def tree(backends: Sequence[Backend], chosen: Sequence[Backend]) -> list[Line]:
    """`chosen`, those that they wait for and those that wait for them: each blocker before its victims, each once.

    Who blocks most comes first, then who has been at it longest.
    """
    known = {backend.pid: backend for backend in backends}
    above = {backend.pid: tuple(pid for pid in backend.blocked_by if pid in known) for backend in backends}
    victims: dict[int, list[int]] = {}
    for pid, blockers in above.items():
        for blocker in dict.fromkeys(blockers):
            victims.setdefault(blocker, []).append(pid)
    family = _reached(_reached({backend.pid for backend in chosen}, above), victims)
    parents = _parents(sorted(family, key=lambda pid: -known[pid].seconds), above, victims)
    blocks = dict.fromkeys(parents, 0)
    for pid in reversed(parents):
        if parents[pid]:
            blocks[parents[pid]] += blocks[pid] + 1
    children: dict[int, list[int]] = {}
    for pid in sorted(parents, key=lambda pid: (blocks[pid], known[pid].seconds)):
        children.setdefault(parents[pid], []).append(pid)
    lines, stack = [], [(pid, 0) for pid in children.get(0, ())]
    while stack:
        pid, depth = stack.pop()
        lines.append(Line(known[pid], depth, parents[pid], blocks[pid]))
        stack += [(victim, depth + 1) for victim in children.get(pid, ())]
    return lines


def _parents(
    family: Sequence[int], above: Mapping[int, Sequence[int]], victims: Mapping[int, Sequence[int]]
) -> dict[int, int]:
    """For each of `family` whom it stands below, parents before their children; 0 for who waits for nobody.

    In the queue for one lock everybody also waits for everybody before them: the blocker nearest to a root is taken.
    """
    parents: dict[int, int] = {pid: 0 for pid in family if not above[pid]}
    todo = deque(parents)
    # Who is left after the roots waits in a circle, until the server sees the deadlock: the eldest comes first.
    for start in (0, *family):
        if start and start not in parents:
            parents[start] = 0
            todo.append(start)
        while todo:
            pid = todo.popleft()
            fresh = [victim for victim in victims.get(pid, ()) if victim not in parents]
            parents.update(dict.fromkeys(fresh, pid))
            todo += fresh
    return parents


def _reached(start: set[int], edges: Mapping[int, Sequence[int]]) -> set[int]:
    """Everything that can be reached from `start`, itself included."""
    seen, todo = set(start), list(start)
    while todo:
        fresh = [pid for pid in edges.get(todo.pop(), ()) if pid not in seen]
        seen.update(fresh)
        todo += fresh
    return seen
