"""A real PostgreSQL, whose queries are really ended, and only those that were chosen."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from incidentctl.actions.end_queries import Candidate, Outcome, _Ending, cancel, candidates, protection
from incidentctl.checks import postgres as check
from incidentctl.errors import UserError
from incidentctl.incident.words import Row
from incidentctl.postgres.activity import Backend
from incidentctl.postgres.door import connected
from tests.checks.asked import asked, inquiry
from tests.servers.postgres import Postgres, Session, any_postgres, own_postgres, until

PASSWORD = "s3cr3t-Zebra-77"  # noqa: S105 - nobody's
NOT_LONG = timedelta(milliseconds=50)


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[Postgres]:
    with any_postgres() as server:
        yield server


@pytest.fixture(name="people")
def _people(server: Postgres) -> Iterator[ExitStack]:
    """Who is connected, until the test ends."""
    with ExitStack() as people:
        yield people


def joined(people: ExitStack, dsn: str, application: str = "checkout") -> Session:
    session = Session(dsn, application)
    people.callback(session.close)
    return session


def chosen(dsn: str, *sessions: Session) -> list[Candidate]:
    """The candidates of `sessions`, as soon as all are there, in that order."""
    pids = [session.pid for session in sessions]

    def seen() -> list[Candidate]:
        found = {one.pid: one for one in asyncio.run(candidates(dsn, longer_than=NOT_LONG))}
        return [found[pid] for pid in pids] if set(pids) <= set(found) else []

    found = until(seen)
    assert isinstance(found, list)
    return found


def ended(dsn: str, those: list[Candidate], *, terminate: bool = False, even_protected: bool = False) -> list[Outcome]:
    return asyncio.run(cancel(dsn, those, terminate=terminate, even_protected=even_protected))


@pytest.mark.rule("P-TREE-2")
def test_cancelling_ends_the_query_and_keeps_the_connection(server: Postgres, people: ExitStack) -> None:
    slow, other = joined(people, server.dsn), joined(people, server.dsn)
    slow.start("select pg_sleep(60)")
    other.start("select pg_sleep(61)")
    one, _ = chosen(server.dsn, slow, other)
    assert one.protected == ""
    assert one.row.key == str(slow.pid)
    outcomes = ended(server.dsn, [one])
    assert outcomes == [Outcome(slow.pid, "ended", f"pid {slow.pid}: its query was cancelled")]
    assert "canceling statement due to user request" in slow.ended()
    slow.run("select 1")
    assert chosen(server.dsn, other)  # which nobody chose


def test_terminating_closes_the_connection(server: Postgres, people: ExitStack) -> None:
    slow = joined(people, server.dsn)
    slow.start("select pg_sleep(60)")
    outcomes = ended(server.dsn, chosen(server.dsn, slow), terminate=True)
    assert outcomes == [Outcome(slow.pid, "ended", f"pid {slow.pid}: its connection was closed")]
    assert "terminating connection due to administrator command" in slow.ended()


def test_an_idle_transaction_is_only_ended_by_terminating(server: Postgres, people: ExitStack) -> None:
    idle = joined(people, server.dsn)
    idle.run("begin", "select 1")
    those = chosen(server.dsn, idle)
    said = f"pid {idle.pid}: is idle in its transaction: cancelling does not end that"
    assert ended(server.dsn, those) == [Outcome(idle.pid, "still running", said)]
    idle.run("select 1")
    [outcome] = ended(server.dsn, chosen(server.dsn, idle), terminate=True)
    assert outcome.end == "ended"
    with pytest.raises(psycopg.OperationalError):
        idle.run("select 1")


def test_the_candidates_are_what_the_check_shows(server: Postgres, people: ExitStack) -> None:
    holder, waiting = joined(people, server.dsn), joined(people, server.dsn)
    holder.run("create table if not exists shelf (id int)", "begin", "lock table shelf")
    waiting.start("select * from shelf")
    chosen(server.dsn, holder, waiting)
    found = asked(check.ask, inquiry("postgres", {"dsn": server.dsn, "longer_than": "50 ms"}))
    offered = asyncio.run(candidates(server.dsn, longer_than=NOT_LONG))
    assert [row.key for row in found.rows] == [one.row.key for one in offered] == [str(holder.pid), str(waiting.pid)]
    assert "blocks 1" in offered[0].row.text
    [outcome] = ended(server.dsn, offered[:1], terminate=True)
    assert outcome.end == "ended"
    assert waiting.ended() == ""  # it got its lock


def test_what_came_after_is_not_touched(server: Postgres, people: ExitStack) -> None:
    slow, pooled = joined(people, server.dsn), joined(people, server.dsn)
    slow.start("select pg_sleep(60)")
    pooled.start("select pg_sleep(0.2)")
    one, before = chosen(server.dsn, slow, pooled)
    assert pooled.ended() == ""
    pooled.start("select pg_sleep(62)")  # somebody else's query, over the same connection
    [now] = chosen(server.dsn, pooled)
    later = replace(one, started=one.started + timedelta(microseconds=1)) if one.started else one
    outcomes = ended(server.dsn, [before, later], terminate=True)
    assert [(outcome.pid, outcome.end) for outcome in outcomes] == [
        (pooled.pid, "gone already"),
        (slow.pid, "gone already"),
    ]
    assert outcomes[0].said.endswith("its query has ended by itself; the connection went on to other work")
    assert outcomes[1].said.endswith("its connection has ended by itself")
    assert chosen(server.dsn, slow, pooled) != []
    assert chosen(server.dsn, pooled)[0].query_started == now.query_started


def test_who_has_left_is_gone_already(server: Postgres) -> None:
    with closing(Session(server.dsn)) as leaving:
        leaving.start("select pg_sleep(60)")
        those = chosen(server.dsn, leaving)
        assert ended(server.dsn, those, terminate=True)[0].end == "ended"
    [outcome] = ended(server.dsn, those)
    assert outcome == Outcome(leaving.pid, "gone already", f"pid {leaving.pid}: its connection has ended by itself")


def test_without_the_right_it_is_refused_and_says_which(server: Postgres, people: ExitStack) -> None:
    admin = joined(people, server.dsn)
    admin.run(
        "drop role if exists watcher", "drop role if exists app",
        f"create role watcher login password '{PASSWORD}'", "grant pg_read_all_stats to watcher",
        f"create role app login password '{PASSWORD}'",
    )  # fmt: skip
    watcher = server.as_role("watcher", PASSWORD)
    slow, own = joined(people, server.as_role("app", PASSWORD)), joined(people, server.dsn)
    slow.start("select pg_sleep(60)")
    own.start("select pg_sleep(60)")
    those = chosen(watcher, slow, own)
    outcomes = ended(watcher, those)
    assert [outcome.end for outcome in outcomes] == ["refused", "refused"]
    assert "watcher may not end it: GRANT pg_signal_backend TO watcher" in outcomes[0].said
    admin.run("grant pg_signal_backend to watcher")
    assert [outcome.end for outcome in ended(watcher, those)] == ["ended", "refused"]


def test_a_superusers_maintenance_is_protected_until_somebody_insists(server: Postgres, people: ExitStack) -> None:
    holder, reindex = joined(people, server.dsn), joined(people, server.dsn)
    holder.run("create table if not exists archive (id int)", "begin", "lock table archive")
    reindex.start("REINDEX TABLE archive")
    [one] = chosen(server.dsn, reindex)
    assert one.protected == "maintenance by a superuser"
    left = Outcome(reindex.pid, "refused", f"pid {reindex.pid}: left alone: maintenance by a superuser")
    assert ended(server.dsn, [one]) == [left]
    assert ended(server.dsn, [one], even_protected=True)[0].end == "ended"
    assert "canceling statement" in reindex.ended()


def test_a_process_of_the_server_is_not_ended_though_its_candidate_says_nothing(
    server: Postgres, people: ExitStack
) -> None:
    with psycopg.connect(server.dsn) as looking:
        found = looking.execute(
            "select pid, backend_start from pg_stat_activity where backend_type = 'autovacuum launcher'"
        ).fetchone()
    assert found is not None
    slow = joined(people, server.dsn)
    slow.start("select pg_sleep(60)")
    [like] = chosen(server.dsn, slow)
    forged = replace(like, pid=found[0], started=found[1], query_started=None)
    [outcome] = ended(server.dsn, [forged], terminate=True)
    assert outcome.end == "refused"
    assert outcome.said.endswith("left alone: it is no client's connection, or our own")


def test_what_is_protected_and_why() -> None:
    assert protection(_backend("autovacuum worker")) == "autovacuum"
    assert protection(_backend("walsender")) == "replication"
    assert protection(_backend("background writer")) == "background writer"
    assert protection(_backend("")) == "what it does is hidden from this role"
    assert protection(_backend("client backend", "incidentctl")) == "a connection of incidentctl"
    assert protection(_backend("client backend", "pg_dump")) == "maintenance by a superuser"
    assert protection(_backend("client backend", "checkout")) == ""


def _backend(kind: str, application: str = "") -> Backend:
    return Backend(1, None, kind, "postgres", "", application, "active", 60, None, "", "", (), "copy", superuser=True)


def test_a_replica_is_not_ended_without_insisting(server: Postgres, people: ExitStack) -> None:
    follower, slow = Session(server.as_role("postgres", "", replication="database")), joined(people, server.dsn)
    with closing(follower):
        # From where the log ends: one that is sent all of it and reads nothing is busy sending when it is to end.
        begin = slow.raw.execute(b"select pg_current_wal_lsn()").fetchone()
        assert begin is not None
        follower.start(f"START_REPLICATION PHYSICAL {begin[0]}")
        # It is a replica's connection before it runs the command; when that begins is what it is known again by.
        kind = (
            "select pid, backend_start, query_start from pg_stat_activity "
            "where backend_type = 'walsender' and query like 'START_REPLICATION%'"
        )
        found = until(lambda: slow.raw.execute(kind.encode()).fetchone())
        slow.start("select pg_sleep(60)")
        [like] = chosen(server.dsn, slow)
        forged = replace(like, pid=found[0], started=found[1], query_started=found[2])
        assert ended(server.dsn, [forged], terminate=True)[0].end == "refused"
        assert ended(server.dsn, [forged], terminate=True, even_protected=True)[0].end == "ended"


def test_our_own_connection_is_never_ended(server: Postgres) -> None:
    async def once() -> tuple[Outcome | None, list[tuple[int]]]:
        async with connected(server.dsn, seconds=5) as connection:
            [(pid, started, query)] = await connection.rows(
                "select pid, backend_start, query_start from pg_stat_activity where pid = pg_backend_pid()"
            )
            own = Candidate(pid, started, query, False, timedelta(), Row("", str(pid)))
            outcome = await _Ending(connection, terminate=True, even_protected=True).signal(own)
            return outcome, await connection.rows("select 1")

    outcome, after = asyncio.run(once())
    assert outcome is not None
    assert outcome.end != "ended"
    assert after == [(1,)]


def test_what_does_not_end_in_time_is_said_to_run_still() -> None:
    with own_postgres() as server, closing(Session(server.dsn)) as deaf:
        deaf.start("select pg_sleep(60)")
        those = chosen(server.dsn, deaf)
        os.kill(deaf.pid, signal.SIGSTOP)
        try:
            [outcome] = asyncio.run(cancel(server.dsn, those, terminate=True, patience=0.2))
        finally:
            os.kill(deaf.pid, signal.SIGCONT)
        said = f"pid {deaf.pid}: was asked to end and still runs after 0.2 s"
        assert outcome == Outcome(deaf.pid, "still running", said)


def test_where_the_server_is_lost_midway_nothing_is_claimed() -> None:
    async def once(server: Postgres, those: list[Candidate]) -> list[Outcome]:
        task = asyncio.create_task(cancel(server.dsn, those, terminate=True, patience=60))
        with psycopg.connect(server.dsn, autocommit=True) as looking:
            ours = None
            while ours is None:
                await asyncio.wait({task}, timeout=0.02)
                # Its first transaction is over, so the signal was sent.
                statement = "select pid from pg_stat_activity where query = 'ROLLBACK' and application_name = %s"
                ours = looking.execute(statement, ["incidentctl"]).fetchone()
        os.kill(ours[0], signal.SIGKILL)  # upon which the server ends everybody
        return await task

    with own_postgres() as server, closing(Session(server.dsn)) as deaf:
        deaf.start("select pg_sleep(60)")
        those = chosen(server.dsn, deaf)
        os.kill(deaf.pid, signal.SIGSTOP)
        [outcome] = asyncio.run(once(server, those))
        os.kill(deaf.pid, signal.SIGCONT)
    assert outcome.end == "unknown"
    assert outcome.said.startswith(f"pid {deaf.pid}: was asked to end; ")


def test_our_own_connection_is_not_among_the_candidates(server: Postgres) -> None:
    offered = asyncio.run(candidates(server.dsn, longer_than=timedelta()))
    assert [one for one in offered if "(incidentctl)" in one.row.text] == []


def test_nobody_chosen_is_nothing_done(server: Postgres) -> None:
    assert ended(server.dsn, []) == []


def test_a_server_that_is_gone_is_an_error_before_anything_was_done() -> None:
    with own_postgres() as server, closing(Session(server.dsn)) as slow:
        slow.start("select pg_sleep(60)")
        those = chosen(server.dsn, slow)
        server.stop()
        with pytest.raises(UserError, match="refuses connections"):
            ended(server.dsn, those)
