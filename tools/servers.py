"""Real servers on free ports of the loopback, for the tests and for the demonstration; each ends with its `with`."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.request import urlopen

_TRIES: Final = 3
_POLLS: Final = 600
_WORK_IN: Final = "/"


class Missing(Exception):
    """A program is not installed; the message says which, and what to install."""


class Started:
    """A server that runs; `url` has no slash at its end."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """End it at once, as a crash would; nobody listens at `url` afterwards."""
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    """A port that nobody listens at now, and that somebody else can take a moment later."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def program(*names: str, install: str) -> str:
    """The path of the first of `names` that is installed.  Raises Missing, naming the package `install`."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise Missing(f"{names[0]} is not installed: apt-get install {install}")
    return path


@contextmanager
def serving(
    argv: Callable[[int], Sequence[str]],
    is_there: Callable[[Started], bool],
    folder: Path,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Started]:
    """What `argv` starts for a port, once it `is_there`; `folder` gets what it prints, `environ` is added to our own.

    A port that is free when it is looked for can be taken a moment later, so starting is tried again.
    """
    printed = folder / "printed"
    for _ in range(_TRIES):
        port = free_port()
        with printed.open("wb") as out:
            # In a session of its own: Ctrl-C at the terminal is for whoever sits there.
            process = subprocess.Popen(
                argv(port), stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **(environ or {})},
            )  # fmt: skip
        server = Started(process, port)
        try:
            if _comes_up(server, is_there):
                yield server
                return
        finally:
            server.stop()
    message = f"it did not start:\n{printed.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(message)


def _comes_up(server: Started, is_there: Callable[[Started], bool]) -> bool:
    for _ in range(_POLLS):
        if is_there(server):
            return True
        try:
            server.process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        return False  # it ended: most likely the port is taken
    return False


@contextmanager
def started(
    argv: Callable[[int], Sequence[str]], ready: str, folder: Path, environ: Mapping[str, str] | None = None
) -> Iterator[Started]:
    """A web server, once the path `ready` answers 200, or 401: it is there, and lets nobody in without a password."""
    with serving(argv, lambda server: _answers(f"{server.url}{ready}"), folder, environ) as server:
        yield server


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server, by http
            return bool(answer.status == 200)
    except HTTPError as error:
        return error.code == 401
    except OSError:
        return False


# --- Redis and Prometheus ----------------------------------------------------------------------------------


@contextmanager
def redis_server(folder: Path, is_there: Callable[[Started], bool], *options: str) -> Iterator[Started]:
    """A Redis or Valkey that keeps nothing on disk."""
    binary = program("redis-server", "valkey-server", install="redis-server")
    where = ["--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with serving(lambda port: [binary, *options, *where, "--port", str(port)], is_there, folder) as server:
        yield server


@contextmanager
def prometheus_server(folder: Path, config: str, web: str = "") -> Iterator[Started]:
    """A Prometheus with this configuration; `web` is its web configuration: passwords, TLS."""
    binary = program("prometheus", install="prometheus")
    (folder / "prometheus.yml").write_text(config)
    (folder / "web.yml").write_text(web)

    def argv(port: int) -> list[str]:
        files = [f"--config.file={folder / 'prometheus.yml'}", f"--web.config.file={folder / 'web.yml'}"]
        where = [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
        return [binary, *files, *where, "--log.level=warn"]

    with started(argv, "/-/ready", folder) as server:
        yield server


# --- PostgreSQL --------------------------------------------------------------------------------------------


@contextmanager
def postgres_server(who_may: str = "") -> Iterator[tuple[str, Path]]:
    """A PostgreSQL: the dsn of its superuser, and its data folder; `who_may` is its pg_hba.conf."""
    # Not below anybody's own folder: PostgreSQL refuses to run as root, and its user must be able to come in.
    with tempfile.TemporaryDirectory(prefix="incidentctl-pg-") as place:
        folder = Path(place)
        if os.geteuid() == 0:
            os.chown(folder, *_its_user())
        data = folder / "data"
        pg("initdb", "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        if who_may:
            (data / "pg_hba.conf").write_text(who_may)
        port = _pg_started(data)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres", data
        finally:
            if (data / "postmaster.pid").exists():
                pg("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


def _its_user() -> tuple[int, int]:
    try:
        user = pwd.getpwnam("postgres")
    except KeyError as error:
        raise Missing("PostgreSQL is not installed: it does not run as root, and has no user of its own") from error
    return user.pw_uid, user.pw_gid


def _pg_started(data: Path) -> int:
    for attempt in range(_TRIES):
        port = free_port()
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {data} -c max_prepared_transactions=2 -c fsync=off"
        try:
            pg("pg_ctl", "-D", str(data), "-w", "-l", str(data / "log"), "-o", options, "start")
        except RuntimeError:
            if attempt == _TRIES - 1:
                raise
        else:
            return port
    raise AssertionError


def pg(tool: str, *words: str) -> None:
    """Run one of PostgreSQL's tools, as the user that it wants.  Raises Missing, and RuntimeError with what it said."""
    runs_as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # Into a file, and not a pipe: the server inherits it, and a pipe would never end.
    with tempfile.TemporaryFile() as out:
        done = subprocess.run(
            [*runs_as, pg_tool(tool), *words],
            cwd=_WORK_IN,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            check=False,
        )
        if done.returncode:
            out.seek(0)
            raise RuntimeError(out.read().decode(errors="replace")[-2000:])


def pg_tool(name: str) -> str:
    """Where Debian puts it, newest first, else where the PATH leads.  Raises Missing."""
    there = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    path = str(there[-1]) if there else shutil.which(name)
    if path is None:
        raise Missing("PostgreSQL is not installed: apt-get install postgresql")
    return path
