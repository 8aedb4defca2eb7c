"""The one door to httpx: one deadline for the whole call, no more bytes than were asked for, one sentence on failure.

Whatever a server does (says nothing, drips, never ends, sends a bomb, redirects in a circle) ends in `Unanswered`.
A status is no failure here: `send` returns it and the caller judges; `send_for_json` judges as most callers would.
Nothing secret gets into a sentence: of an address the host alone is said, and of a server's words at most a line.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
import zlib
from base64 import b64encode
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import unquote

from incidentctl.clock import SystemClock
from incidentctl.record import record
from incidentctl.text.escape import clean, one_line
from incidentctl.text.redact import REDACTED, redact
from incidentctl.web.addresses import HARMLESS, bare, checked, host_of, parsed, port_of, redirected, same_origin
from incidentctl.web.bodies import parsed_json, read
from incidentctl.web.clients import PUT_ASIDE, client
from incidentctl.web.failures import Nowhere, Unanswered, failure

if TYPE_CHECKING:
    from httpcore import AsyncNetworkStream
    from httpx import URL, AsyncClient

__all__ = ["Nowhere", "Response", "Unanswered", "host_of", "once", "send", "send_for_json", "without_ours"]

T = TypeVar("T")

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_SAFE: Final = ("GET", "HEAD")
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_NOT_NOW: Final = (429, 503)
_LONGEST_WAIT: Final = timedelta(days=1)
# Headers that hold no key.
_TOLD: Final = HARMLESS | {"content-type", "idempotency-key"}
_UNHEARD: Final = "could not be reached within"
# What httpcore says it is doing, and how a timeout is then told.
_DOING: Final = {
    "connection.connect_tcp.started": _UNHEARD,
    "connection.start_tls.started": "did not agree on TLS within",
    "http11.send_request_headers.started": "did not take the request within",
    "http11.receive_response_headers.started": "did not answer within",
    "http11.receive_response_body.started": "did not end its answer within",
}


@record
class Response:
    """What a server answered.  Everything in it is foreign: whoever shows it escapes it.

    `headers` have lower-case names.  `body` is unpacked, and has at most as many bytes as were asked for.  `url` is the
    last one, after redirects, without userinfo; its query may still hold a secret.  `took` is the whole call.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    took: timedelta

    def json(self) -> Any:  # noqa: ANN401 - whatever it is, the caller looks at it piece by piece
        """The body as JSON (RFC 8259).  Raises Unanswered; also for NaN, Infinity, and more than 100 levels."""
        try:
            return parsed_json(self.body)
        except ValueError as error:
            raise Unanswered(f"{host_of(self.url)} answered {_instead(self)} where JSON was expected") from error

    @property
    def retry_after(self) -> timedelta | None:
        """How long the server asks to be left alone (RFC 9110, 10.2.3), at most a day; None where it says nothing."""
        said = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"[0-9]+", said):
            return min(timedelta(seconds=int(said[:9])), _LONGEST_WAIT)
        until, now = _date(said), _date(self.headers.get("date", "")) or SystemClock().now()
        return min(max(until - now, timedelta()), _LONGEST_WAIT) if until else None


async def send(  # noqa: PLR0913 - each is something that a caller must be able to say
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] = _NONE,
    body: bytes | None = None,
    seconds: float = 5.0,
    most: int = 1_000_000,
    redirects: int = 3,
    tries: int = 1,
    whole: bool = True,
) -> Response:
    """Ask once, and return whatever status is answered, within `seconds` in all; loading httpx, once, is not counted.

    `body` is sent as it is; a `content-type` is the caller's.  A body of more than `most` bytes is a failure, or is cut
    there: where `whole` is false, and for every status but 2xx.  GET and HEAD follow `redirects` redirects (none: the
    redirect is returned), never from https to http, and tell another host nothing but what harmless headers say.  With
    `tries`, 429 and 503 are asked again after their Retry-After, if that still fits, for GET, HEAD and what has an
    `Idempotency-Key`.  A user and password in `url` are sent as Basic authentication.  Proxies and certificates are
    those of the environment, as httpx reads them; cookies are not kept.

    Raises Nowhere and Unanswered.
    """
    import httpx

    there = parsed(url)
    trip = _Trip(method.upper(), bare(there), checked(headers, there), body)
    http = await client()
    try:
        async with asyncio.timeout(seconds) as limit:
            return await _followed(http, trip, _Bounds(limit.when() or 0.0, most, redirects, tries, whole=whole))
    except TimeoutError as error:
        raise trip.told(Unanswered(f"{trip.name} {trip.doing} {seconds:g} s")) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, OverflowError, zlib.error) as error:
        raise trip.told(failure(error, trip.name, trip.proxy())) from error
    finally:
        await trip.ended()


