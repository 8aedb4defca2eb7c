"""What PostgreSQL and libpq say, in words for a person and without a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from incidentctl.record import record
from incidentctl.text.escape import one_line
from incidentctl.text.redact import REDACTED, redact

Words = tuple[str, str]
"""What happened, and what to do next."""

UNREADABLE: Final[Words] = (
    "the dsn cannot be read",
    "Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE; in the password @ is %40, / is %2F, % is %25.",
)
_HOST: Final = re.compile(r"[\w.:%,/-]*")
_PORT: Final = re.compile(r"[\d,]*")
_DATABASE: Final = re.compile(r"[^@]*")
_WIDTH: Final = 160


@record
class Place:
    """Where a dsn leads, without its secrets; empty where it does not say."""

    host: str = ""
    port: str = ""
    database: str = ""
    user: str = ""

    @staticmethod
    def of(parameters: Mapping[str, str]) -> Place:
        """From what libpq reads in a dsn."""
        host = parameters.get("host") or parameters.get("hostaddr", "")
        return Place(host, parameters.get("port", ""), parameters.get("dbname", ""), parameters.get("user", ""))

    @property
    def plausible(self) -> bool:
        """Whether its parts can be what they are called.

        A password with a bare `@` or `/` in it is read as host, port or database, and would be shown as such.
        """
        return bool(_HOST.fullmatch(self.host) and _PORT.fullmatch(self.port) and _DATABASE.fullmatch(self.database))

    def __str__(self) -> str:
        if not self.host:
            return f"the local server, port {self.port}" if self.port else "the local server"
        return f"{self.host}:{self.port}" if self.port and not self.host.startswith("/") else self.host


# What libpq and the server say while connecting; errors of this phase carry no SQLSTATE.  The first that is found
# counts.  A server may speak another language: then its own words are shown.
_BEFORE: Final[tuple[tuple[str, str, str], ...]] = (
    ("failed to resolve host|could not translate host|name or service not known|nodename nor|name resolution",
     "the name {host} cannot be resolved", "Is the host in the dsn right, and does DNS work here?"),
    ("invalid .*value|invalid port|invalid integer", *UNREADABLE),
    ("no password supplied", "{place} asks for a password, and the dsn has none", ""),
    ("password authentication failed|authentication failed", "{place} does not accept the password of {user}", ""),
    ('database ".*" does not exist', "there is no database {database} at {place}", ""),
    ('role ".*" does not exist', "there is no role {user} at {place}", ""),
    ("no pg_hba.conf entry|pg_hba.conf rejects", "{place} does not let {user} in from this machine",
     "pg_hba.conf there decides; it may want TLS: sslmode=require in the dsn."),
    ("permission denied for database", "{user} may not connect to the database {database} at {place}",
     "GRANT CONNECT ON DATABASE …"),
    ("too many clients|too many connections|remaining connection slots|no more connections allowed",
     "{place} takes no more connections", "That may be the cause itself: who holds them?"),
    ("does not support ssl", "{place} does not speak TLS, and the dsn asks for it", "sslmode in the dsn decides."),
    ("certificate|ssl error|ssl connection|tlsv1|root.crt",
     "TLS with {place} failed: its certificate is not trusted here", "sslmode and sslrootcert in the dsn decide."),
    ("starting up|not yet accepting|recovery mode", "{place} is starting up", ""),
    ("shutting down", "{place} is shutting down", ""),
    ("invalid response to ssl|expected authentication request", "what answers at {place} is not PostgreSQL",
     "Is the port right?"),
    ("connection refused|no such file or directory", "{place} refuses connections",
     "Is the server running, and are host and port right?"),
    ("unreachable|no route to host", "there is no way from here to {place}", "A VPN, a firewall, the wrong network?"),
    ("timeout|timed out", "{place} did not answer in time", "A firewall, the wrong network, or a server that hangs."),
    ("closed the connection|connection reset|terminating connection", "{place} closed the connection", ""),
)  # fmt: skip
_AFTER: Final[Mapping[str, Words]] = {
    "42501": ("{user} may not do that at {place}", ""),
    "57014": ("the statement took longer than {seconds:g} s at {place}", ""),
    "57P01": ("{place} is shutting down", ""),
    "57P02": ("{place} is shutting down", ""),
    "57P03": ("{place} is starting up", ""),
    "53300": ("{place} takes no more connections", "That may be the cause itself: who holds them?"),
}


def before(said: str, place: Place, *, secret: str = "") -> Words:
    """An error of connecting, in our words; where we have none in those of the server, without `secret`."""
    for pattern, message, hint in _BEFORE:
        if re.search(pattern, said, re.IGNORECASE):
            return _filled(message, place), hint
    reason = said.partition("FATAL:")[2].strip()
    if secret:
        reason = reason.replace(secret, REDACTED)
    return f"{place} cannot be connected to{f': {_short(reason)}' if reason else ''}", ""


def after(sqlstate: str, said: str, place: Place, seconds: float) -> Words:
    """An error of a statement, in our words or in those of the server."""
    message, hint = _AFTER.get(sqlstate, ("", ""))
    if message:
        return _filled(message, place, seconds), hint
    if not sqlstate:
        return f"{place} closed the connection", ""
    return f"{place}: {_short(said)}", ""


def _filled(message: str, place: Place, seconds: float = 0) -> str:
    return message.format(
        place=place, host=place.host, database=place.database, user=place.user or "this user", seconds=seconds
    )


def _short(text: str) -> str:
    return one_line(redact(text), _WIDTH)
