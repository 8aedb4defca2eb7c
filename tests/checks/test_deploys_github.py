"""Deploys at GitHub, from a server that answers as GitHub publishes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from incidentctl.checks.interface import Found
from incidentctl.incident.words import Answer
from tests.checks.asked import written
from tests.checks.deploying import NOW, ago, look
from tests.servers.answering import Answered
from tests.servers.github import REPOSITORY, GitHub, github
from tests.servers.odd_http import odd_server

TOKEN = "planted-github-token"  # noqa: S105 - it opens nothing
WRONG = "wrong-github-token"


@pytest.fixture(name="hub")
def _hub() -> Iterator[GitHub]:
    with github() as hub:
        hub.deploy(ago(days=2), (ago(days=2), "success"), ref="v1.41")
        yield hub


def ask(hub: GitHub, environment: str = "", token: str = "", repository: str = REPOSITORY) -> Found:
    keys = {"github.repository": repository, "github.url": hub.url, "github.environment": environment}
    return look(keys, environ={"GITHUB_TOKEN": token})


def test_the_answer_turns_with_the_deployments(hub: GitHub) -> None:
    found = ask(hub)
    assert found.answer is Answer.NO
    assert found.said == "none since 15:12 UTC on 21 November, 2 days ago: v1.41 to production by ana"
    hub.deploy(ago(minutes=71), (ago(minutes=70), "success"))
    found = ask(hub)
    assert found.answer is Answer.YES
    assert found.said == "1 deploy in the last 6 h: 14:02 UTC, 1 h 10 min ago, v1.42 to production by ana"
    assert found.rows[0].text.endswith("(github 00000000000000000000000000000000000003e9"[:18] + ")")
    hub.refusal = Answered(502, {"message": "Server Error"})
    found = ask(hub)
    assert (found.answer, found.said) == (Answer.UNKNOWN, "github: GitHub answered with 502")


def test_only_the_environment_that_was_named_counts(hub: GitHub) -> None:
    hub.deploy(ago(hours=1), (ago(hours=1), "success"), environment="staging")
    assert ask(hub, "production").answer is Answer.NO
    assert ask(hub, "staging").answer is Answer.YES
    assert ask(hub).answer is Answer.YES


def test_one_that_a_later_one_took_over_from_was_a_deploy(hub: GitHub) -> None:
    hub.deploy(ago(hours=3), (ago(hours=3), "success"), (ago(hours=2), "inactive"), ref="v1.42")
    hub.deploy(ago(hours=2), (ago(hours=2), "in_progress"), ref="v1.43")
    found = ask(hub)
    assert found.said.startswith(
        "2 deploys in the last 6 h, the latest: 13:12 UTC, 2 h ago, v1.43 to production, in pr"
    )
    assert "12:12 UTC, 3 h ago, v1.42 to production by ana" in found.rows[1].text


def test_one_that_waited_for_approval_counts_from_when_it_was_live(hub: GitHub) -> None:
    hub.deploy(ago(hours=20), (ago(hours=1), "success"))
    assert "14:12 UTC, 1 h ago" in ask(hub).said


def test_one_that_was_live_before_the_window_and_replaced_in_it_is_not_in_it(hub: GitHub) -> None:
    hub.deploy(ago(hours=20), (ago(hours=20), "success"), (ago(hours=1), "inactive"))
    assert ask(hub).answer is Answer.NO


@pytest.mark.parametrize("states", [("failure",), ("in_progress", "error"), ("queued",), ()])
def test_one_that_came_to_nothing_is_no_deploy_and_leaves_no_no(hub: GitHub, states: tuple[str, ...]) -> None:
    hub.deploy(ago(minutes=20), *((ago(minutes=20), state) for state in states))
    found = ask(hub)
    assert found.answer is Answer.UNKNOWN
    last = states[-1] if states else "pending"
    assert found.said == f"github: a deployment of v1.42 to production, made 20 min ago, is {last}"


def test_a_release_is_a_deploy_and_a_draft_is_none(hub: GitHub) -> None:
    hub.release(None, "v2.0")
    assert ask(hub).answer is Answer.NO
    hub.release(ago(hours=1), "v1.42", "Round up")
    found = ask(hub)
    assert found.said == "1 deploy in the last 6 h: 14:12 UTC, 1 h ago, release v1.42: Round up by bo"
    assert found.rows[0].key == "v1.42"


def test_a_repository_that_uses_neither_says_nothing(hub: GitHub) -> None:
    hub.deployments.clear()
    found = ask(hub)
    assert found.answer is Answer.UNKNOWN
    assert found.said == f"github: GitHub knows of no deployment and no release of {REPOSITORY} at all"


def test_pages_are_read_back_to_the_window_and_no_further(hub: GitHub) -> None:
    for minutes in range(1000, 0, -1):
        hub.deploy(ago(minutes=minutes), (ago(minutes=minutes), "success"), environment="staging")
    hub.deploy(NOW - timedelta(seconds=1), (NOW, "success"))
    assert ask(hub).answer is Answer.YES
    pages = [one.query["page"] for one in hub.asked if one.path.endswith("/deployments")]
    assert pages == ["1", "2", "3", "4"]


def test_a_private_repository_is_read_with_the_token(hub: GitHub) -> None:
    hub.token = TOKEN
    stranger = ask(hub)
    assert stranger.answer is Answer.UNKNOWN
    assert stranger.said.endswith("that we may see (404); GITHUB_TOKEN is not set")
    assert ask(hub, token=TOKEN).answer is Answer.NO
    wrong = ask(hub, token=WRONG)
    assert wrong.said == "github: GitHub does not accept GITHUB_TOKEN (401)"


def test_the_rate_limit_says_when_it_ends(hub: GitHub) -> None:
    reset = str(int((NOW + timedelta(minutes=18)).timestamp()))
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    for status in (403, 429):
        hub.refusal = Answered(status, {"message": "API rate limit exceeded"}, headers)
        found = ask(hub, token=TOKEN)
        assert (found.answer, found.said) == (Answer.UNKNOWN, "github: GitHub's rate limit is used up until 15:30 UTC")
    hub.refusal = Answered(403, {"message": "secondary rate limit"}, {"retry-after": "60"})
    assert "GitHub wants 1 min of rest (403)" in ask(hub).said
    hub.refusal = Answered(429, {}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"})
    assert ask(hub).said == "github: GitHub's rate limit is used up; GITHUB_TOKEN is not set"


def test_a_token_that_is_said_back_is_not_shown(hub: GitHub) -> None:
    hub.token = TOKEN
    hub.deploy(ago(hours=1), (ago(hours=1), "success"), ref=f"v1-{TOKEN}", environment=TOKEN)
    hub.release(ago(hours=1), TOKEN, f"with {TOKEN}")
    found = ask(hub, token=TOKEN)
    assert found.answer is Answer.YES
    assert TOKEN not in written(found)
    assert TOKEN not in "".join(row.key for row in found.rows)


@pytest.mark.parametrize("body", [{}, "no", None, 7, [None, 7, "x", [], {}], [{"created_at": 7, "id": "x"}]])
def test_answers_of_another_shape_are_never_a_no(hub: GitHub, body: object) -> None:
    hub.refusal = Answered(200, body)
    assert ask(hub).answer is Answer.UNKNOWN


@pytest.mark.parametrize("way", ["html", "empty", "deep", "hangs-up", "breaks-off", "bomb", "circle", "waits", "drips"])
def test_a_server_that_misbehaves_is_unknown_within_the_deadline(way: str) -> None:
    with odd_server() as server:
        keys = {"github.repository": REPOSITORY, "github.url": server.url(f"/to?url=/{way}")}
        found = look(keys, seconds=1.0, environ={"GITHUB_TOKEN": TOKEN})
    assert found.answer is Answer.UNKNOWN
    assert found.said.startswith("github: ")
    assert TOKEN not in written(found)


@pytest.mark.parametrize("name", ["checkout", "a/b/c", "../x", "a/b?c", "a b/c"])
def test_a_repository_that_has_no_such_name_is_not_asked_for(hub: GitHub, name: str) -> None:
    assert "is not of the form `owner/name`" in ask(hub, repository=name).said
    assert hub.asked == []
