"""What every check that asks over HTTP promises, whatever the server does: an answer in time, or unknown and why."""

from __future__ import annotations

import errno
import json
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any, Final
from urllib.parse import quote, unquote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentctl.checks import alertmanager, probe, prometheus, statuspage
from incidentctl.checks.interface import Checker, Found
from incidentctl.http import Unanswered, once
from incidentctl.incident.words import Answer
from incidentctl.text.escape import clean
from incidentctl.text.redact import REDACTED
from tests.checks.asked import NOW, asked, inquiry, written
from tests.needs import needs
from tests.servers.odd_http import HOSTILE, Handler, OddServer, a_bomb, odd_server

SECRET: Final = "hunter2-hunter2"  # noqa: S105 - nobody's
SECONDS: Final = 0.6
NONE: Final[Mapping[str, str]] = {}
WELL: Final = ["/html", "/empty", "/words", "/nan", "/infinity", "/deep", "/deeper", "/drips", "/never-ends",
               "/a-gigabyte", "/bomb", "/half-packed", "/breaks-off"]  # fmt: skip
"""A probe that sees a status and the first byte has seen enough."""
FAILED: Final = ["/status?is=500", "/status?is=503&after=1", "/status?is=404", "/waits", "/hangs-up", "/babbles",
                 "/not-packed"]  # fmt: skip
NOT_TOLD: Final = ["/status?is=401", "/status?is=403", "/status?is=407", "/status?is=429&after=9999", "/status?is=511",
                   "/circle", "/further", "/to?url=file:///etc/passwd", "/other-packing"]  # fmt: skip

KINDS: Final[Mapping[str, tuple[Checker, Mapping[str, str]]]] = {
    "http": (probe.ask, {}),
    "prometheus": (prometheus.ask, {"query": "up", "yes_when": "> 0"}),
    "alertmanager": (alertmanager.ask, {"matchers": "service=checkout"}),
    "statuspage": (statuspage.ask, {}),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
every_reader = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "http"])


class Below(Handler):
    """Misbehaves at the address that the runbook gives, and at every API below it; says what it is told to say."""

    server: Saying

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        path, _, query = self.path.partition("?")
        for api in ("/api/v1/query", "/api/v2/alerts", "/api/v2/summary.json"):
            path = path.removesuffix(api)
        if path == "/says":
            words = " ".join([self.path, *self.headers.values(), HOSTILE])
            self.reply(self.server.status, json.dumps(self.server.says(words)).encode())
            return
        self.path = f"{path}?{query}"
        super().do_GET()

    do_POST = do_GET  # noqa: N815 - as above


class Saying(OddServer):
    """`says` makes an answer of what the server knows about whoever asks."""

    status = 200
    says: Callable[[str], object] = staticmethod(str)


@pytest.fixture(scope="module", name="running")
def _running() -> Iterator[Saying]:
    ask("http", "http://127.0.0.1:1/", seconds=30)  # httpx is loaded by the first call
    a_bomb()
    with odd_server() as server:
        server.RequestHandlerClass = Below
        server.__class__ = Saying
        assert isinstance(server, Saying)
        yield server


@pytest.fixture(name="odd")
def _odd(running: Saying) -> Saying:
    running.asked.clear()
    running.status = 200
    return running


def ask(kind: str, url: str, values: Mapping[str, str] = NONE, *, seconds: float = SECONDS) -> Found:
    checker, more = KINDS[kind]
    return asked(checker, inquiry(kind, {**more, **values, "url": url}, seconds=seconds, service="checkout"))


def shown(found: Found) -> str:
    """What a person sees; checked to be harmless on a terminal."""
    text = written(found)
    assert [clean(line) for line in text.splitlines()] == text.splitlines()
    assert len(text) < 10_000
    return text


# --- the server misbehaves ---------------------------------------------------------------------------------


@every_kind
@pytest.mark.parametrize("path", [*WELL, *FAILED, *NOT_TOLD])
def test_whatever_the_server_does_ends_in_time_and_in_words(odd: Saying, kind: str, path: str) -> None:
    begun = time.monotonic()
    found = ask(kind, odd.url(path))
    assert time.monotonic() - begun < SECONDS + 0.5
    told = Answer.NO if path in WELL else Answer.YES if path in FAILED else Answer.UNKNOWN
    assert found.answer is (told if kind == "http" else Answer.UNKNOWN)
    assert odd.host in shown(found)
    assert "deadline" not in found.said


@every_kind
def test_a_host_that_does_not_resolve_is_unknown(kind: str) -> None:
    found = ask(kind, "https://status.invalid/", seconds=5)
    assert found.answer is Answer.UNKNOWN
    assert found.said.startswith("status.invalid ")


