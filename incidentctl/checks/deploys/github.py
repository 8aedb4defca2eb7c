"""Deploys from GitHub: deployments that came to something, and releases.

Keys: `github.repository` (`owner/name`), `github.environment` (else all), `github.url` (the API, for an Enterprise
server `https://HOST/api/v3`).  The token is `GITHUB_TOKEN` of the environment; public repositories need none.

https://docs.github.com/en/rest/deployments/deployments, .../deployments/statuses, .../releases/releases,
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from incidentctl.checks.deploys.deploy import Deploy, Seen, moment, short
from incidentctl.checks.foreign import below
from incidentctl.checks.interface import Inquiry, Unknown
from incidentctl.http import Response, send
from incidentctl.text.foreign import mapping, mappings, text
from incidentctl.text.times import clock_time, span

TOKEN: Final = "GITHUB_TOKEN"  # noqa: S105 - the name of the variable
_API: Final = "https://api.github.com"
_VERSION: Final = "2022-11-28"
_REPOSITORY: Final = re.compile(r"(?!\.+/)[\w.-]+/(?!\.+$)[\w.-]+", re.ASCII)
_MOST: Final = 8_000_000
_PAGES: Final = 5
_ASKED_FOR_STATUS: Final = 30  # without a token, GitHub answers 60 questions an hour
# A deployment becomes inactive when a later one to its environment succeeds: it was live until then.
_LIVE: Final = ("success", "in_progress", "inactive")
Object = Mapping[str, object]


async def deploys(inquiry: Inquiry) -> Seen:
    """The deployments and releases since a little before the window.  Raises Unknown and Unanswered."""
    repository = inquiry.required("github.repository")
    if not _REPOSITORY.fullmatch(repository):
        raise Unknown("`github.repository` is not of the form `owner/name`")
    api = Api(inquiry, repository)
    edge = inquiry.now - (inquiry.within or timedelta(hours=6))
    deployments, releases = await asyncio.gather(
        _deployments(api, inquiry.text("github.environment"), inquiry.now, edge), _releases(api, edge)
    )
    if not (deployments.deploys or deployments.doubt or releases):
        return Seen((), f"GitHub knows of no deployment and no release of {repository} at all")
    return Seen((*deployments.deploys, *releases), deployments.doubt)


# --- deployments -------------------------------------------------------------------------------------------


async def _deployments(api: Api, environment: str, now: datetime, edge: datetime) -> Seen:
    """Those that went live, with how the latest status of each reads; a doubt where one did not come to its end."""
    found = await api.pages("deployments", {"environment": environment} if environment else {}, "created_at", edge)
    recent = [one for one in found if (_touched(one) or edge) >= edge][:_ASKED_FOR_STATUS]
    if not recent:
        return Seen(tuple(one for one in map(_earlier, found[:1]) if one))
    statuses = await asyncio.gather(*(api.latest_status(one) for one in recent))
    live, doubt = [], ""
    for one, status in zip(recent, statuses, strict=True):
        state, made = text(status.get("state")) or "pending", moment(one.get("created_at"))
        if state in _LIVE:
            live.append(_deploy(one, state, status))
        elif made and made >= edge:
            doubt = doubt or f"a deployment of {_what(one)}, made {span(now - made)} ago, is {_plain(state)}"
    return Seen(tuple(one for one in live if one), doubt)


def _touched(deployment: Object) -> datetime | None:
    """A deployment that waited for approval was made long before it went live."""
    times = [moment(deployment.get(key)) for key in ("created_at", "updated_at")]
    return max((one for one in times if one), default=None)


def _earlier(deployment: Object) -> Deploy | None:
    return _deploy(deployment, "", {})


def _deploy(deployment: Object, state: str, status: Object) -> Deploy | None:
    """It counts from when it was live; one that is inactive by now, from when it was made."""
    at = moment((deployment if state == "inactive" else status).get("created_at")) or moment(
        deployment.get("created_at")
    )
    if at is None:
        return None
    what = f"{_what(deployment)}, in progress" if state == "in_progress" else _what(deployment)
    return Deploy(at, what, text(mapping(deployment.get("creator")).get("login")), short(text(deployment.get("sha"))))


def _what(deployment: Object) -> str:
    """`v1.42 to production`"""
    return f"{short(text(deployment.get('ref')))} to {text(deployment.get('environment'))}"


def _plain(state: str) -> str:
    return state.replace("_", " ")


# --- releases ----------------------------------------------------------------------------------------------


async def _releases(api: Api, edge: datetime) -> tuple[Deploy, ...]:
    """Those that were published; a draft was not."""
    found = await api.pages("releases", {}, "published_at", edge)
    return tuple(release for one in found if not one.get("draft") and (release := _release(one)))


def _release(release: Object) -> Deploy | None:
    at = moment(release.get("published_at"))
    if at is None:
        return None
    tag, name = text(release.get("tag_name")), text(release.get("name"))
    what = f"release {tag}: {name}" if name and name != tag else f"release {tag}"
    return Deploy(at, what, text(mapping(release.get("author")).get("login")), tag)


# --- asking ------------------------------------------------------------------------------------------------


class Api:
    """GitHub's REST API, about one repository."""

    def __init__(self, inquiry: Inquiry, repository: str) -> None:
        """With the token of the inquiry's environment, where there is one."""
        self._base = inquiry.text("github.url", _API)
        self._repository = repository
        self._token = inquiry.environ.get(TOKEN, "")
        self._seconds = inquiry.seconds
        self._now = inquiry.now

    async def pages(self, name: str, query: Mapping[str, str], key: str, edge: datetime) -> list[Object]:
        """The newest of a list, as far back as the first page that reaches beyond `edge`."""
        found: list[Object] = []
        for page in range(1, _PAGES + 1):
            answer = await self._get(name, {**query, "per_page": "100", "page": str(page)})
            items = answer.json()
            if not isinstance(items, list):
                raise Unknown("it answers, but not as GitHub does")
            found += mappings(items)
            oldest = moment(found[-1].get(key)) if found else None
            # The pages are counted, not followed: an address in an answer would be told our token.
            if oldest is None or oldest < edge or 'rel="next"' not in answer.headers.get("link", ""):
                break
        return found

    async def latest_status(self, deployment: Object) -> Object:
        """The latest status of a deployment; empty where it has none."""
        number = deployment.get("id")
        answer = await self._get(f"deployments/{number if isinstance(number, int) else 0}/statuses", {"per_page": "1"})
        return next(iter(mappings(answer.json())), {})

    async def _get(self, path: str, query: Mapping[str, str]) -> Response:
        headers = {"accept": "application/vnd.github+json", "x-github-api-version": _VERSION}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        url = below(self._base, f"/repos/{self._repository}/{path}", list(query.items()))
        answer = await send("GET", url, headers=headers, seconds=self._seconds, most=_MOST)
        if answer.status != 200:
            raise Unknown(self._refusal(answer))
        return answer

    def _refusal(self, answer: Response) -> str:
        """What a status other than 200 means."""
        match answer.status:
            case 401:
                return f"GitHub does not accept {TOKEN} (401)"
            case 403 | 429 if answer.headers.get("x-ratelimit-remaining") == "0":
                return f"GitHub's rate limit is used up{self._until(answer)}{self._hint()}"
            case 403 | 429 if answer.retry_after:
                return f"GitHub wants {span(answer.retry_after)} of rest ({answer.status})"
            case 403:
                return f"GitHub refuses to tell (403){self._hint()}"
            case 404:
                return f"GitHub has no repository {self._repository} that we may see (404){self._hint()}"
            case status:
                return f"GitHub answered with {status}"

    def _until(self, answer: Response) -> str:
        """`x-ratelimit-reset` is in seconds since 1970."""
        said = answer.headers.get("x-ratelimit-reset", "")
        if not re.fullmatch(r"\d{1,11}", said, re.ASCII):
            return ""
        return f" until {clock_time(datetime.fromtimestamp(int(said), UTC), UTC, seen_from=self._now)}"

    def _hint(self) -> str:
        return "" if self._token else f"; {TOKEN} is not set"
