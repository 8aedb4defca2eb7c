"""GitHub's deployments and releases, as far as they are published, with the moods that people meet.

Deployments: https://docs.github.com/en/rest/deployments/deployments (`environment`, `per_page` up to 100, `page`)
Statuses: https://docs.github.com/en/rest/deployments/statuses (newest first; `state` is one of STATES)
Releases: https://docs.github.com/en/rest/releases/releases (drafts have no `published_at`)
Pages: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api (`link`, `rel="next"`)
Limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api (`x-ratelimit-*`)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tests.servers.answering import Answered, Asked, answering

REPOSITORY: Final = "example/checkout"
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
    refusal: Answered | None = None

    def deploy(
        self, made: datetime, *states: tuple[datetime, str], ref: str = "v1.42", environment: str = "production"
    ) -> None:
        """A deployment and what became of it, the oldest status first."""
        number = 1000 + len(self.deployments)
        assert all(state in STATES for _, state in states)
        self.statuses[number] = [
            {"id": place, "state": state, "created_at": stamp(at), "environment": environment}
            for place, (at, state) in enumerate(states)
        ][::-1]
        self.deployments.insert(0, {
            "id": number, "sha": f"{number:040x}", "ref": ref, "task": "deploy", "environment": environment,
            "description": None, "creator": {"login": "ana"}, "created_at": stamp(made),
            "updated_at": stamp(max([made, *(at for at, _ in states)])),
        })  # fmt: skip

    def release(self, published: datetime | None, tag: str, name: str = "") -> None:
        self.releases.insert(0, {
            "id": len(self.releases), "tag_name": tag, "name": name or None, "draft": published is None,
            "prerelease": False, "author": {"login": "bo"}, "created_at": "2020-01-01T00:00:00Z",
            "published_at": stamp(published) if published else None,
        })  # fmt: skip

    def answer(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        if self.refusal is not None:
            return self.refusal
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


@contextmanager
def github(token: str = "") -> Iterator[GitHub]:
    """A server with one repository; a token makes it a private one."""
    hub = GitHub(token)
    with answering(hub.answer) as hub.url:
        yield hub
