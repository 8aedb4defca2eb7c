"""A real Redis or Valkey: the one that INCIDENTCTL_TEST_REDIS names (`redis://HOST:PORT`), else the system's binary."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import redis as library
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.needs import or_left_out
from tools.servers import Started, redis_server

VARIABLE: Final = "INCIDENTCTL_TEST_REDIS"


class RedisServer:
    """A server that runs."""

    def __init__(self, server: Started) -> None:
        self.process = server.process
        self.port = server.port
        self.url = f"redis://127.0.0.1:{server.port}"
        self.stop = server.stop


def _takes_connections(server: Started) -> bool:
    try:
        with library.Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as client:
            client.ping()
    except library.ResponseError:
        return True  # it asks for a password
    except library.ConnectionError as error:
        return isinstance(error, library.AuthenticationError)
    return True


@contextmanager
def any_redis(folder: Path) -> Iterator[str]:
    """The url of one that may be filled."""
    there = os.environ.get(VARIABLE, "")
    if there:
        yield there
    else:
        with own_redis(folder) as server:
            yield server.url


@contextmanager
def own_redis(folder: Path, *options: str) -> Iterator[RedisServer]:
    """One that keeps nothing on disk, and can be stopped."""
    with or_left_out(), redis_server(folder, _takes_connections, *options) as server:
        yield RedisServer(server)
