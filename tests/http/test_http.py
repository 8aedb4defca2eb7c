"""The one door to httpx, against a server that misbehaves: an answer, or one sentence, in time."""

from __future__ import annotations

import asyncio
import socket
import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from incidentctl.http import Nowhere, Response, Unanswered, once, send, send_for_json
from tests.servers.odd_http import TOGETHER, OddServer, a_bomb, odd_server

SECRET = "hunter2-hunter2"  # noqa: S105 - nobody's


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module", name="running")
def _running() -> Iterator[OddServer]:
    once(_loaded())
    with odd_server() as server:
        yield server


async def _loaded() -> None:
    """httpx is loaded by the first call, which no deadline counts."""
    with pytest.raises(Unanswered):
        await send("GET", "http://127.0.0.1:1/", seconds=5)


@pytest.fixture(name="odd")
def _odd(running: OddServer) -> OddServer:
    running.asked.clear()
    return running


def ask(url: str, method: str = "GET", **options: Any) -> Response:  # noqa: ANN401 - those of send
    return once(send(method, url, **options))


def said(url: str, method: str = "GET", **options: Any) -> str:  # noqa: ANN401 - those of send
    """The sentence that ends the call."""
    with pytest.raises(Unanswered) as caught:
        ask(url, method, **options)
    return caught.value.message


def said_for_json(url: str, method: str = "GET", **options: Any) -> str:  # noqa: ANN401 - those of send
    with pytest.raises(Unanswered) as caught:
        once(send_for_json(method, url, **options))
    return caught.value.message


# --- answers -----------------------------------------------------------------------------------------------


def test_an_answer_has_status_headers_body_and_time(odd: OddServer) -> None:
    answer = ask(odd.url("/ok"))
    assert (answer.status, answer.json(), answer.url) == (200, {"ok": True}, odd.url("/ok"))
    assert answer.headers["content-type"] == "application/json"
    assert timedelta() < answer.took < timedelta(seconds=5)


def test_a_status_is_an_answer(odd: OddServer) -> None:
    assert [ask(odd.url(f"/status?is={status}")).status for status in (204, 401, 404, 429, 500)] == [
        204, 401, 404, 429, 500,
    ]  # fmt: skip


def test_we_say_who_we_are_and_keep_no_cookies(odd: OddServer) -> None:
    ask(odd.url("/to?url=/ok"))
    for asked in odd.asked:
        assert asked.headers["user-agent"].startswith("incidentctl/")
        assert "cookie" not in asked.headers


def test_a_body_is_sent_as_it_is(odd: OddServer) -> None:
    ask(odd.url("/ok"), "POST", body=b"\x00\xff", headers={"Content-Type": "application/octet-stream"})
    assert (odd.asked[0].method, odd.asked[0].body) == ("POST", b"\x00\xff")


def test_a_packed_body_is_unpacked(odd: OddServer) -> None:
    assert ask(odd.url("/packed")).json() == {"packed": True}


def test_a_body_can_be_cut_where_its_beginning_is_enough(odd: OddServer) -> None:
    assert ask(odd.url("/a-gigabyte"), most=10, whole=False).body == b"x" * 10
    assert ask(odd.url("/status?is=500&says=a-long-story"), most=6).body == b"a-long"


def test_calls_run_side_by_side(odd: OddServer) -> None:
    async def all_of_them() -> list[Response]:
        return await asyncio.gather(*(send("GET", odd.url("/together")) for _ in range(TOGETHER)))

    assert {answer.status for answer in once(all_of_them())} == {200}


# --- nobody there ------------------------------------------------------------------------------------------


def test_an_unknown_host() -> None:
    with pytest.raises(Unanswered, match=r"^status\.invalid (is not known|could not be looked up)"):
        ask("https://status.invalid/api")


def test_a_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Nowhere, match=rf"^127\.0\.0\.1:{port} refused the connection$"):
        ask(f"http://127.0.0.1:{port}/")


def test_a_name_server_that_never_answers_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    released = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(30))
    started = time.monotonic()
    assert said("http://slow.example/", seconds=0.2) == "slow.example could not be reached within 0.2 s"
    assert time.monotonic() - started < 2
    released.set()