@every_kind
def test_a_refused_connection(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        host = f"127.0.0.1:{taken.getsockname()[1]}"
    answer = Answer.YES if kind == "http" else Answer.UNKNOWN
    assert ask(kind, f"http://{host}") == Found(answer, f"{host} refused the connection")


@every_kind
def test_a_certificate_that_nobody_trusts(kind: str, tmp_path: Path) -> None:
    made = tmp_path / "both.pem"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=here"]
    parts = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "crt")]
    subprocess.run([needs("openssl"), *words, *parts], check=True, capture_output=True)
    made.write_text((tmp_path / "key").read_text() + (tmp_path / "crt").read_text())
    with odd_server(made) as server:
        found = ask(kind, server.url("/ok"), seconds=5)
        assert found.said == f"{server.host} has a certificate that it signed itself"
        assert found.answer is (Answer.YES if kind == "http" else Answer.UNKNOWN)


@every_kind
@pytest.mark.parametrize("url", ["", "nowhere", "ftp://a.example/", "http://[::1", "http://a:99999/", "${NOT_SET}"])
def test_what_is_no_address_is_unknown(kind: str, url: str) -> None:
    found = ask(kind, url)
    assert found.answer is Answer.UNKNOWN
    assert shown(found)


@every_kind
def test_a_server_that_wants_to_be_left_alone_is_passed_on(odd: Saying, kind: str) -> None:
    checker, more = KINDS[kind]
    about = inquiry(kind, {**more, "url": odd.url("/status?is=429&after=90")}, seconds=5)
    with pytest.raises(Unanswered, match=r"was asked too often \(429\)") as caught:
        once(checker(about))
    assert caught.value.retry_after == timedelta(seconds=90)


# --- whose fault it is: the probe --------------------------------------------------------------------------


def test_a_name_server_that_is_silent_says_nothing_about_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    released = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(30))
    found = ask("http", "http://checkout.example/healthz")
    released.set()
    assert found == Found(Answer.UNKNOWN, "cannot resolve checkout.example from here")


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN])
def test_no_network_says_nothing_about_the_server(monkeypatch: pytest.MonkeyPatch, odd: Saying, number: int) -> None:
    def unreachable(*_: object) -> None:
        raise OSError(number, "as the kernel says without a route")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    assert ask("http", odd.url("/ok")).answer is Answer.UNKNOWN


def test_a_proxy_that_fails_says_nothing_about_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    found = ask("http", "http://checkout.example/healthz")
    assert found.answer is Answer.UNKNOWN
    assert found.said.startswith("the proxy 127.0.0.1:1 for checkout.example ")


# --- what it says is foreign -------------------------------------------------------------------------------

SERIES: Final = {"metric": {"__name__": "up"}, "value": [1, "1"]}


def answers(kind: str, words: str) -> Mapping[str, tuple[int, object]]:
    """Answers of the right shape, with `words` wherever a server has a say."""
    several = {"resultType": "vector", "result": [{**SERIES, "metric": {words: words}}] * 2}
    one = {"resultType": "vector", "result": [SERIES]}
    status = {"status": {"indicator": words, "description": words}, "page": {"name": words}}
    component = {"id": words, "name": words, "status": words, "group_id": words}
    impaired = {**component, "status": "major_outage"}
    event = {"name": words, "status": words, "started_at": words, "shortlink": words}
    alert = {"labels": dict.fromkeys(("alertname", "severity"), words), "annotations": {"summary": words}}
    every: Mapping[str, Mapping[str, tuple[int, object]]] = {
        "prometheus": {
            "several series": (200, {"status": "success", "data": several}),
            "a warning": (200, {"status": "success", "data": one, "warnings": [words]}),
            "an odd value": (200, {"status": "success", "data": {"resultType": "scalar", "result": [1, words]}}),
            "a refusal": (400, {"status": "error", "errorType": words, "error": words}),
        },
        "alertmanager": {
            "an alert": (200, [{**alert, "startsAt": words, "generatorURL": words, "fingerprint": words}]),
            "a refusal": (400, words),
        },
        "statuspage": {
            "an odd status": (200, {**status, "components": [component]}),
            "an outage": (200, {**status, "components": [impaired], "incidents": [event]}),
        },
    }
    return every[kind]


SAID: Final = [(kind, what) for kind in KINDS if kind != "http" for what in answers(kind, "")]


@pytest.mark.parametrize(("kind", "what"), SAID)
def test_no_secret_and_no_escape_sequence_comes_back(odd: Saying, kind: str, what: str) -> None:
    odd.status = answers(kind, "")[what][0]
    odd.says = lambda words: answers(kind, words)[what][1]
    url = odd.url(f"/says?token={SECRET}").replace("://", "://someone:pass-word@")
    headers = {"headers.Authorization": f"Bearer {SECRET}1", "headers.X-Key": "k-e-y-k-e-y"}
    text = shown(ask(kind, url, headers))
    assert SECRET not in text
    assert "pass-word" not in text
    assert "k-e-y-k-e-y" not in text
    assert "\x1b" not in text
    if kind != "statuspage":  # a page for everybody is sent no headers
        assert odd.asked == [] or odd.asked[-1].headers["x-key"] == "k-e-y-k-e-y"


@every_kind
def test_a_page_that_quotes_whoever_asks_is_not_quoted_with_keys(odd: Saying, kind: str) -> None:
    for status in (400, 401, 500):
        url = odd.url(f"/echo?is={status}&token={SECRET}")
        assert SECRET not in shown(ask(kind, url, {"headers.X-Api-Key": f"{SECRET}2"}))