async def send_for_json(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] = _NONE,
    payload: object = None,
    **limits: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401 - see Response.json
    """The JSON that is answered with a 2xx; `payload` is sent as JSON, `limits` are those of `send`.

    Raises Unanswered with the reason as most callers would tell it, `status` and `retry_after`, for everything else.
    """
    given = {"accept": "application/json", **checked(headers, parsed(url))}
    body = None
    if payload is not None:
        given.setdefault("content-type", "application/json")
        body = json.dumps(payload, allow_nan=False).encode()
    answer = await send(method, url, headers=given, body=body, **limits)
    if 200 <= answer.status < 300:
        return answer.json()
    said = f"{host_of(answer.url)} {_verdict(answer, url, given)}"
    raise Unanswered(said, retry_after=answer.retry_after, status=answer.status)


def once(asking: Coroutine[Any, Any, T]) -> T:
    """For callers without an event loop: `once(send("GET", url))`.  Nothing of it is left when it returns."""
    return asyncio.run(asking)


# --- one call ----------------------------------------------------------------------------------------------


@record
class _Bounds:
    """`until` is a moment of the loop's own clock."""

    until: float
    most: int
    redirects: int
    tries: int
    whole: bool


@dataclass(slots=True)
class _Trip:
    """A call on its way: where it stands, and what was last heard of it."""

    method: str
    url: URL
    headers: dict[str, str]
    body: bytes | None
    doing: str = _UNHEARD
    peer: str = ""
    half_open: AsyncNetworkStream | None = None
    begun: bool = False
    started: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        """Who is asked, as a person would say it."""
        return host_of(self.url)

    async def heard(self, event: str, info: Mapping[str, Any]) -> None:
        """What httpcore is about to do (its `trace` extension)."""
        self.doing = _DOING.get(event, self.doing)
        self.begun = self.begun or event == "http11.send_request_headers.started"
        match event:
            case "connection.connect_tcp.started":
                self.peer = one_line(f"{info.get('host')}:{info.get('port')}", 100)
            case "connection.connect_tcp.complete":
                self.half_open = info.get("return_value")
            case "connection.start_tls.complete" | "http11.send_request_headers.started":
                self.half_open = None
            case _:
                pass

    def told(self, error: Unanswered) -> Unanswered:
        """`error`, which knows whether anything was asked at all."""
        error.unasked = not self.begun
        return error

    async def ended(self) -> None:
        """Close what httpcore leaves open when the deadline falls in the middle of agreeing on TLS."""
        if self.half_open is not None:
            await self.half_open.aclose()

    def proxy(self) -> str:
        """The proxy that was spoken to; nothing where it was the host itself."""
        own = f"{self.url.raw_host.decode()}:{port_of(self.url)}"
        return self.peer if self.peer != own else ""

    def may_be_repeated(self) -> bool:
        return self.method in _SAFE or "idempotency-key" in self.headers


async def _followed(http: AsyncClient, trip: _Trip, bounds: _Bounds) -> Response:
    """The answer behind all redirects."""
    seen = {trip.url}
    while True:
        answer = await _waited_for(http, trip, bounds)
        there = _redirected(trip, answer) if bounds.redirects else None
        if there is None:
            return answer
        if there in seen:
            raise Unanswered(f"{trip.name} redirects in a circle")
        if len(seen) > bounds.redirects:
            raise Unanswered(f"{trip.name} redirects more than {bounds.redirects} times")
        if not same_origin(trip.url, there):
            trip.headers = {name: value for name, value in trip.headers.items() if name in HARMLESS}
        trip.url, trip.peer, trip.doing = there, "", _UNHEARD
        seen.add(there)