@pytest.mark.parametrize(
    "url",
    ["", "nowhere", "ftp://example.com/", "https://", "https:///path", "http://[::1", "http://a:99999/",
     "http://xn--\x00/", "https://\u2603\u202e.example\x1b[2J/", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_web_address(url: str) -> None:
    sentence = said(url)
    assert sentence.isprintable()
    assert sentence.endswith("is no address that can be asked")


@pytest.mark.parametrize("url", ["http://a..b/", "http://a b/", f"http://{'a' * 80}.invalid/", "http://-.invalid/"])
def test_what_is_no_name_of_a_host(url: str) -> None:
    assert "no " in said(url)


# --- in time -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("/waits", "did not answer within 0.4 s"), ("/drips", "did not end its answer within 0.4 s")],
)
def test_the_deadline_is_that_of_the_whole_call(odd: OddServer, path: str, sentence: str) -> None:
    started = time.monotonic()
    assert said(odd.url(path), seconds=0.4) == f"{odd.host} {sentence}"
    assert time.monotonic() - started < 2


def test_a_server_that_takes_no_connection_further_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        host = f"127.0.0.1:{mute.getsockname()[1]}"
        assert said(f"https://{host}/", seconds=0.2) == f"{host} did not agree on TLS within 0.2 s"


# --- in bounds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/a-gigabyte", "/never-ends", "/bomb"])
def test_memory_is_bounded(odd: OddServer, path: str) -> None:
    assert len(a_bomb()) < 1_000_000  # made before anything is measured
    tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    try:
        assert said(odd.url(path), most=100_000, seconds=20) == f"{odd.host} answered more than 100 kB"
        assert tracemalloc.get_traced_memory()[1] - before < 10_000_000
    finally:
        tracemalloc.stop()


# --- not what was expected ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/half-packed", "sent a body whose gzip is broken"),
        ("/not-packed", "sent a body whose gzip is broken"),
        ("/other-packing", "answered in an encoding that was not asked for"),
        ("/babbles", "does not speak HTTP"),
        ("/hangs-up", "closed the connection before its answer ended"),
        ("/breaks-off", "closed the connection before its answer ended"),
    ],
)
def test_a_broken_answer(odd: OddServer, path: str, sentence: str) -> None:
    assert said(odd.url(path)) == f"{odd.host} {sentence}"


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("/html", "HTML"), ("/empty", "nothing"), ("/words", "something else"), ("/nan", "something else"),
        ("/infinity", "something else"), ("/deep", "something else"), ("/deeper", "something else"),
    ],
)  # fmt: skip
def test_what_is_no_json(odd: OddServer, path: str, instead: str) -> None:
    assert said_for_json(odd.url(path)) == f"{odd.host} answered {instead} where JSON was expected"


def test_a_hundred_levels_of_json_are_read(odd: OddServer) -> None:
    assert isinstance(ask(odd.url("/hundred")).json(), list)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "wants credentials (401)"),
        (403, "wants credentials (403)"),
        (404, "has nothing at that address (404)"),
        (302, "redirects elsewhere (302), which was not followed"),
        (422, "refused the request (422): title is missing"),
        (503, "failed (503): title is missing"),
    ],
)
def test_what_a_status_means_where_json_was_wanted(odd: OddServer, status: int, sentence: str) -> None:
    assert said_for_json(odd.url(f"/status?is={status}&says=title+is+missing")) == f"{odd.host} {sentence}"


def test_refused_credentials_are_told_from_missing_ones(odd: OddServer) -> None:
    sentence = said_for_json(odd.url("/status?is=403"), headers={"Authorization": f"Bearer {SECRET}"})
    assert sentence == f"{odd.host} refused our credentials (403)"


def test_asked_too_often_says_how_long_to_rest(odd: OddServer) -> None:
    with pytest.raises(Unanswered) as caught:
        once(send_for_json("GET", odd.url("/status?is=429&after=90")))
    assert caught.value.message == f"{odd.host} was asked too often (429), and wants 90 s of rest"
    assert (caught.value.retry_after, caught.value.status) == (timedelta(seconds=90), 429)


def test_json_is_sent_as_json(odd: OddServer) -> None:
    assert once(send_for_json("POST", odd.url("/ok"), payload={"text": "\u00fc \ud800"})) == {"ok": True}
    assert odd.asked[0].headers["content-type"] == "application/json"
    assert odd.asked[0].body == b'{"text": "\\u00fc \\ud800"}'


# --- asking again ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "headers", "times"), [("GET", {}, 3), ("POST", {}, 1), ("POST", {"Idempotency-Key": "k-1"}, 3)]
)
def test_only_what_may_be_repeated_is(odd: OddServer, method: str, headers: dict[str, str], times: int) -> None:
    assert ask(odd.url("/status?is=503&after=0"), method, headers=headers, tries=3).status == 503
    assert len(odd.asked) == times


@pytest.mark.parametrize("after", ["30", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "soon", "-1", ""])
def test_a_rest_that_does_not_fit_is_not_taken(odd: OddServer, after: str) -> None:
    url = odd.url(f"/status?is=429&after={after.replace(' ', '+')}")
    assert ask(url, tries=3).status == 429
    assert len(odd.asked) == 1


def test_a_date_may_say_when_to_come_back() -> None:
    headers = {"retry-after": "Mon, 23 Nov 2026 03:12:30 GMT", "date": "Mon, 23 Nov 2026 03:12:00 GMT"}
    assert Response(503, headers, b"", "", timedelta()).retry_after == timedelta(seconds=30)


# --- redirects ---------------------------------------------------------------------------------------------


