"""GitHub's deployments and releases, as far as they are published, with the moods that people meet.

Deployments: https://docs.github.com/en/rest/deployments/deployments (`environment`, `per_page` up to 100, `page`)
Statuses: https://docs.github.com/en/rest/deployments/statuses (newest first; `state` is one of STATES)
Releases: https://docs.github.com/en/rest/releases/releases (drafts have no `published_at`)
Pages: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api (`link`, `rel="next"`)
Limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api (`x-ratelimit-*`)

What was asked and answered is held to GitHub's own description of its API at the end (tests/published).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tests.published.description import Exchange
from tests.published.vendors import GITHUB, check
from tests.servers.answering import Answered, Asked, answering

REPOSITORY: Final = "example/checkout"
_API: Final = "https://api.github.com"
_REPOSITORY_URL: Final = f"{_API}/repos/{REPOSITORY}"
_WEB: Final = "https://github.com"
STATES: Final = ("error", "failure", "inactive", "pending", "success", "queued", "in_progress")


def stamp(moment: datetime) -> str:
    """GitHub's times are UTC, to the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@dataclass
class GitHub:
    """One repository.  What is set on it holds for the next request."""

    token: str = ""
    url: str = ""
    deployments: list[dict[str, Any]] = field(default_factory=list)
    statuses: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    releases: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    refusal: Answered | None = None

    def deploy(
        self, made: datetime, *states: tuple[datetime, str], ref: str = "v1.42", environment: str = "production"
    ) -> None:
        """A deployment and what became of it, the oldest status first."""
        number = 1000 + len(self.deployments)
        assert all(state in STATES for _, state in states)
        self.statuses[number] = [
            _status(number, place, state)
            | {"created_at": stamp(at), "updated_at": stamp(at), "environment": environment}
            for place, (at, state) in enumerate(states)
        ][::-1]
        self.deployments.insert(0, {
            **_thing("deployments", number), "sha": f"{number:040x}", "ref": ref, "task": "deploy", "payload": {},
            "environment": environment, "original_environment": environment, "description": None,
            "creator": _user("ana"), "created_at": stamp(made),
            "updated_at": stamp(max([made, *(at for at, _ in states)])), "repository_url": _REPOSITORY_URL,
            "statuses_url": f"{_REPOSITORY_URL}/deployments/{number}/statuses",
        })  # fmt: skip

    def release(self, published: datetime | None, tag: str, name: str = "") -> None:
        url = f"{_REPOSITORY_URL}/releases/{len(self.releases)}"
        self.releases.insert(0, {
            **_thing("releases", len(self.releases)), "tag_name": tag, "name": name or None,
            "draft": published is None, "prerelease": False, "author": _user("bo"), "target_commitish": "main",
            "created_at": "2020-01-01T00:00:00Z", "published_at": stamp(published) if published else None,
            "html_url": f"{_WEB}/{REPOSITORY}/releases/{len(self.releases)}", "tarball_url": None, "zipball_url": None,
            "assets": [], "assets_url": f"{url}/assets", "upload_url": f"{url}/assets{{?name,label}}",
        })  # fmt: skip

    def answer(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        refusal = self.refusal
        answered = refusal or self._answer(asked)
        query, ours = {name: [value] for name, value in asked.query.items()}, None if refusal else answered
        self.exchanges.append(Exchange(asked.method, asked.path, query, asked.headers, answered=ours))
        return answered

    def _answer(self, asked: Asked) -> Answered:
        assert asked.headers["accept"] == "application/vnd.github+json"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", asked.headers["x-github-api-version"])
        given = asked.headers.get("authorization", "")
        if given and given != f"Bearer {self.token}":
            return Answered(401, {"message": f"Bad credentials {given}", "status": "401"})
        below = asked.path.removeprefix(f"/repos/{REPOSITORY}/")
        if below == asked.path or (self.token and not given):
            return Answered(404, {"message": "Not Found", "status": "404"})  # as private ones answer to strangers
        if status := re.fullmatch(r"deployments/(\d+)/statuses", below):
            return self._page(asked, self.statuses[int(status[1])])
        environment = asked.query.get("environment")
        if below == "deployments":
            return self._page(asked, [one for one in self.deployments if environment in (None, one["environment"])])
        assert below == "releases"
        return self._page(asked, self.releases)

    def _page(self, asked: Asked, items: Sequence[dict[str, Any]]) -> Answered:
        size, page = int(asked.query.get("per_page", "30")), int(asked.query.get("page", "1"))
        assert 1 <= size <= 100
        more = len(items) > page * size
        headers = {"link": f'<{self.url}/elsewhere?page={page + 1}>; rel="next"'} if more else {}
        return Answered(200, items[(page - 1) * size : page * size], headers)


def _thing(kind: str, number: int) -> dict[str, Any]:
    """What all that has an address has."""
    return {"id": number, "node_id": f"{kind}-{number}", "url": f"{_REPOSITORY_URL}/{kind}/{number}"}


def _status(deployment: int, place: int, state: str) -> dict[str, Any]:
    return {
        **_thing(f"deployments/{deployment}/statuses", place), "state": state, "description": "",
        "creator": _user("ana"), "deployment_url": f"{_REPOSITORY_URL}/deployments/{deployment}",
        "target_url": "https://ci.example.com/7", "repository_url": _REPOSITORY_URL,
    }  # fmt: skip


def _user(login: str) -> dict[str, Any]:
    """Templates like `{/gist_id}` stand in some of the addresses, as they do at GitHub."""
    url = f"{_API}/users/{login}"
    lists = ("followers", "subscriptions", "organizations:orgs", "repos", "received_events")
    templates = {
        "following": "{/other_user}",
        "gists": "{/gist_id}",
        "starred": "{/owner}{/repo}",
        "events": "{/privacy}",
    }
    return {
        "login": login, "id": 7, "node_id": f"user-{login}", "avatar_url": f"{_WEB}/{login}.png", "gravatar_id": "",
        "url": url, "html_url": f"{_WEB}/{login}", "type": "User", "site_admin": False,
        **{f"{one.partition(':')[0]}_url": f"{url}/{one.partition(':')[2] or one}" for one in lists},
        **{f"{one}_url": f"{url}/{one}{template}" for one, template in templates.items()},
    }  # fmt: skip


@contextmanager
def github(token: str = "") -> Iterator[GitHub]:
    """A server with one repository; a token makes it a private one."""
    hub = GitHub(token)
    with answering(hub.answer) as hub.url:
        yield hub
    check(GITHUB, hub.exchanges)
