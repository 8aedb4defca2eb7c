"""A real PostgreSQL: the one that INCIDENTCTL_TEST_POSTGRES names (a superuser's dsn), else the system's binary."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from tests.needs import needs, or_left_out
from tools.servers import pg, postgres_server

VARIABLE: Final = "INCIDENTCTL_TEST_POSTGRES"
_SOON: Final = 30
# The superuser comes in without a password, everybody else with theirs, and `shut_out` not at all.
_WHO_MAY: Final = """\
local all all trust
host all shut_out 127.0.0.1/32 reject
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


class Postgres:
    """A server; `dsn` is its superuser's."""

    def __init__(self, dsn: str, data: Path | None = None) -> None:
        self.dsn = dsn
        self._data = data

    @property
    def own(self) -> bool:
        """Whether the tests started it."""
        return self._data is not None

    def as_role(self, role: str, password: str, **other: str) -> str:
        """The dsn of somebody else, in libpq's words."""
        return make_conninfo(self.dsn, user=role, password=password, **other)

    def stop(self) -> None:
        """End it at once, as a crash would."""
        assert self._data is not None
        pg("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def speak_tls(self, folder: Path) -> Path:
        """Give it a certificate that it signed itself; it takes it once `ssl` is on.  Returns the certificate."""
        assert self._data is not None
        key, certificate = self._data / "server.key", self._data / "server.crt"
        names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
        new = [needs("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names]
        subprocess.run([*new, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        owner = self._data.stat()
        os.chown(key, owner.st_uid, owner.st_gid)
        key.chmod(0o600)
        return Path(shutil.copy(certificate, folder))

    def main_pid(self) -> int:
        assert self._data is not None
        return int((self._data / "postmaster.pid").read_text().split()[0])


class Session:
    """Somebody else's connection, whose statements can be left running."""

    def __init__(self, dsn: str, application: str = "checkout") -> None:
        self.raw = psycopg.connect(dsn, autocommit=True, application_name=application)
        self.pid = self.raw.info.backend_pid

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.raw.execute(statement.encode())

    def start(self, statement: str) -> None:
        """Send it, and do not wait for what comes of it."""
        self.raw.pgconn.send_query(statement.encode())

    def close(self) -> None:
        """Leave, and let nothing run on: a server does not notice that a client has gone before it answers."""
        with suppress(psycopg.Error):
            self.raw.cancel_safe(timeout=5)
        self.raw.close()

    def ended(self) -> str:
        """What came of it, once something did: what the server complains about, or nothing."""
        said = ""
        while (result := self.raw.pgconn.get_result()) is not None:
            said = said or result.error_message.decode()
        return said


@contextmanager
def any_postgres() -> Iterator[Postgres]:
    there = os.environ.get(VARIABLE, "")
    if there:
        yield Postgres(there)
    else:
        with own_postgres() as server:
            yield server


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """One that can be stopped."""
    with or_left_out(), postgres_server(_WHO_MAY) as (dsn, data):
        yield Postgres(dsn, data)


def until(true: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the caller asks for
    """What `true` returns, as soon as it is anything."""
    latest = time.monotonic() + _SOON
    while not (found := true()):
        assert time.monotonic() < latest, "it never came to that"
        Event().wait(0.02)
    return found
