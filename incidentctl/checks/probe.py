"""The `http` check: does a probe fail?  As a signal (`down: {http: {url: …}}`) it holds while the probe fails.

Keys: `url`, `headers`, `expect_status` (`200`, `2xx`, or several; else every 2xx and 3xx, after redirects).

It is asked from the laptop of whoever is on call, and answers for the server alone:

yes      Another status than expected.  The connection is refused, or broken off.  No answer in time, though the name
         resolves.  TLS fails: whatever ails the certificate, customers' browsers refuse it as well.
no       The status is one that is expected.
unknown  What ails may be ours: the name does not resolve (the VPN is down, our name server does not answer), there is
         no network or no route, our proxy fails, a portal asks us to sign in (511, RFC 6585).  The server answers, and
         only we are turned away: 401, 403, 407 and 429, unless they are expected.  Redirects lead in a circle, to plain
         http or too far: without a browser's cookies that proves nothing.

How long it took is told in whole seconds: a new number each time would be news each time.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl
from http import HTTPStatus
from typing import Final

from incidentctl.checks.foreign import discreet, host, patience, split
from incidentctl.checks.interface import Found, Inquiry, Unknown
from incidentctl.errors import causes
from incidentctl.http import Nowhere, Response, Unanswered, send
from incidentctl.incident.words import Answer, Row

_GOOD: Final = ("2xx", "3xx")
_ABOUT_US: Final = {
    401: "wants credentials that were not given",
    403: "refuses us",
    407: "is behind a proxy that wants credentials",
    429: "was asked too often",
    511: "is behind a portal that wants us to sign in",
}
_NO_NETWORK: Final = frozenset({
    errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL,
    errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOBUFS,
})  # fmt: skip


@discreet
async def ask(inquiry: Inquiry) -> Found:
    """Ask the address once, for no more of its body than the first byte."""
    url, expected = inquiry.required("url"), _expected(inquiry)
    # Who expects a redirect wants to see it, and not where it leads.
    follows = 0 if expected != _GOOD and any(word.startswith("3") for word in expected) else 5
    try:
        answer = await send(
            "GET",
            url,
            headers=inquiry.below("headers"),
            seconds=patience(inquiry),
            most=0,
            whole=False,
            redirects=follows,
        )
    except Unanswered as error:
        await _raise_if_ours(error, inquiry)
        return Found(Answer.YES, error.message)
    return _judged(answer, expected)


def _expected(inquiry: Inquiry) -> tuple[str, ...]:
    """The statuses that are good, `200` or `2xx`."""
    words = tuple(inquiry.text("expect_status").lower().replace(",", " ").split())
    odd = next((word for word in words if not re.fullmatch(r"[1-5](\d\d|xx)", word)), "")
    if odd:
        message = f"`expect_status` takes statuses such as `200` or `2xx`, and not `{odd}`"
        raise Unknown(message)
    return words or _GOOD


def _judged(answer: Response, expected: tuple[str, ...]) -> Found:
    """What the status means."""
    good = f"{answer.status // 100}xx" in expected or str(answer.status) in expected
    if answer.status in _ABOUT_US and not good:
        message = f"{host(answer.url)} {_ABOUT_US[answer.status]} ({answer.status})"
        raise Unanswered(message, retry_after=answer.retry_after, status=answer.status)
    wanted = "" if good or expected == _GOOD else f", where {' or '.join(expected)} was expected"
    said = f"{host(answer.url)} answered {_named(answer.status)}{wanted}"
    seconds = round(answer.took.total_seconds())
    took = f"{seconds} s" if seconds else "less than 1 s"
    return Found(Answer.NO if good else Answer.YES, said, (Row(f"status {answer.status}, took {took}"),))


def _named(status: int) -> str:
    """`503 Service Unavailable`."""
    return f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)


# --- whose fault it is -------------------------------------------------------------------------------------


async def _raise_if_ours(error: Unanswered, inquiry: Inquiry) -> None:
    """Raise what keeps us from knowing, where the server cannot be blamed for it."""
    behind = list(causes(error.__cause__))
    refused = isinstance(error, Nowhere) and any(isinstance(cause, ConnectionRefusedError) for cause in behind)
    # It is the door itself that says no: to an address that is none, a header, a circle of redirects.
    own = isinstance(error.__cause__, Unanswered | None)
    if own or error.message.startswith("the proxy ") or (any(map(_is_ours, behind)) and not refused):
        raise error
    if isinstance(error.__cause__, TimeoutError) and not await _resolves(inquiry):
        message = f"cannot resolve {host(inquiry.text('url'))} from here"
        raise Unknown(message) from error


def _is_ours(cause: BaseException) -> bool:
    if isinstance(cause, socket.gaierror | UnicodeError):
        return True
    # The numbers of OpenSSL are not those of the system.
    return isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.errno in _NO_NETWORK


async def _resolves(inquiry: Inquiry) -> bool:
    """Whether the name is known, asked in what is left of the time: a silent name server ends in a timeout as well."""
    name = split(inquiry.text("url")).hostname
    try:
        async with asyncio.timeout((inquiry.seconds - patience(inquiry)) * 0.5):
            await asyncio.get_running_loop().getaddrinfo(name, None)
    except (OSError, UnicodeError, TimeoutError):
        return False
    return True