def test_redirects_are_followed_to_the_end(odd: OddServer) -> None:
    answer = ask(odd.url("/to?url=/to%3Furl%3D/ok"))
    assert (answer.status, answer.url) == (200, odd.url("/ok"))


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/circle", "redirects in a circle"),
        ("/further", "redirects more than 3 times"),
        ("/to?url=javascript:alert(1)", "redirects to something that is no web address"),
        ("/to?url=ftp://127.0.0.1/", "redirects to something that is no web address"),
        ("/to?url=http://a:b@[::1", "redirects to something that is no web address"),
    ],
)
def test_redirects_that_lead_nowhere(odd: OddServer, path: str, sentence: str) -> None:
    assert said(odd.url(path)) == f"{odd.host} {sentence}"


def test_a_redirect_is_an_answer_where_none_may_be_followed(odd: OddServer) -> None:
    assert ask(odd.url("/circle"), redirects=0).status == 302
    assert ask(odd.url("/to?url=/ok&is=307"), "POST", body=b"x").status == 307
    assert len(odd.asked) == 2


def test_another_host_is_told_no_key(odd: OddServer) -> None:
    keys = {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET, "DD-APPLICATION-KEY": SECRET, "Accept": "a/b"}
    with odd_server() as other:
        ask(odd.url(f"/to?url={other.url('/to?url=/ok')}"), headers=keys)
        assert [asked.path for asked in other.asked] == ["/to?url=/ok", "/ok"]
        for asked in other.asked:
            assert SECRET not in repr(asked)
            assert asked.headers["accept"] == "a/b"
    ask(odd.url("/to?url=/ok"), headers=keys)
    assert odd.asked[-1].headers["x-api-key"] == SECRET


# --- secrets and hostile words -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/waits", "/hangs-up", "/babbles", "/circle", "/bomb", "/html", "/echo", "/nowhere"])
def test_no_secret_gets_into_a_sentence(odd: OddServer, path: str) -> None:
    url = odd.url(f"{path}?token={SECRET}1").replace("://", f"://user:{SECRET}2@")
    sentence = said_for_json(url, headers={"X-Api-Key": f"{SECRET}3"}, seconds=0.3, most=1000)
    assert "hunter2" not in sentence
    assert "user" not in sentence


@pytest.mark.parametrize("url", [f"http://u:{SECRET}/x@host:x/", f"http://u:{SECRET}@[::1/", SECRET, f"x:{SECRET}"])
def test_no_secret_of_an_address_that_is_none_gets_into_a_sentence(url: str) -> None:
    assert "hunter2" not in said(url)


def test_a_header_that_cannot_be_sent_is_named_without_its_value(odd: OddServer) -> None:
    sentence = said(odd.url("/ok"), headers={"X-Api-Key": f"{SECRET}\r\nx: y"})
    assert sentence == f"{odd.host} was not asked: the header `x-api-key` holds what no header can hold"
    assert odd.asked == []


def test_a_key_read_from_a_file_may_end_in_a_newline(odd: OddServer) -> None:
    ask(odd.url("/ok"), headers={"X-Api-Key": f"{SECRET}\n"})
    assert odd.asked[0].headers["x-api-key"] == SECRET


def test_user_and_password_of_an_address_are_sent_and_not_shown(odd: OddServer) -> None:
    answer = ask(odd.url("/ok").replace("://", "://user:pass%3Aword@"))
    assert odd.asked[0].headers["authorization"] == "Basic dXNlcjpwYXNzOndvcmQ="
    assert answer.url == odd.url("/ok")


def test_nothing_of_a_netrc_is_sent(odd: OddServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login user password {SECRET}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    ask(odd.url("/ok"))
    assert "authorization" not in odd.asked[0].headers


def test_what_a_server_says_is_harmless_on_a_terminal(odd: OddServer) -> None:
    sentence = said_for_json(odd.url("/hostile"))
    assert sentence == f"{odd.host} failed (500): [bold red]no[/] gnp.exe"
    long = said_for_json(odd.url(f"/status?is=500&says={'long+' * 200}"))
    assert len(long) < 150


# --- proxies -----------------------------------------------------------------------------------------------


def test_the_environments_proxy_is_asked(odd: OddServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", odd.url(""))
    assert ask("http://status.example/ok").json() == {"ok": True}
    assert odd.asked[0].path == "http://status.example/ok"


def test_a_proxy_that_is_not_there_is_named_and_the_host_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:{SECRET}@127.0.0.1:1")
    with pytest.raises(Unanswered) as caught:
        ask("http://status.example/")
    assert caught.value.message == "the proxy 127.0.0.1:1 for status.example refused the connection"
    assert not isinstance(caught.value, Nowhere)


def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"gopher://user:{SECRET}@127.0.0.1:1")
    assert said("http://status.example/") == ("the proxy or the certificates that the environment names cannot be used")
