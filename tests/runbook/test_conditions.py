"""Signals, conditions, units and durations."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidentctl.runbook.model import Condition
from incidentctl.runbook.quantities import Quantity, in_unit, parse_duration, parse_quantity
from tests.runbook.reading import book_of, problems_of

SIGNALS = """
signals:
  down: {http: {url: "https://example.com"}}
  error_rate: {prometheus: {query: errors}, unit: "%"}
  latency_p99: {unit: s, baseline: 180 ms}
  queue: {unit: messages}
"""


def condition(text: str, signals: str = SIGNALS) -> Condition:
    """`text` as the only condition of P1."""
    return book_of(f"severity: {{P1: {{when: ['{text}']}}}}\n{signals}").levels[0].when[0]


@pytest.mark.parametrize(
    ("text", "signal", "operator", "number", "times"),
    [
        ("error_rate > 5%", "error_rate", ">", 5, False),
        ("error_rate>=0.05ratio", "error_rate", ">=", 5, False),
        ("latency_p99 > 5x baseline", "latency_p99", ">", 5, True),
        ("latency_p99 > 2.5 x baseline", "latency_p99", ">", 2.5, True),
        ("latency_p99 < 250 ms", "latency_p99", "<", 0.25, False),
        ("queue > 10,000", "queue", ">", 10_000, False),
        ("queue <= 5 messages", "queue", "<=", 5, False),
        ("down", "down", None, 0, False),
        ("half of it is down", "", None, 0, False),
    ],
)
def test_conditions(text: str, signal: str, operator: str | None, number: float, times: bool) -> None:
    one = condition(text)
    assert (one.text, one.signal, one.operator, one.times_baseline) == (text, signal, operator, times)
    assert one.number == pytest.approx(number)


@pytest.mark.rule("P-SEV-4")
def test_built_in_comparisons_keep_their_numbers_without_a_signal() -> None:
    first, second, third, fourth = book_of("").levels[0].when
    assert [(one.signal, one.operator) for one in (first, second)] == [("", None), ("", None)]
    assert (third.signal, third.operator, third.number) == ("error_rate", ">", 0.05)
    assert (fourth.signal, fourth.number, fourth.times_baseline) == ("latency_p99", 5, True)


def test_a_comparison_of_the_organisation_needs_its_signal() -> None:
    levels = "severity: {P1: {when: [error_rate > 1%]}}"
    problem = "_defaults.yaml:1:24: there is no signal `error_rate` to compare"
    assert [one.split(" Define")[0] for one in problems_of("", levels)] == [problem]
    assert book_of("signals: {error_rate: {}}", levels).levels[0].when[0].number == 0.01


def test_a_well_known_signal_has_its_unit_without_saying_so() -> None:
    book = book_of("signals: {latency_p99: {baseline: 200 ms}, error_rate: {baseline: 1%}, other: {}}")
    units = {name: (signal.unit, signal.baseline) for name, signal in book.signals.items()}
    assert units == {"latency_p99": ("s", 0.2), "error_rate": ("ratio", 0.01), "other": ("", None)}


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("180 ms", timedelta(milliseconds=180)),
        ("30 s", timedelta(seconds=30)),
        ("5min", timedelta(minutes=5)),
        ("1h 30min", timedelta(minutes=90)),
        ("6 h", timedelta(hours=6)),
        ("2 days", timedelta(days=2)),
        ("4 business hours", timedelta(hours=4)),
    ],
)
def test_durations(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration
    assert book_of(f"all_clear: {{stable_for: {text}}}").all_clear.stable_for == duration


@pytest.mark.parametrize(
    "text", ["30", "0.5", "", "soon", "5 parsecs", "min 5", "-5 min", "12:30", "367 days", "5 min ago"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="`"):
        parse_duration(text)


def test_a_bare_number_says_of_what() -> None:
    assert problems_of("all_clear: {stable_for: 010}") == [
        "shop.yaml:1:25: `stable_for`: `010` has no unit Write for example `010 min`."
    ]


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [("5%", "ratio", 0.05), ("5", "ratio", 5), ("180 ms", "s", 0.18), ("2 min", "s", 120), ("0.5ratio", "%", 50)],
)
def test_numbers_in_the_unit_of_their_signal(text: str, unit: str, number: float) -> None:
    assert in_unit(parse_quantity(text), unit) == pytest.approx(number)


def test_units_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="`ms` does not fit a signal that is measured in `messages`"):
        in_unit(Quantity(180, "ms"), "messages")


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [("title", "yes", "yes"), ("owner", "on", "on"), ("tier", "010", "010"), ("description", "12:30", "12:30")],
)
def test_words_that_yaml_would_turn_into_something_else(key: str, text: str, value: str) -> None:
    assert getattr(book_of(f"{key}: {text}"), key) == value


def test_numbers_are_read_in_base_ten() -> None:
    book = book_of("comms: {audiences: {customers: {max_length: 010}, internal: {max_length: 1_000}}}")
    assert [audience.max_length for audience in book.comms.audiences] == [10, 1000]


def test_no_as_a_reason_is_a_reason() -> None:
    book = book_of("people: {no: {name: off}}\nalerts: [yes, no, 1_000]\nseverity: {P3: {page: [on]}}")
    assert book.people["no"].name == "off"
    assert book.alerts == ("yes", "no", "1_000")
    assert book.levels[2].page == ("on",)
