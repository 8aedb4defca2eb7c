"""Statuspage and PagerDuty, whose descriptions no package has: who has one puts it into `tests/published/by-hand/`.

Every test that uses those servers is then held to it; without the file, nothing is (docs/decisions/0051 says where the
files are, and when this was last done).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.published.description import Exchange
from tests.published.vendors import Vendor, check
from tests.servers.answering import Answered
from tests.servers.json_api import Reply, Request

_EVENTS: Final = "/v2/enqueue"


@contextmanager
def kept(vendor: Vendor, answer: Callable[[Request], Reply]) -> Iterator[Callable[[Request], Reply]]:
    """`answer`; what it was asked and said is checked at the end.  PagerDuty's events are described in another file."""
    exchanges: list[Exchange] = []

    def keep(asked: Request) -> Reply:
        reply = answer(asked)
        answered = Answered(reply.status, json.loads(json.dumps(reply.body)))  # as it is now
        exchanges.append(Exchange(asked.method, asked.path, asked.query, asked.headers, asked.body, answered))
        return reply

    yield keep
    check(vendor, [one for one in exchanges if one.path != _EVENTS])
    check(PAGERDUTY_EVENTS, [one for one in exchanges if one.path == _EVENTS])


def _amend_pagerduty(document: Any) -> None:  # noqa: ANN401 - JSON
    """Two schemas do not fit what stands beside them: a list that is none, and the example of an incident's body."""
    statuses = document["components"]["parameters"]["statuses_incidents"]
    statuses["schema"] = {"type": "array", "items": statuses["schema"]}
    body = document["components"]["schemas"]["IncidentBody"]
    body["properties"] = {"type": {"enum": ["incident_body"]}, "details": {"type": "string"}}


def _amend_statuspage(document: Any) -> None:  # noqa: ANN401 - JSON
    """What is not there is null, as in the answers that pages show; and what cannot be meant as it is written."""
    for name in ("group_id", "description", "start_date"):
        document["components"]["schemas"]["Component"]["properties"][name]["nullable"] = True
    document["components"]["schemas"]["Incident"]["properties"]["impact_override"]["nullable"] = True
    _mend(document)
    missing = {"description": "https://developer.statuspage.io/ names it for all paths"}
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].setdefault("404", missing)


def _mend(node: Any) -> None:  # noqa: ANN401 - any part of it
    """A type with a capital letter, and a map that has the id of one example component as its only name."""
    if isinstance(node, dict):
        if node.get("type") == "Object":
            node["type"] = "object"
        if str(node.get("description")).startswith("Map of status changes") and "properties" in node:
            (node["additionalProperties"],) = node.pop("properties").values()
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            _mend(one)


def _as_it_is(document: Any) -> None:  # noqa: ANN401 - JSON
    """Nothing to amend."""


PAGERDUTY: Final = Vendor("by-hand/pagerduty.json", "", _amend_pagerduty)
PAGERDUTY_EVENTS: Final = Vendor("by-hand/pagerduty-events.json", "/v2", _as_it_is)
STATUSPAGE: Final = Vendor("by-hand/statuspage.json", "/v1", _amend_statuspage)
