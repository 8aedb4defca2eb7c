"""A real Prometheus, which scrapes an exporter whose numbers the test sets."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from incidentctl.checks import prometheus as kind
from incidentctl.checks.interface import Found
from incidentctl.incident.words import Answer
from tests.checks.asked import asked, inquiry
from tests.servers.exporter import exporter
from tests.servers.prometheus import any_prometheus, own_prometheus


@pytest.fixture(scope="module", name="url")
def _url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with any_prometheus(tmp_path_factory.mktemp("prometheus")) as url:
        yield url


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the server has its own clock, and cannot be given another


def ask(url: str, query: str, yes_when: str = "", **given: Any) -> Found:  # noqa: ANN401 - those of Inquiry
    values = {"url": url, "query": query, "yes_when": yes_when}
    return asked(kind.ask, inquiry("prometheus", values, **{"now": now(), **given}))


def until(url: str, query: str, yes_when: str, wanted: Answer) -> Found:
    """What it answers as soon as the answer is `wanted`: a scrape has to come first."""
    latest = time.monotonic() + 30
    found = ask(url, query, yes_when)
    while found.answer is not wanted and time.monotonic() < latest:
        Event().wait(0.05)
        found = ask(url, query, yes_when)
    return found


def test_the_answer_turns_as_the_numbers_do(tmp_path: Path) -> None:
    with exporter() as source, own_prometheus(tmp_path, [source.host]) as server:
        question = ("payments_queue_length", "> 10,000")
        source.exposed = "payments_queue_length 12000\n"
        found = until(server.url, *question, Answer.YES)
        assert (found.answer, found.said, found.number) == (Answer.YES, "12,000, which is > 10,000", 12000.0)
        source.exposed = "payments_queue_length 10000\n"
        found = until(server.url, *question, Answer.NO)
        assert (found.answer, found.said) == (Answer.NO, "10,000, which is not > 10,000")
        source.exposed = ""
        found = until(server.url, *question, Answer.UNKNOWN)
        assert found == Found(Answer.UNKNOWN, "no data")
        server.stop()
        found = ask(server.url, *question)
        assert found.answer is Answer.UNKNOWN
        assert found.said.endswith("refused the connection")


def test_a_password_comes_from_the_environment(tmp_path: Path) -> None:
    # What `htpasswd -nbB oncall open-sesame` makes of it.
    hashed = "$2b$04$HcteGjobJ5q1HKDAbXJfwu7yPHzsPluWgFltC/bDFcQ5p5VzGrD5u"
    with own_prometheus(tmp_path, [], f"basic_auth_users: {{oncall: {hashed}}}") as server:
        host = server.url.removeprefix("http://")
        assert ask(server.url, "vector(1)") == Found(
            Answer.UNKNOWN, f"{host} wants credentials that were not given (401)"
        )
        address = f"http://oncall:${{METRICS_PASSWORD}}@{host}"
        assert ask(address, "vector(1)").said == "METRICS_PASSWORD is not set"
        assert ask(address, "vector(1)", environ={"METRICS_PASSWORD": "open-sesame"}).number == 1.0
        header = {"url": server.url, "query": "vector(1)", "headers.Authorization": "Basic ${METRICS_KEY}"}
        key = {"METRICS_KEY": b64encode(b"oncall:open-sesame").decode()}
        assert asked(kind.ask, inquiry("prometheus", header, environ=key, now=now())).number == 1.0


def test_without_a_condition_the_number_counts_and_nothing_is_judged(url: str) -> None:
    assert ask(url, "vector(0.042)", unit="ratio") == Found(Answer.UNKNOWN, "4.2%", number=0.042)
    assert ask(url, "0.18", unit="s") == Found(Answer.UNKNOWN, "180 ms", number=0.18)
    assert ask(url, "vector(0)") == Found(Answer.UNKNOWN, "0", number=0.0)


@pytest.mark.parametrize(
    ("query", "unit", "yes_when", "answer"),
    [
        ("vector(0.05)", "ratio", "> 5%", Answer.NO),
        ("vector(0.0501)", "ratio", "> 5%", Answer.YES),
        ("vector(0.2)", "s", ">= 200 ms", Answer.YES),
        ("vector(3)", "", "< 4", Answer.YES),
        ("scalar(vector(-3))", "", "<= -3", Answer.YES),
    ],
)
def test_the_condition_is_in_the_units_of_the_number(
    url: str, query: str, unit: str, yes_when: str, answer: Answer
) -> None:
    assert ask(url, query, yes_when, unit=unit).answer is answer


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("vector(0) / 0", "the value is NaN: nothing was divided by nothing"),
        ("vector(1) / 0", "the value is +Inf"),
        ("-1 / 0", "the value is -Inf"),
        ("nobody_exports_this", "no data"),
        ("'words'", "the query answers no number"),
        ("up[5m]", "the query answers a range of values where one number was meant"),
    ],
)
def test_what_is_no_number_is_unknown(url: str, query: str, said: str) -> None:
    assert ask(url, query, "> 0") == Found(Answer.UNKNOWN, said)
    assert ask(url, query) == Found(Answer.UNKNOWN, said)


def test_several_series_are_unknown_and_the_first_are_shown(url: str) -> None:
    query = " or ".join(f'label_replace(vector({n}), "pod", "checkout-{n}", "", "")' for n in range(12))
    found = ask(url, query, "> 0")
    assert (found.answer, found.number) == (Answer.UNKNOWN, None)
    assert found.said == "12 series where one was meant; aggregate it (sum, max)"
    assert len(found.rows) == 5
    assert '{pod="checkout-0"} 0' in [row.text for row in found.rows]


def test_a_query_that_cannot_be_read_is_unknown_in_the_servers_words(url: str) -> None:
    said = ask(url, "sum(", "> 0").said
    assert "refuses the query" in said
    assert "parse error" in said
    assert said.endswith("(bad_data)")


def test_a_query_that_cannot_be_carried_out_is_unknown_in_the_servers_words(url: str) -> None:
    doubled = 'label_replace(vector(1), "a", "x", "", "") or label_replace(vector(2), "a", "y", "", "")'
    said = ask(url, f"vector(1) + on() ({doubled})").said
    assert "refuses the query" in said
    assert said.endswith("(execution)")


def test_a_query_longer_than_an_address_may_be_is_asked(url: str) -> None:
    assert ask(url, "+".join(["vector(1)"] * 500)).number == 500.0


def test_a_clock_that_differs_is_said_and_the_answer_stands(url: str) -> None:
    found = ask(url, "vector(7)", "> 5", now=now() - timedelta(minutes=5))
    assert found.said == "7, which is > 5; the server's clock is 5 min ahead of ours"
    assert found.answer is Answer.YES
    assert ask(url, "vector(7)", now=now() + timedelta(seconds=50)).said == "7; the server's clock is 50 s behind ours"
    assert ask(url, "vector(7)", now=now() + timedelta(seconds=20)).said == "7"


@pytest.mark.parametrize("yes_when", ["5000", "> many", "= 3", "> 5 lightyears"])
def test_a_condition_that_is_none_is_unknown_and_the_number_is_said(url: str, yes_when: str) -> None:
    found = ask(url, "vector(7)", yes_when)
    assert found.answer is Answer.UNKNOWN
    assert found.said.startswith("7, but `yes_when` cannot be read: ")
