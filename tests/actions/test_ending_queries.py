"""What a person ticked is ended through the same door as a command: those queries, and no later ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from incidentctl.actions.hands import RealHands
from incidentctl.clock import SystemClock
from incidentctl.runbook.model import Check
from incidentctl.walker.orders import Order
from incidentctl.walker.running import Result
from tests.servers.postgres import Postgres, Session, any_postgres, until


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[Postgres]:
    with any_postgres() as server:
        yield server


def ended(monkeypatch: pytest.MonkeyPatch, server: Postgres, *sessions: Session, how: str = "run") -> Result:
    monkeypatch.setenv("SHOP_DB_URL", server.dsn)
    check = Check("end_queries", {"dsn": "${SHOP_DB_URL}", "longer_than": "10 ms"})
    keys = tuple(str(session.pid) for session in sessions)
    run = RealHands().start(Order("test", SystemClock().now(), check=check, keys=keys, how=how))
    run.wait()
    result = run.result()
    assert result is not None
    return result


@pytest.mark.rule("P-TREE-2")
@pytest.mark.parametrize(("how", "said"), [("run", "its query was cancelled"), ("terminate", "connection was closed")])
def test_the_chosen_queries_are_ended(monkeypatch: pytest.MonkeyPatch, server: Postgres, how: str, said: str) -> None:
    with ExitStack() as people:
        slow, other = (Session(server.dsn, "checkout") for _ in range(2))
        for session in (slow, other):
            people.callback(session.close)
            session.start("select pg_sleep(60)")

        def once() -> Result | None:
            result = ended(monkeypatch, server, slow, how=how)
            return result if said in " ".join(result.output) else None

        result = until(once)
        assert isinstance(result, Result)
        assert result.ok
        assert str(other.pid) not in " ".join(result.output)


def test_a_query_that_was_not_there_when_they_were_shown_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, server: Postgres
) -> None:
    with ExitStack() as people:
        session = Session(server.dsn, "checkout")
        people.callback(session.close)
        monkeypatch.setenv("SHOP_DB_URL", server.dsn)
        seen_at = SystemClock().now()
        session.start("select pg_sleep(60)")
        check = Check("end_queries", {"dsn": "${SHOP_DB_URL}", "longer_than": "0 s"})
        run = RealHands().start(Order("test", seen_at, check=check, keys=(str(session.pid),)))
        run.wait()
        result = run.result()
        assert result is not None
        assert result.output == (f"pid {session.pid}: what was seen there has ended by itself",)
