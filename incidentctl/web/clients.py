"""One client for each event loop, and threads for its look-ups that nobody waits for."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncGenerator
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from incidentctl.threads import DaemonThreads
from incidentctl.web.failures import Unanswered

if TYPE_CHECKING:
    from httpx import AsyncClient
    from httpx import Response as Answer

PUT_ASIDE: Final = "incidentctl.location"
"""Which of an answer's `extensions` holds its `location` header, if it had one."""

_clients: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[AsyncClient, AsyncGenerator[AsyncClient]]]] = (
    WeakKeyDictionary()
)


async def client() -> AsyncClient:
    """The client of the loop that runs: making one for each call would cost more than the call.

    The generator that holds it is the loop's: `asyncio.run`, and whoever else ends a loop with `shutdown_asyncgens`,
    closes the client and its connections.
    """
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        loop.set_default_executor(DaemonThreads())
        keeper = _kept()
        _clients[loop] = await anext(keeper), keeper
    return _clients[loop][0]


async def _kept() -> AsyncGenerator[AsyncClient]:
    made = _made()
    try:
        yield made
    finally:
        _clients.pop(asyncio.get_running_loop(), None)
        await made.aclose()


def _made() -> AsyncClient:
    import httpx

    if find_spec("sniffio") is None:  # httpcore looks for it several times in each call, and on all of sys.path
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    try:
        return httpx.AsyncClient(
            verify=_certificates(),
            headers={"user-agent": _user_agent(), "accept-encoding": "gzip"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=None,  # noqa: S113 - the deadline is of the whole call
            event_hooks={"response": [_put_aside]},
            # None is kept: calls are seconds apart, a kept one may be closed under us, and the pool's work grows with
            # the square of their number (50 calls of 200 ms at once: 0.28 s so, 0.45 s with twenty).
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )
    except (ValueError, ImportError, OSError, httpx.InvalidURL) as error:
        message = "the proxy or the certificates that the environment names cannot be used"
        raise Unanswered(message, "Look at HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and SSL_CERT_FILE.") from error


async def _put_aside(answer: Answer) -> None:
    """Keep the location from httpx: it would look where it leads even if told not to go, and trip over junk."""
    location = answer.headers.pop("location", None)
    if location is not None:
        answer.extensions[PUT_ASIDE] = {"location": location}


@cache
def _certificates() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


@cache
def _user_agent() -> str:
    try:
        return f"incidentctl/{version('incidentctl')}"
    except PackageNotFoundError:  # run from its sources
        return "incidentctl"
