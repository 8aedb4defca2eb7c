"""What this program does itself, over the network: a request that changes something, and the end of queries."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

from incidentctl.actions.end_queries import Candidate, cancel, candidates
from incidentctl.clock import SystemClock
from incidentctl.runbook.quantities import parse_duration
from incidentctl.text.environment import expanded, expansions
from incidentctl.text.escape import clean, one_line
from incidentctl.text.redact import REDACTED
from incidentctl.walker.orders import Order

Said = Callable[[str], None]
Work = Callable[[Said], Coroutine[Any, Any, bool]]
_LONGER_THAN: Final = timedelta(seconds=30)
_DEADLINE: Final = 30.0
_LONGEST: Final = 200
_MOST: Final = 10_000


def sending(order: Order) -> Work:
    """One request; `name` of the order is its idempotency key, so that a server can tell a second one from the first.

    The header is the draft's of the IETF's HTTPAPI group, `Idempotency-Key`.
    """

    async def work(say: Said) -> bool:
        from incidentctl.http import host_of, send, without_ours

        check = order.check
        assert check is not None  # noqa: S101 - hands.py asks for it
        text = {key: expanded(value, os.environ) for key, value in check.values.items()}
        headers = {key.removeprefix("headers."): value for key, value in text.items() if key.startswith("headers.")}
        headers.setdefault("Idempotency-Key", order.name)
        method, url = text.get("method", "POST").upper(), text.get("url", "")
        seconds = order.timeout.total_seconds() if order.timeout else _DEADLINE
        answer = await send(method, url, headers=headers, body=text.get("body", "").encode() or None, seconds=seconds)
        say(f"{method} to {host_of(url)}: {answer.status}")
        said = without_ours(clean(answer.body[:_MOST].decode("utf-8", "replace")), url, headers)
        for value in sorted(expansions(check.values.values(), os.environ), key=len, reverse=True):
            said = said.replace(value, REDACTED)
        say(one_line(said, _LONGEST))
        wanted = text.get("expect_status", "").split()
        return str(answer.status) in wanted if wanted else 200 <= answer.status < 300

    return work


def ending(order: Order) -> Work:
    """End the queries that were chosen from the evidence, those and no others."""

    async def work(say: Said) -> bool:
        check = order.check
        assert check is not None  # noqa: S101 - hands.py asks for it
        dsn, over = expanded(check.values.get("dsn", ""), os.environ), check.values.get("longer_than")
        longer_than = parse_duration(over) if over else _LONGER_THAN
        found = {str(one.pid): one for one in await candidates(dsn, longer_than=longer_than)}
        chosen = [found[key] for key in order.keys if key in found and _was_seen(found[key], order)]
        for key in order.keys:
            if key not in {str(one.pid) for one in chosen}:
                say(f"pid {key}: what was seen there has ended by itself")
        outcomes = await cancel(dsn, chosen, terminate=order.how == "terminate") if chosen else []
        for outcome in outcomes:
            say(outcome.said)
        return all(outcome.end in ("ended", "gone already") for outcome in outcomes)

    return work


def _was_seen(one: Candidate, order: Order) -> bool:
    """Whether it is what the person chose: a query that began later is another one, on the same connection.

    Ages are the server's, since its clock may differ from ours.
    """
    return one.age >= SystemClock().now() - order.at