async def _waited_for(http: AsyncClient, trip: _Trip, bounds: _Bounds) -> Response:
    """The answer, asked for again where the server says when, and there is time."""
    left = bounds.tries if trip.may_be_repeated() else 1
    while True:
        answer = await _exchanged(http, trip, bounds)
        left -= 1
        pause = answer.retry_after if answer.status in _NOT_NOW and left > 0 else None
        if pause is None or asyncio.get_running_loop().time() + pause.total_seconds() >= bounds.until:
            return answer
        await asyncio.sleep(pause.total_seconds())


async def _exchanged(http: AsyncClient, trip: _Trip, bounds: _Bounds) -> Response:
    """One request, one answer."""
    request = http.build_request(
        trip.method, trip.url, headers=trip.headers, content=trip.body, extensions={"trace": trip.heard}
    )
    answer = await http.send(request, stream=True)
    try:
        body = await read(answer, trip.name, bounds.most, whole=bounds.whole)
    finally:
        await answer.aclose()
    took = timedelta(seconds=time.monotonic() - trip.started)
    headers = {**answer.headers, **answer.extensions.get(PUT_ASIDE, {})}
    return Response(answer.status_code, headers, body, str(trip.url), took)


def _redirected(trip: _Trip, answer: Response) -> URL | None:
    """Where the answer sends us; None where it does not, or where what we do cannot be sent elsewhere."""
    there = answer.headers.get("location", "")
    if answer.status not in _REDIRECTS or not there or trip.method not in _SAFE:
        return None
    return redirected(trip.url, there)


# --- sentences ---------------------------------------------------------------------------------------------


def _verdict(answer: Response, url: str, headers: Mapping[str, str]) -> str:
    """What a status that is not 2xx means, to be read behind the host's name."""
    match answer.status:
        case 401 | 403:
            had = any(name not in _TOLD for name in headers)
            return f"{'refused our credentials' if had else 'wants credentials'} ({answer.status})"
        case 404 | 410:
            return f"has nothing at that address ({answer.status})"
        case 429:
            after = answer.retry_after
            return "was asked too often (429)" + (f", and wants {after.total_seconds():g} s of rest" if after else "")
        case status if 300 <= status < 400:
            return f"redirects elsewhere ({status}), which was not followed"
        case status if status >= 500:
            return f"failed ({status}){_quoted(answer, url, headers)}"
        case status:
            return f"refused the request ({status}){_quoted(answer, url, headers)}"


def _quoted(answer: Response, url: str, headers: Mapping[str, str]) -> str:
    """A line of what the server says itself, without what it may only know from us."""
    text = clean(answer.body[:4000].decode("utf-8", "replace"))
    if not text.strip() or text.lstrip().startswith("<"):
        return ""
    return f": {one_line(redact(without_ours(text, url, headers)), 100)}"


def without_ours(text: str, url: str, headers: Mapping[str, str]) -> str:
    """What a server said, without the keys that it may only know from what `url` and `headers` told it."""
    given = {name.lower(): value for name, value in headers.items()}
    for secret in _secrets(url, given):
        text = text.replace(secret, REDACTED)
    return text


def _secrets(url: str, headers: Mapping[str, str]) -> list[str]:
    """Every word that was sent and may be a key, the longest first."""
    words = [word for name, value in headers.items() if name not in _TOLD for word in value.split()]
    path, _, query = url.partition("://")[2].partition("?")
    host, *parts = path.split("/")
    words += [word for word in parts if len(word) >= 16]  # the key of a webhook is a part of its path
    userinfo = unquote(host.rpartition("@")[0])
    words += [*re.split("[&=#]", query), *host.rpartition("@")[0].split(":"), b64encode(userinfo.encode()).decode()]
    return sorted({word for one in words for word in (one, unquote(one)) if len(word) >= 6}, key=len, reverse=True)


def _instead(answer: Response) -> str:
    start = answer.body[:100].lstrip()
    if not start:
        return "nothing"
    return "HTML" if start.startswith(b"<") else "something else"


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
