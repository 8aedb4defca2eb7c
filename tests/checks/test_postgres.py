"""A real PostgreSQL, with real queries, locks and idle transactions in it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from incidentctl.checks import postgres as kind
from incidentctl.checks.interface import Found
from incidentctl.errors import UserError
from incidentctl.incident.words import Answer
from incidentctl.postgres.activity import Backend, tree
from incidentctl.postgres.door import Unreached, connected
from incidentctl.postgres.rows import row, rows, shape
from incidentctl.text.redact import redact
from tests.checks.asked import asked, inquiry, written
from tests.servers.postgres import Postgres, Session, any_postgres, own_postgres, until
from tests.servers.started import free_port

PLANTED = "s3cr3t-Zebra-77"


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[Postgres]:
    with any_postgres() as server:
        yield server


@pytest.fixture(scope="module", name="strict")
def _strict(server: Postgres) -> Iterator[Postgres]:
    """One of which we know whom it lets in."""
    if server.own:
        yield server
    else:
        with own_postgres() as own:
            yield own


@pytest.fixture(name="people")
def _people(server: Postgres) -> Iterator[ExitStack]:
    """Who is connected, until the test ends."""
    with ExitStack() as people:
        yield people


def joined(people: ExitStack, dsn: str, application: str = "checkout") -> Session:
    session = Session(dsn, application)
    people.callback(session.close)
    return session


def ask(dsn: str, longer_than: str = "100 ms") -> Found:
    return asked(kind.ask, inquiry("postgres", {"dsn": dsn, "longer_than": longer_than}))


def once_yes(dsn: str, *pids: int, longer_than: str = "100 ms") -> Found:
    """What it answers as soon as all of `pids` are in its rows."""

    def seen() -> Found | None:
        found = ask(dsn, longer_than)
        return found if {str(pid) for pid in pids} <= {row.key for row in found.rows} else None

    found = until(seen)
    assert isinstance(found, Found)
    return found


def line(found: Found, pid: int) -> str:
    return next(row.text for row in found.rows if row.key == str(pid))


def why_not(dsn: str) -> str:
    """The reason and the hint with which it cannot tell."""

    async def once() -> str:
        with pytest.raises(UserError) as told:
            await kind.ask(inquiry("postgres", {"dsn": dsn}))
        assert told.value.__cause__ is None or "://" not in str(told.value.__cause__)
        return f"{told.value.message}\n{told.value.hint}"

    return asyncio.run(once())


# --- yes, no, unknown --------------------------------------------------------------------------------------


@pytest.mark.rule("P-TREE-2")
def test_the_answer_turns_as_the_queries_do() -> None:
    with own_postgres() as server, ExitStack() as people:
        quiet = ask(server.dsn)
        assert quiet.answer is Answer.NO
        assert quiet.said == "no query over 100 ms (0 active)"
        assert quiet.number == 0
        slow = joined(people, server.dsn)
        slow.start("select pg_sleep(60)")
        found = once_yes(server.dsn, slow.pid)
        assert found.answer is Answer.YES
        assert found.said.startswith("1 query over 100 ms, the longest ")
        assert f"(pid {slow.pid}, postgres@postgres)" in found.said
        assert found.number == 1
        assert [row.key for row in found.rows] == [str(slow.pid)]
        assert line(found, slow.pid).endswith(": select pg_sleep(60)")
        assert "active, postgres@postgres (checkout), waits for Timeout PgSleep" in line(found, slow.pid)
        assert ask(server.dsn, "30 s").said == "no query over 30 s (1 active)"
        server.stop()
        gone = ask(server.dsn)
        assert gone.answer is Answer.UNKNOWN
        assert gone.said.endswith(" refuses connections")


def test_an_idle_transaction_is_told_from_a_query(server: Postgres, people: ExitStack) -> None:
    idle = joined(people, server.dsn, "psql")
    idle.run("begin", "select 1")
    found = once_yes(server.dsn, idle.pid)
    assert found.said.startswith("1 idle transaction over 100 ms, the longest ")
    assert " idle in transaction, postgres@postgres (psql): select 1" in line(found, idle.pid)


def test_who_holds_the_others_up_comes_first(server: Postgres, people: ExitStack) -> None:
    first, second, third, apart = (joined(people, server.dsn) for _ in range(4))
    first.run("create table if not exists orders (id int)", "begin", "lock table orders")
    second.start("begin; lock table orders in share mode")
    until(lambda: _if_there(ask(server.dsn), f"pid {second.pid}", "blocked by"))
    third.start("insert into orders values (1)")
    apart.start("select pg_sleep(60)")
    found = until(lambda: _if_there(ask(server.dsn), f"pid {third.pid}", f"pid {apart.pid}", "blocks 2"))
    assert found.said.endswith(f"; pid {first.pid} blocks 2")
    shown = [row.text for row in found.rows]
    assert shown[0].startswith(f"pid {first.pid}, ")
    assert ", blocks 2: lock table orders" in shown[0]
    assert shown[1].startswith(f"└ pid {second.pid}, ")
    assert f"blocked by {first.pid}" in shown[1]
    assert shown[2].startswith(f"└ pid {third.pid}, ")
    assert shown[3].startswith(f"pid {apart.pid}, ")
    first.run("rollback")


def _if_there(found: Found, *texts: str) -> Found | None:
    return found if all(text in written(found) for text in texts) else None


def test_a_blocker_below_the_limit_is_shown_with_its_victims(server: Postgres, people: ExitStack) -> None:
    holder, waiting = joined(people, server.dsn), joined(people, server.dsn)
    holder.run("create table if not exists stock (id int)", "begin", "lock table stock")
    waiting.start("select * from stock")
    once_yes(server.dsn, waiting.pid)
    until(lambda: ask(server.dsn, "1 s").answer is Answer.YES)
    holder.run("select 1")  # idle again since just now, and still it is the one to end
    found = once_yes(server.dsn, waiting.pid, holder.pid, longer_than="1 s")
    assert [row.key for row in found.rows] == [str(holder.pid), str(waiting.pid)]
    assert found.said.startswith("1 query over 1 s")
    holder.run("rollback")


def test_a_prepared_transaction_can_block_too() -> None:
    with own_postgres() as server, ExitStack() as here:
        holder, waiting = joined(here, server.dsn), joined(here, server.dsn)
        holder.run("create table stock (id int)", "begin", "lock table stock", "prepare transaction 'left over'")
        waiting.start("select * from stock")
        found = until(lambda: _if_there(ask(server.dsn), "blocked by"))
        assert "blocked by a prepared transaction (pg_prepared_xacts)" in line(found, waiting.pid)


def test_a_role_that_may_not_look_is_told_which_grant_is_missing(server: Postgres, people: ExitStack) -> None:
    admin = joined(people, server.dsn)
    admin.run("drop role if exists blind", f"create role blind login password '{PLANTED}'")
    other = joined(people, server.dsn)
    other.start("select pg_sleep(60)")
    once_yes(server.dsn, other.pid)
    blind = server.as_role("blind", PLANTED)
    assert "blind cannot see what " in why_not(blind)
    assert "GRANT pg_read_all_stats TO blind" in why_not(blind)
    own = joined(people, blind)
    own.start("select pg_sleep(61)")
    found = once_yes(blind, own.pid)  # what it can see counts, and what it cannot is said
    assert "more cannot be seen" in found.said
    admin.run("grant pg_read_all_stats to blind")
    assert "cannot be seen" not in once_yes(blind, own.pid, other.pid).said


def test_a_server_that_watches_nothing_is_not_a_no(server: Postgres, people: ExitStack) -> None:
    unwatched = joined(people, server.dsn)
    unwatched.run("set track_activities = off")
    assert "track_activities is off" in why_not(server.dsn)


# --- what goes wrong, in words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "wrong-" + PLANTED}, "does not accept the password of teller"),
        ({"dbname": "nowhere"}, "there is no database nowhere at "),
        ({"user": "shut_out"}, "does not let shut_out in from this machine"),
        ({"user": "crowded"}, "takes no more connections"),
        ({"sslmode": "require"}, "does not speak TLS, and the dsn asks for it"),
        ({"host": "db.invalid"}, "the name db.invalid cannot be resolved"),
        ({"port": "1"}, "127.0.0.1:1 refuses connections"),
        ({"host": "/nonexistent"}, "/nonexistent refuses connections"),
        ({"sslmode": PLANTED}, "the dsn cannot be read"),
        ({"dbname": "closed"}, "teller may not connect to the database closed"),
    ],
)
def test_what_goes_wrong_is_said_without_the_password(strict: Postgres, change: dict[str, str], words: str) -> None:
    with closing(Session(strict.dsn)) as admin:
        for role in ("teller", "crowded", "shut_out"):
            admin.run(f"drop role if exists {role}", f"create role {role} login password '{PLANTED}'")
        admin.run("alter role crowded connection limit 0", "drop database if exists closed", "create database closed")
        admin.run("revoke connect on database closed from public")
    changed = {"user": "teller", "password": PLANTED, **change}
    said = why_not(strict.as_role(changed.pop("user"), changed.pop("password"), **changed))
    assert words in said
    assert PLANTED not in said


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://app:{PLANTED}/x@db.example.com/shop",
        f"postgresql://app:p@{PLANTED}@db.example.com/shop",
        f"postgresql://app:12/{PLANTED}@db.example.com/shop",
        f"postgresql://app:{PLANTED}%zz@db.example.com/shop",
        f"host=db.example.com password=a {PLANTED}",
        f"host=db.example.com password='{PLANTED}",
        f"{PLANTED}",
        f"host=db.example.com password={PLANTED}\udcff",
        f"mysql://app:{PLANTED}@db.example.com/shop",
    ],
)
def test_a_dsn_that_cannot_be_read_is_not_quoted(dsn: str) -> None:
    said = why_not(dsn)
    assert said.startswith("the dsn cannot be read\nWrite postgresql://USER:PASSWORD@")
    assert PLANTED not in said


def test_a_name_that_no_resolver_takes_is_said(server: Postgres) -> None:
    assert "cannot be" in why_not(f"host={'a' * 80}.example.com")


def test_tls(tmp_path: Path) -> None:
    with own_postgres() as server, closing(Session(server.dsn)) as admin:
        assert "does not speak TLS" in why_not(f"{server.dsn}?sslmode=verify-full")
        certificate = server.speak_tls(tmp_path)
        admin.run("alter system set ssl = on", "select pg_reload_conf()")
        trusting = f"{server.dsn}?sslmode=verify-full&sslrootcert={certificate}"
        until(lambda: ask(trusting).answer is Answer.NO)
        doubting = why_not(f"{server.dsn}?sslmode=verify-full&sslrootcert=system")
        assert "failed: its certificate is not trusted here\nsslmode and sslrootcert in the dsn decide." in doubting


def test_a_replica_that_follows_for_hours_is_no_slow_query(server: Postgres, people: ExitStack) -> None:
    follower = Session(server.as_role("postgres", "", replication="database"))
    other = joined(people, server.dsn)
    with closing(follower):
        follower.start("START_REPLICATION PHYSICAL 0/1000000")
        until(lambda: other.raw.execute("select 1 from pg_stat_replication").fetchone())
        other.start("select pg_sleep(60)")
        found = once_yes(server.dsn, other.pid)
        assert str(follower.pid) not in {row.key for row in found.rows}
        assert found.said.startswith("1 query over")


def test_what_is_no_postgresql_says_so() -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async def once(port: int) -> str:
        async with await asyncio.start_server(hello, "127.0.0.1", port):
            with pytest.raises(Unreached) as told:
                await kind.ask(inquiry("postgres", {"dsn": f"postgresql://127.0.0.1:{port}/x?sslmode=disable"}))
        return told.value.message

    assert "is not PostgreSQL" in asyncio.run(once(free_port()))


def test_without_psycopg_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert why_not("postgresql://db/shop") == "psycopg is not installed\npip install 'incidentctl[postgres]'"


# --- no secret and no customer's data ----------------------------------------------------------------------


def test_no_literal_of_a_query_is_shown(server: Postgres, people: ExitStack) -> None:
    session = joined(people, server.dsn)
    session.start(f"select pg_sleep(60) /* {'x' * 40} */ where 'password={PLANTED}' <> $${PLANTED}$$")
    found = once_yes(server.dsn, session.pid)
    assert PLANTED not in written(found)
    assert redact(written(found)) == written(found)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (f"ALTER ROLE app\n  PASSWORD '{PLANTED}'", "ALTER ROLE app PASSWORD '…'"),
        (f"select E'it\\'s {PLANTED}', 1", "select '…', 1"),
        (f"values ('it''s {PLANTED}', \"it's\")", "values ('…', \"it's\")"),
        (f"select 1 -- don't\nwhere a = '{PLANTED}'", "select 1 -- don't where a = '…'"),
        (f"values ($tag$ it's $$ {PLANTED} $tag$, 1)", "values ('…', 1)"),
        (f"call mail('{PLANTED} that was cut by the serv", "call mail('…'"),
        ("execute q ($1, $2)", "execute q ($1, $2)"),
        (f"{'select 1 + ' * 12}/* password={PLANTED} */ 1", f"{'select 1 + ' * 10}select 1…"),
        (f"-- password={'x' * 50}{PLANTED}{'y' * 100}\nselect 1", "-- password=<redacted> select 1"),
    ],
)
def test_only_the_shape_of_a_query_is_kept(query: str, shown: str) -> None:
    assert PLANTED not in shape(query)
    assert shape(query) == shown


def test_a_database_in_another_encoding_is_read(server: Postgres, people: ExitStack) -> None:
    admin = joined(people, server.dsn)
    admin.run("drop database if exists raw_bytes")
    admin.run("create database raw_bytes encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0")
    with closing(Session(server.as_role("postgres", "", dbname="raw_bytes", client_encoding="SQL_ASCII"))) as session:
        session.raw.pgconn.send_query(b"select pg_sleep(60) as \xe9t\xe9")
        found = once_yes(server.dsn, session.pid)
        assert "select pg_sleep(60) as \ufffdt\ufffd" in line(found, session.pid)
    admin.run("drop database raw_bytes with (force)")


# --- deadlines ---------------------------------------------------------------------------------------------


def cancelled_after(dsn: str, seconds: float) -> float:
    """How long a check takes to be over that is cancelled after `seconds`."""

    async def once() -> float:
        task = asyncio.create_task(kind.ask(inquiry("postgres", {"dsn": dsn}, seconds=30.0)))
        await asyncio.wait({task}, timeout=seconds)
        since = time.monotonic()
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        return time.monotonic() - since

    return asyncio.run(once())


def test_cancelled_while_connecting_nothing_stays_open() -> None:
    # Its kernel takes the connection, and nobody ever answers.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/x"
        assert cancelled_after(dsn, 0.2) < 1
        threads = threading.active_count()
        assert cancelled_after(dsn, 0.2) < 1
        assert threading.active_count() == threads
        found = asked(kind.ask, inquiry("postgres", {"dsn": dsn}, seconds=0.5))
        assert found.said.endswith(" did not answer within 0.4 s")
        for _ in range(3):
            ours, _ = silent.accept()
            with ours:
                while ours.recv(1024):
                    pass  # until it was closed at the other end


def test_a_server_that_hangs_holds_nobody_up(capfd: pytest.CaptureFixture[str]) -> None:
    async def hang(server: Postgres) -> tuple[str, float]:
        async with connected(server.dsn, seconds=0.3) as connection:
            ours = (await connection.rows("select pg_backend_pid()"))[0][0]
            os.kill(ours, signal.SIGSTOP)
            os.kill(server.main_pid(), signal.SIGSTOP)
            since = time.monotonic()
            try:
                with pytest.raises(Unreached) as told:
                    await connection.rows("select 1")
            finally:
                os.kill(server.main_pid(), signal.SIGCONT)
                os.kill(ours, signal.SIGCONT)
            return told.value.message, time.monotonic() - since

    with own_postgres() as server:
        said, took = asyncio.run(hang(server))
        assert said.endswith("did not answer within 0.3 s")
        assert took < 4
        os.kill(server.main_pid(), signal.SIGSTOP)
        try:
            assert cancelled_after(server.dsn, 0.2) < 2
        finally:
            os.kill(server.main_pid(), signal.SIGCONT)
    assert capfd.readouterr().err == ""


def test_a_statement_that_takes_too_long_is_ended_by_the_server(server: Postgres) -> None:
    async def once() -> str:
        async with connected(server.dsn, seconds=0.2) as connection:
            with pytest.raises(Unreached) as told:
                await connection.rows("select pg_sleep(60)")
            assert await connection.rows("select 1") == [(1,)]
        return told.value.message

    assert "the statement took longer than 0.2 s at " in asyncio.run(once())


def test_it_only_reads(server: Postgres) -> None:
    async def once() -> str:
        async with connected(server.dsn, seconds=5) as connection:
            with pytest.raises(Unreached) as told:
                await connection.rows("create table left_behind (id int)")
            assert await connection.rows("show application_name") == [("incidentctl",)]
        return told.value.message

    assert "read-only transaction" in asyncio.run(once())


# --- the tree, where a real server is hard to bring there --------------------------------------------------


def backend(pid: int, *blocked_by: int, seconds: float = 60) -> Backend:
    return Backend(
        pid, None, "client backend", "app", "shop", "", "active", seconds, None, "Lock", "relation", blocked_by,
        "select 1", superuser=False,
    )  # fmt: skip


def drawn(*backends: Backend) -> list[tuple[int, int, int]]:
    return [(one.backend.pid, one.depth, one.blocks) for one in tree(backends, backends)]


def test_who_waits_in_a_circle_is_shown_once() -> None:
    assert drawn(backend(1, 3), backend(2, 1), backend(3, 2)) == [(1, 0, 2), (2, 1, 1), (3, 2, 0)]


def test_in_a_queue_everybody_stands_below_who_holds_the_lock() -> None:
    queue = [backend(pid, *range(1, pid), seconds=100 - pid) for pid in range(1, 5)]
    assert drawn(*queue) == [(1, 0, 3), (2, 1, 0), (3, 1, 0), (4, 1, 0)]


def test_a_chain_counts_everybody_below() -> None:
    assert drawn(backend(9), backend(1), backend(2, 1), backend(3, 2)) == [(1, 0, 2), (2, 1, 1), (3, 2, 0), (9, 0, 0)]


def test_a_pile_up_of_hundreds_is_cut_and_counted() -> None:
    pile = [backend(pid, *range(1, pid)) for pid in range(1, 401)]
    shown = rows(tree(pile, pile))
    assert len(shown) == 31
    assert "blocks 399" in shown[0].text
    assert shown[-1].text == "and 370 more"
    assert shown[-1].key == ""


def test_a_long_chain_is_not_indented_off_the_screen() -> None:
    deep = tree([backend(pid, *([pid - 1] if pid > 1 else [])) for pid in range(1, 2001)], [backend(1)])
    assert len(deep) == 2000
    assert row(deep[-1]).text.startswith(f"{'│ ' * 8}└ pid 2000")
