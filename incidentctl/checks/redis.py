"""Is there a cache stampede (P-TREE-4)?  Yes where a Redis or Valkey misses or evicts more than the runbook allows.

INFO counts since the server's start, and weeks of good hits would hide a bad minute.  So it is read twice, a second
apart, and only what came between counts.  Nothing but INFO is ever sent.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from incidentctl.checks.interface import Found, Inquiry, Unknown
from incidentctl.checks.redis_traffic import Limits, Traffic, judged
from incidentctl.text.escape import one_line
from incidentctl.text.redact import REDACTED, redact

if TYPE_CHECKING:
    from redis.asyncio import Redis

Look = Callable[[float], Awaitable[Mapping[str, Any]]]
_BETWEEN: Final = 1.0
UNREADABLE: Final = (
    "the url cannot be read",
    "Write redis://USER:PASSWORD@HOST:PORT, or rediss:// for TLS; in the password @ is %40, / is %2F, % is %25.",
)


async def ask(inquiry: Inquiry) -> Found:
    """Look at `url` twice.  Raises Unknown.

    `hit_ratio_below` is a share of the reads (`80%`), `evictions_above` a number of keys a minute (`100`, `5/s`).
    """
    limits = Limits.of(inquiry)
    url = inquiry.required("url")
    client = _client(url)
    try:
        first = await _look(client, url, inquiry.seconds / 2)
        since = asyncio.get_running_loop().time()
        await asyncio.sleep(min(_BETWEEN, inquiry.seconds / 5))
        second = await _look(client, url, inquiry.seconds / 5)
        seconds = asyncio.get_running_loop().time() - since
    finally:
        await client.aclose()
    if second.get("redis_mode") == "sentinel":
        raise Unknown("that is a Sentinel, and not the cache itself", "Give the url of the cache.")
    traffic = Traffic(first, second, seconds)
    if traffic.began_anew:
        raise Unknown("its counters began anew while they were watched: it was restarted, or they were reset")
    return judged(traffic, limits, inquiry.unit)


def _client(url: str) -> Redis:
    """A client that tries once, and speaks what servers of ten years understand.  Raises Unknown."""
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError as error:
        raise Unknown("redis is not installed", "pip install 'incidentctl[redis]'") from error
    place(url)
    # Valkey's own schemes mean the same: <https://valkey.io>.
    spoken = re.sub(r"^valkey(s?)://", r"redis\1://", url)
    try:
        return Redis.from_url(spoken, protocol=2, retry=Retry(NoBackoff(), 0), single_connection_client=False)
    except (ValueError, TypeError, AttributeError):
        # From None: the message quotes what it could not read, and that may be half of a password.
        raise Unknown(*UNREADABLE) from None


async def _look(client: Redis, url: str, seconds: float) -> Mapping[str, Any]:
    """The server's INFO.  Raises Unknown where it is not had within `seconds`."""
    from redis.exceptions import RedisError

    try:
        async with asyncio.timeout(seconds):
            info: Mapping[str, Any] = await client.execute_command("INFO", "all")  # type: ignore[no-untyped-call]
    except TimeoutError as error:
        # A server that speaks no TLS waits for the end of what it takes for a command.
        hint = "Does it speak TLS, or should it be redis://?" if url.startswith(("rediss:", "valkeys:")) else ""
        raise Unknown(f"{place(url)} did not answer within {seconds:g} s", hint) from error
    except (RedisError, OSError, ValueError, TypeError) as error:
        raise Unknown(*_words(error, url)) from None
    return info


def place(url: str) -> str:
    """Where `url` leads, without its secrets.  Raises Unknown where it cannot be read.

    A password with a bare `@`, `/`, `?` or `#` in it is read as host, port or path, and would be shown as such.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 6379
    except ValueError:
        raise Unknown(*UNREADABLE) from None
    if "@" in parts.path + parts.query + parts.fragment or not re.fullmatch(r"[\w.:-]*", parts.hostname or ""):
        raise Unknown(*UNREADABLE)
    return unquote(parts.path) if parts.scheme == "unix" else f"{parts.hostname or 'localhost'}:{port}"


def _secrets(parts: SplitResult) -> Iterator[str]:
    yield from parse_qs(parts.query).get("password", ())
    if parts.password:
        yield from (parts.password, unquote(parts.password))


# --- what goes wrong, in words -----------------------------------------------------------------------------

# The first that is found counts.  Redis sends a word in capitals and a sentence; redis-py drops some of the words.
_SAID: Final[tuple[tuple[str, str, str], ...]] = (
    ("without any password configured", "{place} asks for no password, and the url has one", ""),
    ("WRONGPASS|invalid username-password|invalid password", "{place} does not accept the password", ""),
    ("NOAUTH|authentication required", "{place} asks for a password, and the url has none", ""),
    ("NOPERM|no permissions", "this user may not read INFO at {place}", "ACL SETUSER … +info"),
    ("LOADING|loading the dataset", "{place} is starting: it still loads its data", ""),
    ("MASTERDOWN", "{place} is a replica that has lost its primary", ""),
    ("CLUSTERDOWN|MOVED|ASK ", "{place} is a node of a cluster that sends us elsewhere", "Give the url of one node."),
    ("max number of clients", "{place} takes no more connections", "That may be the cause itself: who holds them?"),
    ("protected mode", "{place} lets in its own machine only (protected mode)", ""),
    ("unknown command", "{place} does not know INFO", "It may be renamed there, or stand behind a proxy."),
    ("DB index|invalid DB|SELECT is not allowed", "there is no such database number at {place}", ""),
    ("protocol error|wrong version number|invalid response", "what answers at {place} speaks something else",
     "Is the port right, and should it be redis:// or rediss://?"),
    (f"Error {errno.ECONNREFUSED} |connection refused", "{place} refuses connections",
     "Is the server running, and are host and port right?"),
    ("closed by|connection lost|reset by peer|broken pipe|connection reset", "{place} closed the connection",
     "Does it want TLS (rediss://)?"),
)  # fmt: skip


def _words(error: Exception, url: str) -> tuple[str, str]:
    """What happened, and what to do next, without a secret."""
    where = place(url)
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror | UnicodeError):
            return (
                f"the name {where.rpartition(':')[0]} cannot be resolved",
                "Is the host right, and does DNS work here?",
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"TLS with {where} failed: its certificate is not trusted here", "?ssl_ca_certs=FILE in the url."
        if isinstance(cause, FileNotFoundError):
            return f"{where} refuses connections", "Is the server running, and is the path right?"
    text = str(error)
    for pattern, message, hint in _SAID:
        if re.search(pattern, text, re.IGNORECASE):
            return message.format(place=where), hint
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return f"TLS with {where} failed", "Does it speak TLS, or should it be redis://?"
        if isinstance(cause, OSError):
            return f"{where} cannot be connected to: {cause.strerror or 'no reason given'}", ""
    if isinstance(error, ValueError | TypeError):
        return UNREADABLE
    for secret in _secrets(urlsplit(url)):
        text = text.replace(secret, REDACTED)
    return f"{where}: {one_line(redact(text), 160)}", ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