def test_a_secret_in_a_row_is_blanked_out_and_the_rest_stays(odd: Saying) -> None:
    odd.says = lambda words: [{"labels": {"alertname": "Leak"}, "annotations": {"summary": f"key={words[:80]}"}}]
    found = ask("alertmanager", odd.url(f"/says?token={SECRET}"))
    assert found.said == "Leak fires"
    assert f"token={REDACTED}" in found.rows[0].text


@pytest.mark.parametrize("spelt", ["open%20sesame%2f1", "open+sesame%2F1", "opensesame"])
def test_a_secret_is_found_however_it_is_spelt(odd: Saying, spelt: str) -> None:
    meant = unquote_plus(spelt)
    key = b64encode(f"someone:{meant}".encode()).decode()
    words = [spelt, meant, quote(meant, safe=""), f"Basic {key}"]
    odd.says = lambda _: [{"labels": {"alertname": word}} for word in words]
    password = spelt.replace("+", "%20")
    for url in (odd.url(f"/says?token={spelt}"), odd.url("/says").replace("://", f"://someone:{password}@")):
        text = shown(ask("alertmanager", url))
        assert not [word for word in words[:3] if word in text]
        assert key not in text or "token=" in url  # only the password is sent like this


@every_reader
def test_the_path_and_the_query_of_the_address_are_kept(odd: Saying, kind: str) -> None:
    ask(kind, odd.url("/status?is=500&token=abc"))
    assert "token=abc" in odd.asked[-1].path


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def replaced(value: object, place: int, by: object) -> tuple[object, int]:
    """`value` with its part number `place` (counted from the top) replaced, and how many places are left."""
    if place <= 0:
        return (by if place == 0 else value), -1
    left = place - 1
    if isinstance(value, dict):
        made: dict[Any, object] = {}
        for key, inner in value.items():
            made[key], left = replaced(inner, left, by)
        return made, left
    if isinstance(value, list):
        items = []
        for inner in value:
            item, left = replaced(inner, left, by)
            items.append(item)
        return items, left
    return value, left


@pytest.mark.parametrize(("kind", "what"), SAID)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 25), by=JSON)
def test_any_part_may_be_anything(odd: Saying, kind: str, what: str, place: int, by: object) -> None:
    odd.status, body = answers(kind, "major_outage")[what]
    odd.says = lambda _: replaced(body, place, by)[0]
    found = ask(kind, odd.url("/says"), seconds=5)
    assert found.answer in (Answer.YES, Answer.NO, Answer.UNKNOWN)
    shown(found)


# --- what is not in doubt ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected", "answer", "said"),
    [
        ("/ok", "", Answer.NO, "answered 200 OK"),
        ("/status?is=204", "200", Answer.YES, "answered 204 No Content, where 200 was expected"),
        ("/status?is=204", "200\n204", Answer.NO, "answered 204 No Content"),
        ("/status?is=401", "401", Answer.NO, "answered 401 Unauthorized"),
        ("/status?is=404", "2xx, 404", Answer.NO, "answered 404 Not Found"),
        ("/status?is=599", "", Answer.YES, "answered 599"),
        ("/to?url=/ok", "", Answer.NO, "answered 200 OK"),
        ("/to?url=/ok", "302", Answer.NO, "answered 302 Found"),
        ("/to?url=/status?is=503", "", Answer.YES, "answered 503 Service Unavailable"),
    ],
)
def test_a_probe_fails_where_the_status_is_another(
    odd: Saying, path: str, expected: str, answer: Answer, said: str
) -> None:
    found = ask("http", odd.url(path), {"expect_status": expected})
    assert (found.answer, found.said) == (answer, f"{odd.host} {said}")
    assert [row.text.partition(",")[2] for row in found.rows] == [" took less than 1 s"]


@pytest.mark.parametrize("expected", ["ok", "999", "20", "2xx!"])
def test_a_status_that_is_none_is_unknown(odd: Saying, expected: str) -> None:
    found = ask("http", odd.url("/ok"), {"expect_status": expected})
    assert found == Found(
        Answer.UNKNOWN, f"`expect_status` takes statuses such as `200` or `2xx`, and not `{expected}`"
    )


def test_a_warning_leaves_in_doubt_what_is_missing(odd: Saying) -> None:
    data = {"resultType": "vector", "result": [{"metric": {}, "value": [NOW.timestamp(), "3"]}]}
    odd.says = lambda _: {"status": "success", "data": data, "warnings": ["store 2 did not answer"]}
    found = ask("prometheus", odd.url("/says"))
    assert (found.answer, found.number) == (Answer.UNKNOWN, None)
    assert found.said.startswith("3, but the server warns: store 2 did not answer")


def test_a_query_that_takes_the_server_too_long_is_told_in_its_words(odd: Saying) -> None:
    odd.status = 503
    odd.says = lambda _: {
        "status": "error",
        "errorType": "timeout",
        "error": "query timed out in expression evaluation",
    }
    said = f"{odd.host} refuses the query: query timed out in expression evaluation (timeout)"
    assert ask("prometheus", odd.url("/says")) == Found(Answer.UNKNOWN, said)
