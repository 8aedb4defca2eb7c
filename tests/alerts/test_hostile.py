"""A notification may hold anything: it never stops a start, never brings an escape sequence, never a secret."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.read import MAX_BYTES, MAX_DEPTH, read_alert
from incidentctl.alerts.receipt import received
from incidentctl.incident.plain import plain
from incidentctl.text.redact import redact
from tests.alerts.bodies import BODIES, Body, alertmanager, am_alert, as_bytes
from tests.strategies import JSON

CANARY = "hunter2canary"
KEYS = sorted({key for body in BODIES.values() for key in (*body, *body.get("data", {}), *body.get("event", {}))})


def texts(alert: Alert) -> list[str]:
    """Every text that an alert brings along."""
    pairs = [(one.name, one.value) for one in alert.labels] + [(one.title, one.url) for one in alert.links]
    alone = [alert.source, alert.title, *alert.names, *alert.service_hints, alert.severity_hint, *alert.rows]
    return [*alone, *alert.warnings, *(text for pair in pairs for text in pair)]


def is_harmless(alert: Alert) -> bool:
    """Every text is one printable line of bounded length, and every link opens in a browser and is no template."""
    return (
        all("a bug" not in warning for warning in alert.warnings)
        and all(text.isprintable() and len(text) <= 4000 for text in texts(alert))
        and all(
            link.url.startswith(("http://", "https://")) and "{" not in link.url and " " not in link.url
            for link in alert.links
        )
    )


# --- unreadable --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "It is empty."),
        (b"{bad", "It is no JSON (Expecting property name"),
        (b"\xff\xfe\x00", "It is no JSON"),
        (b"[1, 2]", "It is none of the kinds that are known: Alertmanager, Grafana,"),
        (b"[]", "It is none of the kinds"),
        (b'"text"', "It is JSON, and no object."),
        (b'{"kind": "other"}', "It is none of the kinds"),
        (b"[" * 100_000, f"It is nested deeper than {MAX_DEPTH} levels."),
        (b'{"alerts":' + b"[" * 60 + b"]" * 60 + b"}", f"It is nested deeper than {MAX_DEPTH} levels."),
        (b" " * (MAX_BYTES + 1), "It is larger than 1 MB."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_becomes_a_title_and_a_warning(data: bytes, why: str) -> None:
    alert = read_alert(data, "page.json")
    assert alert.title == "Unreadable alert from page.json"
    assert alert.warnings[0].startswith(f"Unreadable alert from page.json: {why}")
    assert (alert.names, alert.fired_at, alert.links) == ((), None, ())


def test_a_key_that_stands_twice_is_said() -> None:
    alert = read_alert(b'{"alerts": [{"labels": {"service": "a", "service": "b"}}]}', "x")
    assert alert.service_hints == ("b",)
    assert alert.warnings == ("`service` stands twice in one object of it; the last one counts.",)


def test_what_json_itself_forbids_and_python_takes_is_as_good_as_nothing() -> None:
    data = b'{"alerts": [{"labels": {"service": NaN, "a": -Infinity, "b": 1e999, "c": ' + b"9" * 5000 + b', "d": 7}}]}'
    assert [(label.name, label.value) for label in read_alert(data, "x").labels] == [("d", "7")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-be"])
def test_the_encodings_of_json_are_read(encoding: str) -> None:
    alert = read_alert(json.dumps(alertmanager()).encode(encoding), "x")
    assert alert.names == ("CheckoutErrors",)


# --- moments -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "fired"),
    [
        ("2026-11-23T03:08:11.2071234567Z", "2026-11-23T03:08:11.207000+00:00"),
        ("2026-11-23T05:08:11+02:00", "2026-11-23T03:08:11+00:00"),
        ("2026-11-23 03:08:11", "2026-11-23T03:08:11+00:00"),
        (1795403291, "2026-11-23T03:08:11+00:00"),
        ("1795403291000", "2026-11-23T03:08:11+00:00"),
        (1795403291000000000, "2026-11-23T03:08:11+00:00"),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("2026-11-23", None),
        ("soon", None),
        (-5, None),
        (True, None),
        ({"at": 3}, None),
    ],
)  # fmt: skip
def test_moments_are_read_as_they_are_written_or_not_at_all(starts: object, fired: str | None) -> None:
    alert = read_alert(as_bytes(alertmanager({**am_alert(), "startsAt": starts})), "x")
    assert (alert.fired_at.isoformat() if alert.fired_at else None) == fired


# --- addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("//host/x", None),
        ("?orgId=1", None),
        ("https://", None),
        ("http://[::1", None),
        (["https://x"], None),
        ("https://h/" + "x" * 3000, None),
        ("https://h/a b?q={{ opened_at }}&l={x}", "https://h/a%20b?q=%7B%7B%20opened_at%20%7D%7D&l=%7Bx%7D"),
        ("https://h/\x1b]0;x\x07y\u202ez", "https://h/yz"),
        ("https://user:s3cret@h/x", "https://user:<redacted>@h/x"),
        ("https://h/x?api_key=abc123def&y=1", "https://h/x?api_key=<redacted>&y=1"),
        (" HTTPS://h/ü ", "HTTPS://h/%C3%BC"),
    ],
)  # fmt: skip
def test_an_address_is_http_encoded_and_without_secrets_or_left_out(value: object, url: str | None) -> None:
    one = {**am_alert(), "annotations": {"dashboard": value}, "generatorURL": ""}
    links = read_alert(as_bytes(alertmanager(one, externalURL="")), "x").links
    assert [link.url for link in links] == ([url] if url else [])


# --- anything at all ---------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    assert is_harmless(read_alert(data, "x"))


SHAPED: Any = st.recursive(
    JSON | st.sampled_from(["resolved", "https://h/{{x}}", "2026-11-23T03:08:11Z", "\x1b[31mred", "a: b"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*KEYS, "labels", "annotations", "alertname", "summary", "tags"]), inner, max_size=6
        )
    ),
    max_leaves=12,
)


@given(SHAPED)
def test_no_tree_is_too_strange(tree: object) -> None:
    assert is_harmless(read_alert(as_bytes(tree), "x"))


@given(st.sampled_from(sorted(BODIES)), st.data())
def test_a_wrong_value_in_any_field_is_as_good_as_none(name: str, data: st.DataObject) -> None:
    body = json.loads(json.dumps(BODIES[name]))
    where = data.draw(st.sampled_from(list(_places(body))))
    _put(body, where, data.draw(SHAPED))
    assert is_harmless(read_alert(as_bytes(body), "x"))


def _places(tree: Any, way: tuple[Any, ...] = ()) -> Any:  # noqa: ANN401 - JSON
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield (*way, key)
        yield from _places(value, (*way, key))


def _at(tree: Any, way: tuple[Any, ...]) -> Any:  # noqa: ANN401 - JSON
    for key in way:
        tree = tree[key]
    return tree


def _put(tree: Any, way: tuple[Any, ...], value: object) -> None:  # noqa: ANN401 - JSON
    _at(tree, way[:-1])[way[-1]] = value


# --- secrets -----------------------------------------------------------------------------------------------


def with_secret(body: Body, where: tuple[Any, ...], secret: object) -> Body:
    copied: Body = json.loads(json.dumps(body))
    _put(copied, where, secret)
    return copied


SECRETS = (
    f"password={CANARY}",
    f"connect with postgres://app:{CANARY}@db/x failed",
    f"Authorization: Bearer {CANARY}0123456789",
    f"first line\napi_key: {CANARY}\nlast line",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("alertmanager", ("alerts", 0, "annotations", "summary")),
        ("alertmanager", ("alerts", 0, "annotations", "description")),
        ("alertmanager", ("alerts", 0, "labels", "instance")),
        ("alertmanager", ("alerts", 0, "labels", "alertname")),
        ("alertmanager", ("alerts", 0, "labels", "service")),
        ("grafana", ("alerts", 0, "valueString")),
        ("pagerduty", ("event", "data", "title")),
        ("opsgenie", ("alert", "description")),
        ("datadog", ("body",)),
        ("datadog", ("title",)),
        ("sentry", ("data", "event", "title")),
    ],
)  # fmt: skip
def test_a_secret_in_a_text_never_becomes_part_of_the_alert(name: str, where: tuple[Any, ...], secret: str) -> None:
    alert = read_alert(as_bytes(with_secret(BODIES[name], where, secret)), "x")
    assert CANARY not in " ".join(texts(alert))


@pytest.mark.parametrize("label", ["password", "api_key", "auth-token", "client_secret"])
def test_a_label_that_is_named_like_a_secret_is_one(label: str) -> None:
    for alert in (
        read_alert(as_bytes(alertmanager(am_alert(service="checkout", **{label: CANARY}))), "x"),
        read_alert(as_bytes(with_secret(BODIES["opsgenie"], ("alert", "details"), {label: CANARY})), "x"),
        read_alert(as_bytes(with_secret(BODIES["datadog"], ("tags",), f"{label}:{CANARY}")), "x"),
    ):
        assert CANARY not in " ".join(texts(alert))


def test_a_secret_in_a_row_of_a_group_is_hidden() -> None:
    two = [am_alert(service="checkout", instance=name, token=CANARY + name) for name in ("a", "b")]
    assert CANARY not in " ".join(texts(read_alert(as_bytes(alertmanager(*two)), "x")))


def test_a_secret_that_the_limit_would_cut_in_half_is_left_out_whole() -> None:
    token = "ghp_" + "a1B2" * 10
    summary = " " * 3985 + token
    assert "ghp_" not in " ".join(
        texts(read_alert(as_bytes(with_secret(BODIES["datadog"], ("title",), "x" + summary)), "x"))
    )


@given(SHAPED)
def test_what_is_read_holds_nothing_that_would_be_redacted_again(tree: object) -> None:
    for text in texts(read_alert(as_bytes(tree), "x")):
        assert redact(text) == text


@pytest.mark.parametrize("text", [" ", "x", "://:", "a b ", "\x1b]", "password: ", "\n", "[", "\u0300"])
@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_text_that_never_ends_is_cut(name: str, text: str) -> None:
    body = json.loads(json.dumps(BODIES[name]))
    for key in ("title", "summary", "message", "dashboard", "service"):
        for where in list(_places(body)):
            if where[-1] == key and isinstance(_at(body, where), str):
                _put(body, where, text * 15_000)
    alert = read_alert(as_bytes(body), "x")
    assert alert.source
    assert is_harmless(alert)


def test_a_megabyte_is_read_in_bounded_time() -> None:
    one = {**am_alert(), "labels": {"alertname": "A", **{f"l{n}": "token: x" * 20 for n in range(60)}}}
    data = as_bytes(alertmanager(*[one] * 70))
    assert len(data) < MAX_BYTES
    begun = time.process_time()
    read_alert(data, "x")
    assert time.process_time() - begun < 5


def test_the_event_of_an_alert_is_plain_data() -> None:
    event = received(read_alert(as_bytes(alertmanager()), "x"), datetime(2026, 11, 23, 3, 12, tzinfo=UTC))
    assert json.loads(json.dumps(plain(event))) == plain(event)
