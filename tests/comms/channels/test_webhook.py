"""A webhook takes one signed POST; what it takes twice it can tell by the key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest

from incidentctl.clock import SystemClock
from incidentctl.comms.channels.interface import Unsent
from incidentctl.comms.channels.webhook import WebhookChannel
from tests.comms.channels.posts import everything, found, post, sent, unsent
from tests.servers.recording import Answer, Asked, Recorder, recording
from tests.tty.screen import ROOT

SECRET = "canary-of-the-webhook"  # noqa: S105 - a canary
NOW = datetime(2026, 11, 23, 3, 12, 7, 250_000, tzinfo=UTC)
PASSWORD = "canary-of-the-header"  # noqa: S105 - a canary
ENVIRON = {"INCIDENTCTL_WEBHOOK_SECRET": SECRET, "HOOK_PASSWORD": PASSWORD}


class StoodStill(SystemClock):
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def server() -> Iterator[Recorder]:
    with recording() as there:
        yield there


def hook(server: Recorder, **values: str) -> WebhookChannel:
    given = {"url": f"{server.url}updates/canary-in-the-path", **values}
    return WebhookChannel(given, ENVIRON, StoodStill())


def shown(kind: str) -> str:
    """The one block of a kind in docs/channels.md."""
    [block] = re.findall(rf"```{kind}\n(.*?)```", (ROOT / "docs/channels.md").read_text(), re.DOTALL)
    return str(block)


def receiver() -> Callable[[Asked, datetime], bool]:
    """The one that docs/channels.md shows."""
    page: dict[str, Any] = {}
    exec(shown("python"), page)  # noqa: S102 - our own page
    seen: set[str] = set()

    def accepted(asked: Asked, now: datetime) -> bool:
        signature, key = asked.headers["x-incidentctl-signature"], asked.headers["idempotency-key"]
        return bool(page["accepted"](SECRET.encode(), signature, asked.body, now.timestamp(), seen, key))

    return accepted


def test_an_update_is_one_post(server: Recorder) -> None:
    channel = hook(server)
    receipt = sent(channel, post("Checkout hängt.\nMore at 03:42 UTC."))
    assert channel.name == f"webhook at {server.url.split('/')[2]}"
    assert receipt.id == "abc.1.customers"
    [asked] = server.asked
    assert asked.method == "POST"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["idempotency-key"] == "abc.1.customers"
    assert json.loads(asked.body) == {
        "schema": "incidentctl/update/1", "incident": "20261123-0312-abc", "service": "checkout",
        "title": "Checkout is slow", "severity": "P1", "phase": "investigating", "audience": "customers",
        "text": "Checkout hängt.\nMore at 03:42 UTC.", "key": "abc.1.customers", "sent_at": "2026-11-23T03:12:07.250Z",
    }  # fmt: skip


def test_the_fields_are_those_that_are_promised(server: Recorder) -> None:
    sent(hook(server), post())
    assert json.loads(server.asked[0].body).keys() == json.loads(shown("json")).keys()


def test_the_signature_holds_for_this_body_and_this_moment(server: Recorder) -> None:
    sent(hook(server), post())
    [asked] = server.asked
    forged = {**asked.headers, "x-incidentctl-signature": "v1=0"}
    assert receiver()(asked, NOW + timedelta(minutes=4))
    assert not receiver()(asked, NOW + timedelta(minutes=6))
    assert not receiver()(Asked(asked.method, asked.headers, asked.body.replace(b"P1", b"P3")), NOW)
    assert not receiver()(Asked(asked.method, forged, asked.body), NOW)


def test_what_is_sent_twice_is_taken_once(server: Recorder) -> None:
    accepted = receiver()
    for key in ("abc.1.customers", "abc.1.customers", "abc.2.customers"):
        sent(hook(server), post(key=key))
    assert [accepted(asked, NOW) for asked in server.asked] == [True, False, True]


def test_headers_of_the_runbook_are_sent_and_ours_go_before(server: Recorder) -> None:
    values = {"headers.Authorization": "Bearer ${HOOK_PASSWORD}", "headers.Idempotency-Key": "always the same"}
    sent(hook(server, **values), post())
    [asked] = server.asked
    assert asked.headers["authorization"] == f"Bearer {PASSWORD}"
    assert asked.headers["idempotency-key"] == "abc.1.customers"


@pytest.mark.parametrize(
    ("body", "id_"),
    [
        (b'{"id": "msg-7"}', "msg-7"),
        (b'{"id": 7}', "7"),
        (b'{"id": true}', "abc.1.customers"),
        (b'{"id": "\\u001b[31m' + b"x" * 999 + b'"}', "x" * 199 + "…"),
        (b'{"id": "' + SECRET.encode() + b'"}', "abc.1.customers"),
        (b'{"id": "you said canary-of-the-header"}', "abc.1.customers"),
        (b"[]", "abc.1.customers"),
        (b"<html>", "abc.1.customers"),
    ],
)
def test_the_receipt_is_the_servers_id_or_the_key(server: Recorder, body: bytes, id_: str) -> None:
    server.answers.append(Answer(202, body))
    assert sent(hook(server, **{"headers.Authorization": "Bearer ${HOOK_PASSWORD}"}), post()).id == id_


@pytest.mark.parametrize(
    ("answer", "message", "perhaps"),
    [
        (Answer(400, b"canary-of-the-webhook"), "refused the update (400)", False),
        (Answer(401), "refused the update (401)", False),
        (Answer(302, headers={"location": "https://elsewhere.example/"}), "redirects elsewhere (302)", False),
        (Answer(500), "failed (500)", True),
        (Answer(429, headers={"retry-after": "60"}), "wants 1 min of rest (429)", False),
    ],
)
def test_everything_but_2xx_is_unsent(server: Recorder, answer: Answer, message: str, *, perhaps: bool) -> None:
    server.answers.append(answer)
    before = monotonic()
    error = unsent(hook(server), post())
    assert monotonic() - before < 5
    assert message in error.message
    assert error.perhaps is perhaps
    assert len(server.asked) == 1
    assert "canary" not in everything(error)


def test_a_rest_that_fits_is_taken(server: Recorder) -> None:
    server.answers.append(Answer(503, headers={"retry-after": "1"}))
    sent(hook(server), post())
    first, second = server.asked
    assert first == second


def test_nobody_there_is_not_perhaps() -> None:
    with recording() as gone:
        channel = hook(gone)
    error = unsent(channel, post())
    assert "refused the connection" in error.message
    assert not error.perhaps
    assert "canary" not in everything(error)


def test_nobody_can_tell_what_a_webhook_has(server: Recorder) -> None:
    with pytest.raises(Unsent, match="cannot say what it has"):
        found(hook(server), post())
    assert server.asked == []


def test_control_characters_are_not_sent(server: Recorder) -> None:
    sent(hook(server), post("a\x1b[31m\x00b\nc", title="t\x1b]0;x\x07\n"))
    told = json.loads(server.asked[0].body)
    assert (told["text"], told["title"]) == ("ab\nc", "t ")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "names no `url`"),
        ({"url": "ftp://canary"}, "no web address"),
        ({"url": "https://[canary"}, "no web address"),
        ({"url": "https://x/${CANARY_UNSET}"}, "CANARY_UNSET is not set"),
        ({"url": "https://x", "headers.Bad name": "1"}, "header `bad name`"),
        ({"url": "https://x", "headers.A": "canary\r\nHost: y"}, "header `a`"),
    ],
)
def test_what_cannot_be_sent_is_said_before(values: dict[str, str], message: str) -> None:
    with pytest.raises(Unsent, match=re.escape(message)) as caught:
        WebhookChannel(values, ENVIRON)
    assert "canary" not in everything(caught.value)


def test_without_a_secret_nothing_is_sent(server: Recorder) -> None:
    with pytest.raises(Unsent, match="INCIDENTCTL_WEBHOOK_SECRET is not set"):
        WebhookChannel({"url": server.url}, {})
