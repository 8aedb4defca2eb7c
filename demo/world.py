"""Everything that the demonstration runs, on the loopback and in one folder, and the four ways to break it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

import psycopg
import redis

from demo.shopctl import git, post
from tools.servers import Missing, Started, pg_tool, postgres_server, program, prometheus_server, redis_server, started

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent
ITEMS: Final = range(1, 13)
BUYERS: Final = 6
REST: Final = 0.25
"""Seconds that each buyer waits between two purchases: six of them buy about twenty times a second."""
PATIENCE: Final = 30.0
SCRAPES: Final = """\
global: {scrape_interval: 250ms, scrape_timeout: 250ms}
scrape_configs:
  - job_name: shop
    static_configs: [{targets: ["%s"]}]
"""
WATCHED: Final = "rate(shop_requests_total[2s])"
ALERT: Final = (
    "rate(shop_errors_total[2s]) / rate(shop_requests_total[2s]) > 0.1"
    " or histogram_quantile(0.99, rate(shop_request_seconds_bucket[2s])) > 0.4"
)
DASHBOARD: Final = "https://grafana.example.com/d/shop?from={{ opened_at.epoch_ms }}"
GRAPH: Final = "/graph?g0.expr=rate(shop_errors_total%5B2s%5D)&g0.tab=0&g0.range_input=5m"
GOOD: Final = '''"""What a basket costs, in cents."""


def total(price: int, quantity: int) -> int:
    return price * quantity
'''
BAD: Final = '''"""What a basket costs, in cents: ten of a kind are cheaper."""

DISCOUNTS = {10: 5, 100: 12}


def total(price: int, quantity: int) -> int:
    return price * quantity * (100 - DISCOUNTS[quantity]) // 100
'''
SCHEMA: Final = (
    "CREATE TABLE items (id integer PRIMARY KEY, price integer NOT NULL)",
    "INSERT INTO items SELECT id, 100 * id FROM generate_series(1, 12) AS id",
    "CREATE TABLE orders (id serial PRIMARY KEY, item integer NOT NULL, total integer NOT NULL)",
)


@dataclass(frozen=True)
class Numbers:
    """What the shop did over a moment: how many purchases, the share of them that failed, seconds for one."""

    purchases: float
    failed: float
    seconds: float

    @property
    def are_normal(self) -> bool:
        return self.purchases > 0 and self.failed == 0 and self.seconds < 0.15

    def __str__(self) -> str:
        return f"{self.failed:.0%} of {self.purchases:.0f} purchases fail, one takes {self.seconds * 1000:.0f} ms"


class World:
    """A shop that sells, its database, its cache, its payment providers, and a Prometheus that watches it."""

    def __init__(self, folder: Path, parts: ExitStack) -> None:
        """Start everything in `folder`; `parts` ends it.  Raises Missing."""
        self.folder = folder
        self._parts = parts
        self.code = folder / "code"
        self.environ = {"SHOP_CODE": str(self.code)}
        self._deploys()
        self._database = self._with_database()
        self._report: psycopg.Connection[Any] | None = None
        parts.callback(self._end_report)
        self._cache = self._with_cache()
        self.warm()
        self._with_providers()
        self.environ["SHOP_URL"] = self._python("shop", "/healthz").url
        self._commands()
        self._buyers()
        scrapes = SCRAPES % self.environ["SHOP_URL"].removeprefix("http://")
        prometheus = parts.enter_context(prometheus_server(self._place("prometheus"), scrapes))
        self.environ["PROMETHEUS_URL"] = prometheus.url
        self._runbooks()

    # --- parts ----------------------------------------------------------------------------------------------

    def _with_database(self) -> psycopg.Connection[Any]:
        dsn, _ = self._parts.enter_context(postgres_server())
        self.environ["SHOP_DB_URL"] = dsn
        connection = self._parts.enter_context(psycopg.connect(dsn, autocommit=True))
        for statement in SCHEMA:
            connection.execute(statement.encode())
        return connection

    def _with_cache(self) -> redis.Redis:
        server = self._parts.enter_context(redis_server(self._place("redis"), _answers_ping))
        self.environ["SHOP_REDIS_URL"] = f"redis://127.0.0.1:{server.port}"
        cache: redis.Redis = self._parts.enter_context(redis.Redis(port=server.port))
        return cache

    def _with_providers(self) -> None:
        """The one that the shop pays with, and one for when that is down."""
        urls = {name: self._python("provider", "/api/v2/summary.json", name).url for name in ("Payco", "backup")}
        self.environ["PAYCO_URL"] = urls["Payco"]
        self.environ["SHOP_PROVIDERS"] = " ".join(f"{name}={url}" for name, url in urls.items())

    def _place(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        return folder

    def _python(self, module: str, ready: str, *words: str) -> Started:
        """One of our own servers, as a process of its own."""
        argv = [sys.executable, "-m", f"demo.{module}"]
        folder, environ = self._place("-".join((module, *words))), {**self.environ, "PYTHONPATH": str(ROOT)}
        return self._parts.enter_context(started(lambda port: [*argv, str(port), *words], ready, folder, environ))

    def _commands(self) -> None:
        """`shopctl` on the PATH."""
        shopctl = self._place("bin") / "shopctl"
        shopctl.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m demo.shopctl "$@"\n')
        shopctl.chmod(0o755)
        self.environ["PATH"] = f"{shopctl.parent}:{os.environ.get('PATH', os.defpath)}"

    def _runbooks(self) -> None:
        """Beside the code that they name.  Links are written out in a runbook: here the ports are known only now."""
        folder = self._place("runbooks")
        links = {DASHBOARD: self.environ["PROMETHEUS_URL"] + GRAPH, "${PAYCO_URL}": self.environ["PAYCO_URL"]}
        for runbook in (HERE / "runbooks").iterdir():
            text = runbook.read_text()
            for written, real in links.items():
                text = text.replace(written, real)
            (folder / runbook.name).write_text(text)
        self.environ["INCIDENTCTL_RUNBOOKS"] = str(folder)

    def _buyers(self) -> None:
        closed = Event()
        buyers = [Thread(target=self._buy, args=(closed, number), daemon=True) for number in range(BUYERS)]
        for buyer in buyers:
            buyer.start()
            self._parts.callback(buyer.join)
        self._parts.callback(closed.set)

    def _buy(self, closed: Event, number: int) -> None:
        bought = number
        while not closed.wait(REST):
            bought += 1
            with suppress(OSError):  # a purchase that fails is what the shop counts
                post(f"{self.environ['SHOP_URL']}/buy?item={bought % len(ITEMS) + 1}&quantity={bought % 3 + 1}")

    # --- how it is ------------------------------------------------------------------------------------------

    def numbers(self) -> Numbers:
        """What the shop did in the last half second, by its own metrics."""
        before = self._counted()
        Event().wait(0.5)
        after = self._counted()
        requests, errors, spent = (after[name] - before[name] for name in before)
        return Numbers(requests, errors / requests if requests else 0.0, spent / requests if requests else 0.0)

    def _counted(self) -> Mapping[str, float]:
        with urlopen(f"{self.environ['SHOP_URL']}/metrics", timeout=5) as answer:  # noqa: S310 - as above
            lines = answer.read().decode().splitlines()
        found = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        names = ("shop_requests_total", "shop_errors_total", "shop_request_seconds_sum")
        return {name: float(found[name]) for name in names}

    def wait_until_well(self) -> Numbers:
        """Wait until the shop sells as it should, and Prometheus sees it.  Raises TimeoutError."""
        _until(lambda: self._holds(WATCHED), "Prometheus does not scrape the shop")
        _until(lambda: not self._holds(ALERT), "the shop does not become well")
        return self.numbers()

    def wait_for_alert(self) -> None:
        """Wait until whoever is on call would be paged.  Raises TimeoutError."""
        _until(lambda: self._holds(ALERT), "the shop does not become ill")

    def _holds(self, query: str) -> bool:
        """Whether Prometheus answers anything; it finds what to scrape only after some seconds."""
        address = f"{self.environ['PROMETHEUS_URL']}/api/v1/query?{urlencode({'query': query})}"
        with urlopen(address, timeout=5) as answer:  # noqa: S310 - our own Prometheus, by http
            return bool(json.load(answer)["data"]["result"])

    # --- breaking and mending -------------------------------------------------------------------------------

    def _deploys(self, *, bad: bool = False) -> None:
        """A history of deploys: two good ones, days ago, and perhaps a bad one of this hour."""
        shutil.rmtree(self.code, ignore_errors=True)
        self.code.mkdir()
        git(self.code, "init", "--quiet", "--initial-branch=main")
        self._deploy("v40: Sell a few things", "", timedelta(days=9))
        self._deploy("v41: Totals in cents", GOOD, timedelta(days=3))
        if bad:
            self._deploy("v42: Ten of a kind are cheaper", BAD, timedelta(minutes=12))

    def _deploy(self, what: str, rule: str, ago: timedelta) -> None:
        (self.code / "pricing.py").write_text(rule)
        git(self.code, "add", "pricing.py")
        at = datetime.now(UTC) - ago
        git(self.code, "commit", "--quiet", "-m", what, at=at.isoformat())

    def bad_deploy(self) -> None:
        """A new version cannot price what people buy."""
        self._deploys(bad=True)
        post(f"{self.environ['SHOP_URL']}/reload")

    def slow_database(self) -> None:
        """A report holds a lock on the orders, and takes its time."""
        self._report = psycopg.connect(self.environ["SHOP_DB_URL"], application_name="monthly-report")
        self._report.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        self._report.pgconn.send_query(b"SELECT sum(total), pg_sleep(3600) FROM orders GROUP BY item")
        slow = "SELECT FROM pg_stat_activity WHERE pid = %s AND now() - query_start > interval '1.5 s'"
        _until(lambda: self._database.execute(slow, (self.report,)).rowcount == 1, "the report does not run")

    @property
    def report(self) -> int:
        """The process id of the report."""
        assert self._report is not None  # noqa: S101 - the caller has started it
        return self._report.info.backend_pid

    def provider_down(self) -> None:
        """The payment provider takes no money, and says so."""
        post(f"{self.environ['PAYCO_URL']}/break")

    def empty_cache(self) -> None:
        """The cache is restarted empty, and nothing fills it before tonight: each price costs the database."""
        self._cache.flushall()

    def warm(self) -> None:
        """Fill the cache, as the nightly job does."""
        for item in ITEMS:
            self._cache.set(f"price:{item}", 100 * item)

    def mend(self) -> Numbers:
        """Make all of it well again, whatever was broken."""
        self._end_report()
        self._deploys()
        self.warm()
        post(f"{self.environ['PAYCO_URL']}/mend")
        post(f"{self.environ['SHOP_URL']}/reload")
        post(f"{self.environ['SHOP_URL']}/provider", "Payco")
        return self.wait_until_well()

    def _end_report(self) -> None:
        if self._report is not None:
            with suppress(psycopg.Error):
                self._report.cancel_safe(timeout=5)
            self._report.close()
            self._report = None


@dataclass(frozen=True)
class Break:
    """One way to break the shop: what people see, the question that finds it, and the step that mends it."""

    make: Callable[[World], None]
    seen: str
    question: str
    step: str


BREAKS: Final[Mapping[str, Break]] = {
    "deploy": Break(World.bad_deploy, "Nobody can buy anything", "recent-deploy", "roll-back"),
    "database": Break(World.slow_database, "Orders hang, and then fail", "slow-database", "end-queries"),
    "provider": Break(World.provider_down, "Paying fails", "external-dependency", "backup-provider"),
    "cache": Break(World.empty_cache, "Every page is slow", "cache-stampede", "warm-keys"),
}


@contextmanager
def world() -> Iterator[World]:
    """All of it, and nothing of it afterwards.  Raises Missing where something is not installed."""
    if missing := "\n".join(_missing()):
        raise Missing(missing)
    with tempfile.TemporaryDirectory(prefix="incidentctl-demo-") as folder, ExitStack() as parts:
        yield World(Path(folder), parts)


def _missing() -> Iterator[str]:
    """What is not installed, and how to install it."""
    looks: tuple[Callable[[], str], ...] = (
        lambda: program("git", install="git"),
        lambda: pg_tool("initdb"),
        lambda: program("redis-server", "valkey-server", install="redis-server"),
        lambda: program("prometheus", install="prometheus"),
    )
    for look in looks:
        try:
            look()
        except Missing as error:
            yield str(error)


def _until(true: Callable[[], bool], otherwise: str) -> None:
    latest = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > latest:
            raise TimeoutError(otherwise)
        Event().wait(0.1)


def _answers_ping(server: Started) -> bool:
    with redis.Redis(port=server.port) as client, suppress(redis.RedisError):
        return bool(client.ping())
    return False
