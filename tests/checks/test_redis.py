"""A real Redis, with real traffic while it is watched."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from types import MappingProxyType
from typing import Any, Final

import pytest
import redis as library

from incidentctl.checks import redis as kind
from incidentctl.checks.interface import Found, Unknown
from incidentctl.checks.redis_traffic import Limits, Traffic, judged
from incidentctl.incident.words import Answer
from tests.checks.asked import asked, inquiry, written
from tests.needs import needs
from tests.servers.redis import any_redis, own_redis
from tests.servers.started import free_port

PLANTED = "s3cr3t-Zebra-77"
NONE: Final[Mapping[str, str]] = MappingProxyType({})


@pytest.fixture(scope="module", name="url")
def _url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with any_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@contextmanager
def traffic(url: str, act: Callable[[library.Redis], object]) -> Iterator[None]:
    """Do `act` over and over, from before to after."""
    done, begun = Event(), Event()

    def go_on() -> None:
        with library.Redis.from_url(url) as client:
            while not done.is_set():
                act(client)
                begun.set()

    thread = Thread(target=go_on)
    thread.start()
    try:
        begun.wait(30)
        yield
    finally:
        done.set()
        thread.join()


def ask(url: str, **keys: str) -> Found:
    return asked(kind.ask, inquiry("redis", {"url": url, **keys}))


def why_not(url: str, keys: Mapping[str, str] = NONE, *, seconds: float = 5.0) -> str:
    """The reason and the hint with which it cannot tell."""

    async def once() -> str:
        with pytest.raises(Unknown) as told:
            await kind.ask(inquiry("redis", {"url": url, "hit_ratio_below": "80%", **keys}, seconds=seconds))
        assert told.value.__cause__ is None or PLANTED not in str(told.value.__cause__)
        return f"{told.value.message}\n{told.value.hint}"

    return asyncio.run(once())


# --- yes, no, unknown --------------------------------------------------------------------------------------


@pytest.mark.rule("P-TREE-4")
def test_the_answer_turns_as_the_hits_do(tmp_path: Path) -> None:
    with own_redis(tmp_path) as server:
        with library.Redis.from_url(server.url) as client:
            client.set("there", "x")
        quiet = ask(server.url, hit_ratio_below="80%")
        assert quiet.answer is Answer.UNKNOWN
        assert quiet.said == "no reads in 1 s"
        with traffic(server.url, lambda client: client.get("there")):
            warm = ask(server.url, hit_ratio_below="80%")
        assert warm.answer is Answer.NO
        assert warm.said.startswith("hit ratio 100.0 %, not below 80 % (")
        assert warm.number == 1
        # By now hundreds of hits are on the books, and they do not hide what happens next.
        with traffic(server.url, lambda client: client.get("gone")):
            cold = ask(server.url, hit_ratio_below="80%")
        assert cold.answer is Answer.YES
        assert cold.said.startswith("hit ratio 0.0 %, below 80 % (0 of ")
        assert cold.number == 0
        assert any(row.text.startswith("get: ") and " a second, " in row.text for row in cold.rows)
        assert not any(row.text.startswith("info") for row in cold.rows)
        server.stop()
        gone = ask(server.url, hit_ratio_below="80%")
        assert gone.answer is Answer.UNKNOWN
        assert gone.said == f"127.0.0.1:{server.port} refuses connections"


@pytest.mark.rule("P-TREE-4")
def test_evictions_are_counted_by_the_minute(tmp_path: Path) -> None:
    with own_redis(tmp_path, "--maxmemory", "3mb", "--maxmemory-policy", "allkeys-random") as server:
        calm = ask(server.url, evictions_above="10")
        assert calm.answer is Answer.NO
        assert calm.said == "0 keys evicted a minute, not above 10"
        numbers = iter(range(1_000_000))
        with traffic(server.url, lambda client: client.set(f"key:{next(numbers)}", "x" * 100_000)):
            full = ask(server.url, evictions_above="10")
        assert full.answer is Answer.YES
        assert full.said.endswith(" keys evicted a minute, above 10")
        assert full.number is not None
        assert full.number > 10
        assert any("of 3.00M (allkeys-random)" in row.text for row in full.rows)


def test_a_signal_takes_the_ratio_as_its_number(url: str) -> None:
    with library.Redis.from_url(url) as client:
        client.set("there", "x")
    with traffic(url, lambda client: (client.get("there"), client.get("gone"))):
        share = ask(url)
        percent = asked(kind.ask, inquiry("redis", {"url": url}, unit="%"))
    assert share.answer is Answer.UNKNOWN
    assert share.said.endswith("; the runbook gives no limit")
    assert share.number == pytest.approx(0.5, abs=0.01)
    assert percent.number == pytest.approx(50, abs=1)


@pytest.mark.parametrize(
    ("after", "limits", "answer", "said"),
    [
        ((80, 20, 0), (0.8, None), Answer.NO, "hit ratio 80.0 %, not below 80 % (80 of 100 reads in 2 s)"),
        ((79, 21, 0), (0.8, None), Answer.YES, "hit ratio 79.0 %, below 80 % (79 of 100 reads in 2 s)"),
        ((80, 20, 1), (0.8, 30), Answer.NO,
         "hit ratio 80.0 %, not below 80 % (80 of 100 reads in 2 s); 30 keys evicted a minute, not above 30"),
        ((80, 20, 2), (0.8, 30), Answer.YES,
         "hit ratio 80.0 %, not below 80 % (80 of 100 reads in 2 s); 60 keys evicted a minute, above 30"),
        ((0, 0, 2), (0.8, 30), Answer.YES, "no reads in 2 s; 60 keys evicted a minute, above 30"),
        ((0, 0, 0), (0.8, 30), Answer.UNKNOWN, "no reads in 2 s; 0 keys evicted a minute, not above 30"),
        ((0, 0, 0), (None, 30), Answer.NO, "0 keys evicted a minute, not above 30"),
    ],
)  # fmt: skip
def test_what_each_limit_says(
    after: tuple[int, int, int], limits: tuple[float | None, float | None], answer: Answer, said: str
) -> None:
    before = {"run_id": "a", "keyspace_hits": 1000, "keyspace_misses": 5, "evicted_keys": 7}
    counters = ("keyspace_hits", "keyspace_misses", "evicted_keys")
    then = {"run_id": "a", **{name: before[name] + more for name, more in zip(counters, after, strict=True)}}  # type: ignore[operator]
    found = judged(Traffic(before, then, 2.0), Limits(*limits), "")
    assert (found.answer, found.said) == (answer, said)


@pytest.mark.parametrize("reset", [lambda client: client.config_resetstat(), lambda client: client.shutdown()])
def test_counters_that_begin_anew_are_no_answer(tmp_path: Path, reset: Callable[[library.Redis], Any]) -> None:
    with own_redis(tmp_path) as server:
        with library.Redis.from_url(server.url) as client:
            client.get("gone")

        async def once() -> str:
            task = asyncio.create_task(kind.ask(inquiry("redis", {"url": server.url, "hit_ratio_below": "80%"})))
            with library.Redis.from_url(server.url) as client:
                while not client.info("commandstats").get("cmdstat_info", {}).get("calls", 0) > 1:
                    await asyncio.wait({task}, timeout=0.02)
                reset(client)
            with pytest.raises(Unknown) as told:
                await task
            return told.value.message

        said = asyncio.run(once())
    assert "began anew" in said or "closed the connection" in said or "refuses connections" in said


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"hit_ratio_below": "80"}, "`hit_ratio_below` is more than all reads"),
        ({"hit_ratio_below": "many"}, "`many` is not a number"),
        ({"evictions_above": "5 apples"}, "`evictions_above: 5 apples` is no number of keys a minute"),
    ],
)
def test_a_limit_that_cannot_be_meant_so_is_said(keys: dict[str, str], words: str) -> None:
    assert words in why_not("redis://127.0.0.1:1", keys)


def test_evictions_may_be_written_by_the_second() -> None:
    assert Limits.of(inquiry("redis", {"evictions_above": "5/s"})).evictions == 300


# --- what goes wrong, in words -----------------------------------------------------------------------------


def test_passwords_are_asked_for_and_never_shown(tmp_path: Path) -> None:
    with own_redis(tmp_path, "--requirepass", PLANTED) as server:
        at = f"127.0.0.1:{server.port}"
        assert why_not(f"redis://{at}") == f"{at} asks for a password, and the url has none\n"
        assert why_not(f"redis://:wrong-{PLANTED}@{at}") == f"{at} does not accept the password\n"
        assert why_not(f"redis://app:{PLANTED}@{at}") == f"{at} does not accept the password\n"
        with library.Redis.from_url(f"redis://:{PLANTED}@{at}") as client:
            client.acl_setuser("blind", enabled=True, passwords=[f"+{PLANTED}"], commands=["+get"])
        assert why_not(f"redis://blind:{PLANTED}@{at}").startswith(f"this user may not read INFO at {at}\n")
        with traffic(f"redis://:{PLANTED}@{at}", lambda client: client.get("gone")):
            found = ask(f"redis://:{PLANTED}@{at}", hit_ratio_below="80%")
        assert found.answer is Answer.YES
        assert PLANTED not in written(found)


def test_a_password_that_nobody_asks_for_is_said(url: str) -> None:
    said = why_not(url.replace("://", f"://:{PLANTED}@"))
    assert "asks for no password, and the url has one" in said
    assert PLANTED not in said


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"redis://:{PLANTED}@127.0.0.1:1", "127.0.0.1:1 refuses connections"),
        (f"redis://:{PLANTED}@cache.invalid:6379/0", "the name cache.invalid cannot be resolved"),
        (f"redis://:{PLANTED}@{'a' * 80}.example.com", "cannot be resolved"),
        ("unix:///nonexistent.sock", "/nonexistent.sock refuses connections"),
        (f"valkeys://:{PLANTED}@127.0.0.1:1", "127.0.0.1:1 refuses connections"),
    ],
)
def test_what_goes_wrong_is_said_without_the_password(url: str, words: str) -> None:
    said = why_not(url)
    assert words in said
    assert PLANTED not in said


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{PLANTED}/x@cache.example.com",
        f"redis://:12/{PLANTED}@cache.example.com",
        f"redis://:12#{PLANTED}@cache.example.com",
        f"redis://:12?{PLANTED}@cache.example.com",
        f"redis://:{PLANTED}#x@cache.example.com",
        f"redis://127.0.0.1:1?{PLANTED}=1",
        f"redis://127.0.0.1:1?socket_timeout={PLANTED}",
        f"http://:{PLANTED}@cache.example.com",
        f"{PLANTED}",
        f"redis://[{PLANTED}",
    ],
)
def test_a_url_that_cannot_be_read_is_not_quoted(url: str) -> None:
    assert why_not(url) == "\n".join(kind.UNREADABLE)


def test_tls_where_there_is_none_is_said(url: str) -> None:
    # Redis waits for the end of what it takes for a command.
    said = why_not(url.replace("redis://", "rediss://"), seconds=1)
    assert said.endswith(" did not answer within 0.5 s\nDoes it speak TLS, or should it be redis://?")


def test_tls(tmp_path: Path) -> None:
    openssl = needs("openssl", "version")
    key, certificate = str(tmp_path / "key"), str(tmp_path / "certificate")
    wanted = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-nodes"]
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", *wanted, "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no"]
    with own_redis(tmp_path, *tls):
        assert why_not(f"rediss://127.0.0.1:{port}").startswith(
            f"TLS with 127.0.0.1:{port} failed: its certificate is not trusted here\n"
        )
        assert why_not(f"redis://127.0.0.1:{port}").endswith("Does it want TLS (rediss://)?")
        found = ask(f"rediss://127.0.0.1:{port}?ssl_ca_certs={certificate}", evictions_above="10")
    assert found.answer is Answer.NO


def test_what_is_no_redis_says_so() -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async def once() -> str:
        async with await asyncio.start_server(hello, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(Unknown) as told:
                await kind.ask(inquiry("redis", {"url": f"redis://127.0.0.1:{port}"}))
        return told.value.message

    assert "speaks something else" in asyncio.run(once())


def test_a_sentinel_is_not_taken_for_a_cache(tmp_path: Path) -> None:
    config = tmp_path / "sentinel.conf"
    config.touch()
    with own_redis(tmp_path, str(config), "--sentinel") as server:
        assert why_not(server.url).startswith("that is a Sentinel")


def test_a_node_of_a_cluster_is_named_as_one(tmp_path: Path) -> None:
    # Without a port of its own, its bus takes the port plus 10,000, which is often none, or somebody else's.
    with own_redis(tmp_path, "--cluster-enabled", "yes", "--cluster-port", str(free_port())) as server:
        found = ask(server.url, evictions_above="10")
    assert "one node of a cluster: the others were not asked" in written(found)


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    assert why_not("redis://cache") == "redis is not installed\npip install 'incidentctl[redis]'"


# --- deadlines ---------------------------------------------------------------------------------------------


def test_a_server_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    with own_redis(tmp_path) as server:
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            assert why_not(server.url, seconds=0.4).startswith(f"127.0.0.1:{server.port} did not answer within 0.2 s")
        finally:
            os.kill(server.process.pid, signal.SIGCONT)


def test_cancelled_it_leaves_no_connection_behind() -> None:
    async def once(port: int) -> float:
        task = asyncio.create_task(kind.ask(inquiry("redis", {"url": f"redis://127.0.0.1:{port}"}, seconds=30.0)))
        await asyncio.wait({task}, timeout=0.2)
        since = time.monotonic()
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        return time.monotonic() - since

    # Its kernel takes the connection, and nobody ever answers.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert asyncio.run(once(silent.getsockname()[1])) < 1
        ours, _ = silent.accept()
        with ours:
            while ours.recv(1024):
                pass  # until it was closed at the other end
