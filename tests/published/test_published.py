"""What we ask of GitHub and Slack, and what the tests' own servers answer, against the vendors' own descriptions.

Every test that uses those servers is held to them (`check`, when the server closes).  Here stands that the descriptions
are there, that all which is asked for is asked for in this way, and that a difference is seen.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from incidentctl.comms.channels.slack import SlackChannel, open_channel, set_topic
from tests.checks.deploying import ago, look
from tests.comms.channels.posts import found, post, sent
from tests.published.description import Exchange, draft4
from tests.published.vendors import FOLDER, GITHUB, SLACK, Vendor, needed
from tests.servers.answering import Answered
from tests.servers.github import REPOSITORY, github
from tests.servers.slack import Slack, slack

DEPLOYMENTS = "GET /repos/{owner}/{repo}/deployments"
STATUSES = "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses"
RELEASES = "GET /repos/{owner}/{repo}/releases"
POSTS = "POST /chat.postMessage"
HISTORY = "GET /conversations.history"
TOPIC = "POST /conversations.setTopic"
OPERATIONS = {
    GITHUB: {DEPLOYMENTS, STATUSES, RELEASES},
    SLACK: {
        *(POSTS, HISTORY, TOPIC),
        *("GET /conversations.list", "POST /conversations.create", "POST /conversations.join"),
    },
}


def of_github() -> Sequence[Exchange]:
    """Deployments and releases are read, by a stranger, with a wrong token and with the right one."""
    with github("planted-token") as hub:
        keys = {"github.repository": REPOSITORY, "github.url": hub.url, "github.environment": "production"}
        for minutes in range(150, 30, -1):
            hub.deploy(ago(minutes=minutes), (ago(minutes=minutes), "in_progress"), (ago(minutes=minutes), "success"))
        hub.release(ago(hours=1), "v1.42", "Round up")
        hub.release(None, "v2.0")
        for token in ("", "wrong-token", "planted-token"):
            look(keys, environ={"GITHUB_TOKEN": token})
    return hub.exchanges


def of_slack() -> Sequence[Exchange]:
    """A channel is joined, one is opened, a text goes out, is looked for, and is refused elsewhere."""
    with slack() as workspace:
        workspace.channel("incident-1", joined=False)
        for name in ("incident-1", "incident-2"):
            opened = asyncio.run(open_channel(name, workspace.environ, seconds=10))
            asyncio.run(set_topic(opened, "P1 checkout", workspace.environ, seconds=10))
            sent(SlackChannel({"channel": f"#{name}"}, workspace.environ), post())
        found(SlackChannel({"channel": "#incident-2"}, workspace.environ), post())
        _refused(workspace)
    return workspace.exchanges


def _refused(workspace: Slack) -> None:
    for how in ({"joined": False}, {"archived": True}, {"read_only": True}):
        channel = workspace.channel("-".join(how), **how)
        with pytest.raises(Exception, match=channel.name):
            sent(SlackChannel({"channel": f"#{channel.name}"}, workspace.environ), post())


RUNS: dict[Vendor, Callable[[], Sequence[Exchange]]] = {GITHUB: of_github, SLACK: of_slack}
vendors = pytest.mark.parametrize("vendor", RUNS, ids=["github", "slack"])


@vendors
def test_all_that_is_asked_and_answered_is_as_published(vendor: Vendor) -> None:
    description = needed(vendor)
    exchanges = RUNS[vendor]()
    assert {description.operation(one.method, one.path) for one in exchanges} == OPERATIONS[vendor]
    assert [problem for one in exchanges for problem in description.problems(one)] == []
    answered = {description.operation(one.method, one.path) for one in exchanges if one.answered}
    assert answered == OPERATIONS[vendor]


# --- what the check sees -----------------------------------------------------------------------------------


def asked(exchange: Exchange, **more: str) -> Exchange:
    return replace(exchange, query={**exchange.query, **{name: [value] for name, value in more.items()}})


def told(exchange: Exchange, **more: object) -> Exchange:
    return replace(exchange, body={**exchange.body, **more})


def answered(exchange: Exchange, change: Callable[[Any], object]) -> Exchange:
    assert exchange.answered is not None
    body = deepcopy(exchange.answered.body)
    change(body)
    return replace(exchange, answered=Answered(exchange.answered.status, body))


WRONG: list[tuple[Vendor, str, Callable[[Exchange], Exchange], str]] = [
    (GITHUB, DEPLOYMENTS, lambda one: replace(one, path="/repos/a/b/rollouts"), "rollouts is not published"),
    (GITHUB, DEPLOYMENTS, lambda one: replace(one, method="PUT"), "is not published"),
    (GITHUB, DEPLOYMENTS, lambda one: asked(one, since="today"), "no parameter `since` is published"),
    (GITHUB, DEPLOYMENTS, lambda one: asked(one, per_page="all"), "per_page: 'all' is not of type 'integer'"),
    (GITHUB, STATUSES, lambda one: replace(one, path=one.path.replace("/1", "/v1")), "deployment_id: 'v1"),
    (GITHUB, DEPLOYMENTS, lambda one: answered(one, lambda body: body[0].pop("sha")), "'sha' is a required property"),
    (GITHUB, DEPLOYMENTS, lambda one: answered(one, lambda body: body[0].update(who="ana")), "'who' was unexpected"),
    (GITHUB, DEPLOYMENTS, lambda one: answered(one, lambda body: body[0].update(created_at="soon")), "'soon'"),
    (GITHUB, STATUSES, lambda one: answered(one, lambda body: body[0].update(state="done")), "'done' is not one of"),
    (GITHUB, RELEASES, lambda one: answered(one, lambda body: body[0]["author"].pop("login")), "'login' is a required"),
    (GITHUB, RELEASES, lambda one: replace(one, answered=Answered(302, [])), "an answer with 302 is not published"),
    (SLACK, POSTS, lambda one: told(one, priority="high"), "'priority' was unexpected"),
    (SLACK, POSTS, lambda one: told(one, mrkdwn="no"), "body.mrkdwn: 'no' is not of type 'boolean'"),
    (SLACK, POSTS, lambda one: replace(one, headers={**one.headers, "content-type": "text/plain"}), "text/plain"),
    (SLACK, POSTS, lambda one: replace(one, headers={"content-type": "application/json"}), "there is no bearer token"),
    (SLACK, POSTS, lambda one: answered(one, lambda body: body.pop("ts")), "'ts' is a required property"),
    (SLACK, POSTS, lambda one: answered(one, lambda body: body.update(channel="x1")), "'x1' does not match"),
    (SLACK, HISTORY, lambda one: asked(one, oldest="yesterday"), "oldest: 'yesterday' is not of type 'number'"),
    (SLACK, HISTORY, lambda one: answered(one, lambda body: body.pop("has_more")), "'has_more' is a required"),
    (SLACK, TOPIC, lambda one: answered(one, lambda body: body["channel"].pop("created")), "answer.channel"),
]  # fmt: skip


@pytest.fixture(scope="module", name="exchanges")
def _exchanges() -> dict[str, Exchange]:
    """One of each operation, with an answer that says something."""
    return {
        needed(vendor).operation(one.method, one.path): one
        for vendor, run in RUNS.items()
        for one in run()
        if one.answered and one.answered.status == 200 and one.answered.body and _ok(one.answered.body)
    }


def _ok(body: Any) -> bool:  # noqa: ANN401 - JSON
    return not isinstance(body, dict) or body["ok"]


@pytest.mark.parametrize(("vendor", "operation", "change", "problem"), WRONG)
def test_a_difference_is_seen(
    exchanges: dict[str, Exchange],
    vendor: Vendor,
    operation: str,
    change: Callable[[Exchange], Exchange],
    problem: str,
) -> None:
    problems = needed(vendor).problems(change(exchanges[operation]))
    assert len(problems) == 1
    assert problem in problems[0]


def test_null_is_allowed_where_it_is_said_and_nowhere_else() -> None:
    assert draft4({"type": "string"}) == {"type": "string"}
    assert draft4({"type": "string", "nullable": True}) == {"anyOf": [{"type": "null"}, {"type": "string"}]}


@vendors
def test_the_vendors_own_examples_are_as_published(vendor: Vendor, exchanges: dict[str, Exchange]) -> None:
    """Else the check would ask for more than they do."""
    description = needed(vendor)
    problems = {
        problem
        for operation in OPERATIONS[vendor]
        for example in description.examples(*operation.split(" "))
        for problem in description.problems(replace(exchanges[operation], answered=example))
    }
    # Two of Slack's are older than its description.
    assert {one.partition(": ")[2][:35] for one in problems} == (
        {"answer.message.attachments[0]: Addi", "answer: 'channel' is a required pro"} if vendor is SLACK else set()
    )


def test_the_lock_names_what_is_installed_and_not_from_where() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert all(one["integrity"].startswith("sha512-") and "resolved" not in one for one in packages.values())
    assert all(any(vendor.file.startswith(f"{name}/") for name in packages) for vendor in RUNS)
