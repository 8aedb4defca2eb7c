"""The one door to psycopg: a connection that only reads, leaves nothing behind, and shows no secret when it fails.

What it reads, it reads in a transaction of its own, `READ ONLY` and with a `statement_timeout` for that transaction
alone: behind a pooler such as PgBouncer a session's settings would stay with the application's connections.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, LiteralString, NoReturn, TypeVar

from incidentctl.errors import UserError
from incidentctl.postgres.sentences import UNREADABLE, Place, after, before

if TYPE_CHECKING:
    from psycopg import AsyncConnection, Error

T = TypeVar("T")
_GRACE: Final = 0.5
"""Seconds within which what was hung up upon notices it."""
_OURS: Final = {"application_name": "incidentctl", "client_encoding": "utf8"}
# Kerberos is asked for only where the dsn or the environment wants it: libpq looks for it without regard to deadlines.
_UNLESS_GIVEN: Final = {"gssencmode": "disable"}
_NOT_ALLOWED: Final = "42501"  # insufficient_privilege, PostgreSQL's appendix A


class Unreached(UserError):
    """The server cannot be reached, or did not do what it was asked; no secret stands in it."""


class Denied(Unreached):
    """The role may not do this."""


class Connection:
    """An open connection.  `place` names the server; `seconds` is how long one statement may take."""

    def __init__(self, raw: AsyncConnection, place: Place, seconds: float) -> None:
        self._raw = raw
        self._seconds = seconds
        self.place = place

    @property
    def user(self) -> str:
        """The role that the server knows us as."""
        return self._raw.info.user

    async def rows(self, statement: LiteralString, values: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """What `statement` returns, read in a transaction of its own.  Raises Unreached; Denied where it may not."""
        import psycopg

        try:
            async with asyncio.timeout(self._seconds + _GRACE):
                return await self._or_hung_up(self._read(statement, values))
        except TimeoutError as error:
            raise Unreached(f"{self.place} did not answer within {self._seconds:g} s") from error
        except psycopg.Error as error:
            _say(error, self.place, self._seconds)

    async def _or_hung_up(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns; cancelled, it is over at once, though the server hangs.

        psycopg itself answers a cancellation by asking the server to stop, and waits for that, for ten seconds or, with
        an older libpq, for as long as it takes.  So it is not told: the line goes dead, and that is an error at once.
        What the server still does, its `statement_timeout` ends.
        """
        task = asyncio.create_task(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._hang_up()
            await asyncio.wait({task}, timeout=_GRACE)
            if task.done() and not task.cancelled():
                task.exception()  # looked at, or asyncio would complain that nobody did
            raise

    def _hang_up(self) -> None:
        """Shut the socket down, through a twin of its number: psycopg goes on to own, and to close, the number."""
        import psycopg

        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self._raw.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    async def _read(self, statement: LiteralString, values: Mapping[str, object] | None) -> list[tuple[Any, ...]]:
        milliseconds = str(max(1, int(self._seconds * 1000))).encode()
        # One message, and no parameters, since SET takes none.
        await self._raw.execute(b"BEGIN READ ONLY; SET LOCAL statement_timeout = " + milliseconds)
        try:
            return await (await self._raw.execute(statement, values)).fetchall()
        finally:
            if not self._raw.broken:
                await self._raw.execute("ROLLBACK")


@asynccontextmanager
async def connected(dsn: str, *, seconds: float) -> AsyncIterator[Connection]:
    """A connection to `dsn` (a URL, or `key=value` words); connecting and each statement may take `seconds`.

    It is closed at the end, however that comes, and a cancellation is over within a second.  Raises Unreached.
    """
    _installed()
    parameters = _parameters(dsn)
    place = Place.of(parameters)
    raw = await _opened(parameters, place, seconds)
    try:
        yield Connection(raw, place, seconds)
    finally:
        await raw.close()


def _installed() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        # Also where psycopg is there, and libpq is not.
        raise Unreached("psycopg is not installed", "pip install 'incidentctl[postgres]'") from error
    import logging

    # psycopg logs what it cannot mend; without a handler Python would print that over the prompt.
    logger = logging.getLogger("psycopg")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _parameters(dsn: str) -> dict[str, str]:
    """What `dsn` says, by libpq's names.  Raises Unreached, without quoting any of it."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        given = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    except (psycopg.Error, ValueError):
        # From None: the message quotes what it could not read, and that may be half of a password.
        raise Unreached(*UNREADABLE) from None
    if not Place.of(given).plausible:
        raise Unreached(*UNREADABLE)
    spare = {} if "PGGSSENCMODE" in os.environ else _UNLESS_GIVEN
    return {**spare, **given, **_OURS}


async def _opened(parameters: Mapping[str, str], place: Place, seconds: float) -> AsyncConnection:
    import psycopg

    try:
        async with asyncio.timeout(seconds):
            # Prepared statements would stay behind at a pooler.
            raw = await psycopg.AsyncConnection.connect(**parameters, autocommit=True, prepare_threshold=None)  # type: ignore[arg-type]
    except TimeoutError as error:
        raise Unreached(f"{place} did not answer within {seconds:g} s", before("timeout", place)[1]) from error
    except psycopg.Error as error:
        # From None: what libpq says may quote the dsn.
        raise Unreached(*before(str(error), place, secret=parameters.get("password", ""))) from None
    except (ValueError, OSError):
        raise Unreached(*UNREADABLE) from None
    _read_any_bytes(raw)
    return raw


def _read_any_bytes(raw: AsyncConnection) -> None:
    """Let texts be what they are: activity of a database with another encoding is no valid UTF-8."""
    from psycopg.adapt import Buffer, Loader

    class AnyText(Loader):
        def load(self, data: Buffer) -> str:
            return bytes(data).decode("utf-8", "replace")

    for kind in ("text", "name", "varchar", "bpchar"):
        raw.adapters.register_loader(kind, AnyText)


def _say(error: Error, place: Place, seconds: float) -> NoReturn:
    """Raise what a person can do something with."""
    message, hint = after(error.sqlstate or "", error.diag.message_primary or str(error), place, seconds)
    raise (Denied if error.sqlstate == _NOT_ALLOWED else Unreached)(message, hint) from error
