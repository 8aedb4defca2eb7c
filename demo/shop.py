"""The service of the demonstration: a shop.  Prices come from a cache, orders go to PostgreSQL, money to a provider.

    python -m demo.shop PORT

    POST /buy?item=3&quantity=2    buys something
    GET  /healthz                  200 while it serves
    GET  /metrics                  what Prometheus scrapes
    POST /reload                   takes the price rule that is deployed now
    POST /provider                 takes the payment provider that the body names

Everything else is told by the environment: SHOP_DB_URL, SHOP_REDIS_URL, SHOP_CODE (the folder of what is deployed), and
SHOP_PROVIDERS (`NAME=URL`, separated by spaces; the first is used).
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

import psycopg
import redis

CONNECTIONS: Final = 6
BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
# `pg_sleep` stands for a query over many rows: without the cache each price costs the database so much.
COMPUTE: Final = "SELECT price FROM items, pg_sleep(0.6) WHERE id = %s"
ORDER: Final = "INSERT INTO orders (item, total) VALUES (%s, %s)"


class Metrics:
    """Counters, and a histogram of how long a purchase took, in seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests = 0
        self._errors = 0
        self._spent = 0.0
        self._buckets = [0] * (len(BUCKETS) + 1)

    def count(self, seconds: float, *, failed: bool) -> None:
        with self._lock:
            self._requests += 1
            self._errors += failed
            self._spent += seconds
            self._buckets[bisect_left(BUCKETS, seconds)] += 1

    def text(self) -> str:
        """In Prometheus's text format: <https://prometheus.io/docs/instrumenting/exposition_formats/>."""
        with self._lock:
            return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield "# TYPE shop_requests_total counter"
        yield f"shop_requests_total {self._requests}"
        yield "# TYPE shop_errors_total counter"
        yield f"shop_errors_total {self._errors}"
        yield "# TYPE shop_request_seconds histogram"
        for at, bound in enumerate((*BUCKETS, "+Inf")):
            yield f'shop_request_seconds_bucket{{le="{bound}"}} {sum(self._buckets[: at + 1])}'
        yield f"shop_request_seconds_sum {self._spent}"
        yield f"shop_request_seconds_count {self._requests}"


class Shop:
    """What a purchase is."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._cache = redis.Redis.from_url(environ["SHOP_REDIS_URL"])
        self._code = Path(environ["SHOP_CODE"])
        self._providers = dict(one.split("=", 1) for one in environ["SHOP_PROVIDERS"].split())
        self._provider = next(iter(self._providers))
        self._connections: SimpleQueue[psycopg.Connection[Any]] = SimpleQueue()
        for _ in range(CONNECTIONS):
            # Nobody waits for a shop longer than that.
            patience = "-c lock_timeout=800"
            self._connections.put(
                psycopg.connect(environ["SHOP_DB_URL"], autocommit=True, application_name="shop", options=patience)
            )
        self.reload()

    def reload(self) -> None:
        """Take the price rule that is deployed now."""
        self._total: Callable[[int, int], int] = runpy.run_path(str(self._code / "pricing.py"))["total"]

    def pay_with(self, provider: str) -> None:
        """Take this provider from now on.  Raises KeyError for one that is not known."""
        self._provider = provider if self._providers[provider] else ""

    def buy(self, item: int, quantity: int) -> int:
        """Sell it, and return what it cost.  Raises whatever stands in the way."""
        total = self._total(self._price(item), quantity)
        with self._connection() as database:
            database.execute(ORDER, (item, total))
        charge = f"{self._providers[self._provider]}/charge?amount={total}"
        urlopen(Request(charge, method="POST"), timeout=2).close()  # noqa: S310 - our own provider, by http
        return total

    def _price(self, item: int) -> int:
        """From the cache, which `shopctl warm` fills; a purchase only reads it."""
        known = self._cache.get(f"price:{item}")
        if known is not None:
            return int(known)
        with self._connection() as database:
            row = database.execute(COMPUTE, (item,)).fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        connection = self._connections.get()
        try:
            yield connection
        finally:
            self._connections.put(connection)


class Server(ThreadingHTTPServer):
    """The shop on a port."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, shop: Shop) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.shop = shop
        self.metrics = Metrics()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/healthz":
            self._reply(200, "it serves\n")
        elif path == "/metrics":
            self._reply(200, self.server.metrics.text())
        else:
            self._reply(404, "there is no such page\n")

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if parts.path == "/buy":
            self._buy({name: int(value) for name, value in parse_qsl(parts.query)})
        elif parts.path == "/reload":
            self.server.shop.reload()
            self._reply(200, "reloaded\n")
        elif parts.path == "/provider":
            self.server.shop.pay_with(body)
            self._reply(200, f"payments go through {body}\n")
        else:
            self._reply(404, "there is no such page\n")

    def _buy(self, wanted: Mapping[str, int]) -> None:
        began, status = time.monotonic(), 200
        try:
            said = f"sold for {self.server.shop.buy(wanted['item'], wanted['quantity'])} cents\n"
        except Exception as error:  # noqa: BLE001 - a failed purchase is an answer, and is counted
            print(f"a purchase failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            status, said = 500, "the purchase failed\n"
        self.server.metrics.count(time.monotonic() - began, failed=status != 200)
        self._reply(status, said)

    def _reply(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Only failures are worth a line."""


if __name__ == "__main__":
    Server(int(sys.argv[1]), Shop(os.environ)).serve_forever()
