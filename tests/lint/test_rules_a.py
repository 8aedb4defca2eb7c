"""Tables for the boundaries of rules about freshness, addresses, people and severity; the corpus shows the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.lint.addresses import Address
from incidentctl.lint.interface import Rule, Subject
from incidentctl.lint.rules import (
    bad_url,
    cadence_too_slow,
    future_date,
    insecure_link,
    missing_reviewed,
    no_on_call,
    nobody_paged,
    placeholder_text,
    same_person_ic_and_comms,
    secret_in_file,
    severity_gap,
    severity_order,
    stale_review,
    unreachable_person,
    unset_environment,
)
from incidentctl.lint.rules.secret_in_file import may_hold_one
from incidentctl.lint.said import Neighbour
from incidentctl.runbook.places import is_written
from incidentctl.text.redact import redact
from tests.runbook.reading import loaded
from tests.text.test_redact import HARMLESS, SECRETS

TODAY = date(2026, 11, 23)


def subject(text: str, **changes: object) -> Subject:
    """A runbook as a rule sees it."""
    read = loaded(text)
    book, root = read.draft, read.root
    assert book is not None
    assert root is not None
    plain = Subject(book, "shop.yaml", TODAY, {"shop": Neighbour("shop")}, lambda route: is_written(root, route))
    return replace(plain, **changes)  # type: ignore[arg-type]


def said(rule: Rule, text: str, **changes: object) -> list[str]:
    """What a rule says of a runbook."""
    return [found.message for found in rule.check(subject(text, **changes))]


@pytest.mark.parametrize(("days", "stale", "future"), [(181, 1, 0), (180, 0, 0), (0, 0, 0), (-1, 0, 0), (-2, 0, 1)])
def test_a_review_counts_for_180_days_and_may_be_of_tomorrow(days: int, stale: int, future: int) -> None:
    text = f"reviewed: {TODAY - timedelta(days=days)}"
    assert (len(said(stale_review, text)), len(said(future_date, text))) == (stale, future)


@pytest.mark.parametrize(
    ("text", "count"), [("", 1), ("reviewed:", 1), ("reviewed: soon", 0), ("reviewed: 2026-11-02", 0)]
)
def test_a_review_that_is_no_date_is_not_missing(text: str, count: int) -> None:
    assert len(said(missing_reviewed, text)) == count


@pytest.mark.parametrize(
    ("text", "placeholder"),
    [
        ("TODO", "TODO"),
        ("todo", "todo"),
        ("???", "???"),
        ("Ask (FIXME).", "FIXME"),
        ("TODO: say why", "TODO"),
        ("Set it to changeme", "changeme"),
        ("Open <dashboard uid> first", "<dashboard uid>"),
        ("Page <team>-oncall", "<team>"),
        ("Open the todo list", ""),
        ("Open the TODO list", ""),
        ("METHODOLOGY", ""),
        ("`<name>` is the pod, `TODO` its label", ""),
        ("Its IP is <none>, or <pending>", ""),
        ("Press <b>now</b>", ""),
        ("below 5 < x and y > 6", ""),
        ("5<a and b>6", ""),
        ("Write to Ada <ada@example.com>", ""),
        ("Mention <@U123> or <https://example.com>", ""),
        ("vector<string>", ""),
    ],
)
def test_what_is_a_placeholder_and_what_is_not(text: str, placeholder: str) -> None:
    assert placeholder_text.first_placeholder(text) == placeholder


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ("https://example.com", False),
        ("HTTPS://Example.COM./a?b#c", False),
        ("https://user@example.com:8443/", False),
        ("https://under_score.example.com", False),
        ("https://b\u00fccher.example", False),
        ("https://kibana.example.com/app#/discover?_a=(q:'x y')", True),
        ("https://kibana.example.com/app#/discover?_a=(q:'x')", False),
        ("https://example.com/{{ service }}/{% if ic %}a{% endif %}", False),
        ("${LOGS_URL}", False),
        ("{{ channel }}", False),
        ("https://${HOST}:${PORT}/", False),
        ("http://localhost:9090/graph", False),
        ("tel:+49301234567", False),
        ("zoommtg://zoom.us/join?confno=1", False),
        ("TODO", True),
        ("//example.com", True),
        ("localhost:3000", True),
        ("www.example.com", True),
        ("https://", True),
        ("https:///path", True),
        ("https://a..b", True),
        ("https://example.com:0", True),
        ("https://example.com:65535", False),
        ("https://example.com:65536", True),
        ("https://example.com:999999999999999999999", True),
        ("httpss://example.com", True),
        ("hhtp://example.com", True),
        ("${LOGS:-https://logs.example.com}", True),
    ],
)
def test_which_links_can_be_opened(text: str, is_wrong: bool) -> None:
    assert bool(bad_url.what_is_wrong(Address(("links", 0, "url"), text, "link"))) is is_wrong


@pytest.mark.parametrize(
    ("kind", "text", "is_wrong"),
    [
        ("postgres", "postgresql://db.example.com/shop", False),
        ("postgres", "host=db.example.com dbname=shop", False),
        ("postgres", "postgresql+psycopg2://db.example.com/shop", True),
        ("postgres", "shop", True),
        ("redis", "rediss://cache.example.com:6379/0", False),
        ("redis", "http://cache.example.com", True),
        ("prometheus", "https://prometheus.example.com", False),
        ("prometheus", "prometheus:9090", True),
        ("webhook", "mailto:shop@example.com", True),
    ],
)
def test_which_addresses_a_check_can_ask(kind: str, text: str, is_wrong: bool) -> None:
    key = "dsn" if kind == "postgres" else "url"
    assert bool(bad_url.what_is_wrong(Address(("check", key), text, kind))) is is_wrong


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("http://example.com", True),
        ("HTTP://Example.com/a", True),
        ("http://172.32.0.1", True),
        ("http://8.8.8.8/", True),
        ("http://172.31.255.1:80", False),
        ("http://192.168.1.1", False),
        ("http://127.0.0.1:3000", False),
        ("http://[::1]:3000", False),
        ("http://grafana", False),
        ("http://shop.prod.svc.cluster.local", False),
        ("http://${HOST}/", False),
        ("https://example.com/?next=http://example.com", False),
    ],
)
def test_which_links_go_over_the_open_network(text: str, is_open: bool) -> None:
    assert insecure_link.goes_over_the_net(text) is is_open


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ("curl -u admin:hunter2 https://example.com", 1),
        ("psql postgresql://shop:hunter2@db.example.com/shop", 1),
        ("kafka --sasl.password=letmein", 1),
        ('curl -H "Authorization: Bearer $token" https://example.com', 0),
        ('curl -H "X-Api-Key: ${API_KEY}" https://example.com', 0),
        ("psql postgresql://shop:{{ password }}@db.example.com/shop", 0),
        ("login --password your-password", 0),
        ("gcloud secrets versions access latest --secret=db-password", 0),
        ("kubectl annotate pod x credentials=rotated", 0),
        ("kubectl get secret shop -o jsonpath='{.data.password}'", 0),
        ("docker login --password-stdin", 0),
    ],
)
def test_which_commands_hold_a_secret(command: str, count: int) -> None:
    text = f"decision_tree:\n- action: Go on\n  id: go\n  run: >-\n    {command}\n"
    assert len(said(secret_in_file, text)) == count


@given(st.lists(st.sampled_from([text for text, _ in SECRETS] + HARMLESS), min_size=1, max_size=3).map("\n".join))
def test_all_that_is_redacted_is_looked_at(text: str) -> None:
    assert may_hold_one(text) or redact(text) == text


def test_a_secret_is_not_repeated() -> None:
    text = 'links: [{url: "https://shop:hunter2@example.com"}]'
    found = list(secret_in_file.check(subject(text)))
    assert [one.route for one in found] == [("links", 0, "url")]
    assert "hunter2" not in found[0].message + found[0].hint


@pytest.mark.parametrize(("environment", "count"), [(None, 0), ({}, 1), ({"A": ""}, 1), ({"A": "https://a"}, 0)])
def test_a_variable_is_set_when_it_says_something(environment: dict[str, str] | None, count: int) -> None:
    text = 'sources: {prometheus: {url: "${A}/x?${A}"}}'
    assert len(said(unset_environment, text, environment=environment)) == count


@pytest.mark.rule("P-FIT-2")
@pytest.mark.parametrize("rule", [no_on_call, nobody_paged, same_person_ic_and_comms])
def test_a_light_process_pages_nobody(rule: Rule) -> None:
    page = "" if rule is nobody_paged else "on-call"
    people = "people: {comms-lead: {name: A}, ic-backup: {name: A}}"
    text = f"severity: {{S1: {{meaning: down, page: [{page}]}}}}\n{people}\n"
    assert said(rule, f"{text}process: full")
    assert not said(rule, f"{text}process: light")


@pytest.mark.parametrize(
    ("way", "where", "is_wrong"),
    [
        ("email", "a@b", False),
        ("email", "@a", True),
        ("phone", "110", False),
        ("phone", "x12", True),
        ("slack", "x", False),
    ],
)
def test_which_ways_reach_somebody(way: str, where: str, is_wrong: bool) -> None:
    assert bool(unreachable_person.what_is_wrong(way, where)) is is_wrong


@pytest.mark.rule("P-COMMS-1")
@pytest.mark.parametrize(
    ("cadences", "count"),
    [
        (("30 min", "60 min"), 0),
        (("31 min", "60 min"), 1),
        (("30 min", "61 min"), 1),
        (("1 min", "1 h", "8 h"), 0),
        (("",), 1),
    ],
)
def test_how_slow_updates_may_be(cadences: Sequence[str], count: int) -> None:
    levels = "".join(f"  S{n}: {{meaning: x, update_every: {cadence}}}\n" for n, cadence in enumerate(cadences))
    assert len(said(cadence_too_slow, f"severity:\n{levels}")) == count


@pytest.mark.rule("P-SEV-5")
@pytest.mark.parametrize(
    ("higher", "lower", "gap", "order"),
    [
        ("x > 5", "x >= 2", 0, 0),
        ("x < 5", "x <= 8", 0, 0),
        ("x > 5", "x > 5", 0, 1),
        ("x > 5", "x >= 5", 0, 1),
        ("x > 5", "x > 6", 0, 1),
        ("x < 5", "x < 4", 0, 1),
        ("x > 5", "x < 5", 1, 0),
        ("x > 5", "x <= 5", 1, 0),
        ("x > 5", "x < 6", 1, 0),
        ("x > 5", "x < 4", 0, 0),
        ("error_rate > 5%", "error_rate < 4%", 1, 0),
        ("x > 5x baseline", "x >= 3x baseline", 0, 0),
        ("x > 5x baseline", "x >= 11", 0, 1),
        ("y > 5x baseline", "y >= 11", 0, 0),
        ("y > 5x baseline", "y >= 6x baseline", 0, 1),
        ("x > 5", "y > 6", 0, 0),
        ("slow", "Slow", 0, 1),
        ("x", "x", 0, 1),
        ("x", "x > 5", 0, 0),
    ],
)
def test_which_numbers_of_two_levels_fit(higher: str, lower: str, gap: int, order: int) -> None:
    signals = "signals: {x: {baseline: 2}, y: {unit: s}, error_rate: {unit: ratio}}\n"
    levels = f"severity:\n  S1: {{meaning: a, when: [{higher}]}}\n  S2: {{meaning: b, when: [{lower}]}}\n"
    text = signals + levels
    assert (len(said(severity_gap, text)), len(said(severity_order, text))) == (gap, order)


def test_a_finding_about_two_levels_stands_on_the_one_that_was_written() -> None:
    text = "signals: {error_rate: {unit: ratio}}\nseverity: {P1: {when: [error_rate > 0.1%]}}"
    assert [found.route for found in severity_order.check(subject(text))] == [("severity", "P1", "when", 0)]
