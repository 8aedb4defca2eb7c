"""Slack, against a workspace that holds to what Slack publishes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import monotonic

import pytest

from incidentctl.comms.channels.interface import Unsent
from incidentctl.comms.channels.slack import SlackChannel, channel_name, open_channel, set_topic
from tests.comms.channels.posts import TEXT, everything, found, post, sent, unsent
from tests.servers.answering import Answered
from tests.servers.slack import TOKEN, Channel, Slack, slack

VALUES = {"channel": "#incidents"}


@pytest.fixture
def workspace() -> Iterator[Slack]:
    with slack() as server:
        yield server


@pytest.fixture
def incidents(workspace: Slack) -> Channel:
    return workspace.channel("incidents")


def app(workspace: Slack, channel: str = "#incidents") -> SlackChannel:
    return SlackChannel({"channel": channel}, workspace.environ)


# --- sent --------------------------------------------------------------------------------------------------


def test_a_text_is_a_message_and_its_ts_is_the_receipt(workspace: Slack, incidents: Channel) -> None:
    channel = app(workspace)
    receipt = sent(channel, post())
    assert channel.name == "Slack #incidents"
    assert [one["text"] for one in incidents.messages] == [TEXT]
    assert receipt.id == incidents.messages[0]["ts"]
    assert receipt.thread == incidents.id
    assert receipt.url.endswith(f"/app_redirect?channel={incidents.id}")


def test_later_posts_go_to_the_same_channel_whatever_it_is_called_by_then(workspace: Slack, incidents: Channel) -> None:
    thread = sent(app(workspace), post()).thread
    incidents.name = "incidents-old"
    workspace.channel("incidents")
    sent(app(workspace), post("Fixed.", key="abc.2.customers", thread=thread))
    assert [one["text"] for one in incidents.messages] == ["Fixed.", TEXT]


def test_a_private_channel_is_named_by_its_id(workspace: Slack) -> None:
    secret = workspace.channel("board", private=True)
    assert sent(app(workspace, secret.id), post()).thread == secret.id
    assert "no #board that the app can see" in unsent(app(workspace, "#board"), post()).message


# --- hostile texts -----------------------------------------------------------------------------------------


def test_nobody_is_called_and_nothing_hides_behind_a_link(workspace: Slack, incidents: Channel) -> None:
    text = "<!channel> <!here> <@U012AB3CD> <https://evil.example|status page> a & b &lt; @here *bold* _it_ `x`"
    sent(app(workspace), post(text))
    assert workspace.called == []
    told = incidents.messages[0]["text"]
    assert told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text
    assert workspace.asked[0].arguments["mrkdwn"] is False
    assert workspace.asked[0].arguments["link_names"] is False


def test_an_address_stays_what_it_is(workspace: Slack, incidents: Channel) -> None:
    sent(app(workspace), post("More on https://status.example.com/i/7?a=1&b=2"))
    assert incidents.messages[0]["text"] == "More on https://status.example.com/i/7?a=1&amp;b=2"


def test_control_characters_are_not_sent(workspace: Slack, incidents: Channel) -> None:
    sent(app(workspace), post("Slow\x1b]0;owned\x07 \x1b[31mred\x1b[0m\x00\u202egnp.exe\nSecond line\tkept \ud800"))
    assert incidents.messages[0]["text"] == "Slow redgnp.exe\nSecond line\tkept ?"


def test_what_slack_would_cut_off_is_not_sent(workspace: Slack, incidents: Channel) -> None:
    sent(app(workspace), post("x" * 40_000))
    assert len(incidents.messages[0]["text"]) == 40_000
    error = unsent(app(workspace), post("x" * 39_997 + "<"))
    assert "40,001 characters" in error.message
    assert not error.perhaps
    assert len(incidents.messages) == 1


def test_no_text_is_not_sent(workspace: Slack, incidents: Channel) -> None:
    assert "no text" in unsent(app(workspace), post(" \x1b[0m\n")).message
    assert workspace.asked == []


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "message", "hint"),
    [
        ({"joined": False}, "the app is not in #incidents (not_in_channel)", "/invite"),
        ({"archived": True}, "#incidents is archived (is_archived)", "Unarchive"),
        ({"read_only": True}, "does not let the app do this in #incidents", "administrator"),
    ],
)
def test_why_a_channel_does_not_take_it(workspace: Slack, how: dict[str, bool], message: str, hint: str) -> None:
    workspace.channel("incidents", **how)
    error = unsent(app(workspace), post())
    assert message in error.message
    assert hint in error.hint
    assert not error.perhaps


def test_a_channel_that_is_not_there_is_named(workspace: Slack) -> None:
    assert unsent(app(workspace), post()).message == "Slack has no #incidents that the app can see (channel_not_found)"


def test_a_scope_that_is_missing_is_named(workspace: Slack, incidents: Channel) -> None:
    workspace.scopes.remove("chat:write")
    assert unsent(app(workspace), post()).message == "the Slack app lacks the scope `chat:write`"


def test_a_token_that_is_not_accepted_is_named_and_not_shown(workspace: Slack, incidents: Channel) -> None:
    workspace.token = "xoxb-another"  # noqa: S105 - nobody's
    error = unsent(app(workspace), post())
    assert error.message == "Slack does not accept SLACK_BOT_TOKEN (invalid_auth)"
    assert TOKEN not in everything(error)


@pytest.mark.parametrize(
    ("word", "message", "perhaps"),
    [
        ("msg_too_long", "the text is too long for Slack (msg_too_long)", False),
        ("rate_limited", "Slack was asked too often (rate_limited)", False),
        ("fatal_error", "Slack failed, and may have done it all the same (fatal_error)", True),
        ("a_new_word", "Slack refused (a_new_word)", False),
        (f"echo {TOKEN}", "Slack refused", False),
        ("\x1b[31m[red]", "Slack refused", False),
    ],
)
def test_slacks_own_words(workspace: Slack, incidents: Channel, word: str, message: str, *, perhaps: bool) -> None:
    workspace.answers.append(Answered(200, {"ok": False, "error": word}))
    error = unsent(app(workspace), post())
    assert error.message == message
    assert error.perhaps is perhaps


def test_without_a_token_or_a_channel_there_is_no_channel() -> None:
    with pytest.raises(Unsent, match="SLACK_BOT_TOKEN is not set"):
        SlackChannel(VALUES, {})
    with pytest.raises(Unsent, match="SLACK_BOT_TOKEN holds"):
        SlackChannel(VALUES, {"SLACK_BOT_TOKEN": "xoxb 1\n2"})
    with pytest.raises(Unsent, match="names no Slack channel"):
        SlackChannel({}, {"SLACK_BOT_TOKEN": TOKEN})


# --- trouble -----------------------------------------------------------------------------------------------


LIMITED = Answered(429, {"ok": False, "error": "ratelimited"}, {"retry-after": "1"})


def test_a_rest_that_fits_is_taken_and_the_text_goes_out_once(workspace: Slack, incidents: Channel) -> None:
    workspace.answers.append(LIMITED)
    assert sent(app(workspace), post()).id == incidents.messages[0]["ts"]
    assert len(incidents.messages) == 1


def test_a_rest_that_does_not_fit_is_said_at_once(workspace: Slack, incidents: Channel) -> None:
    workspace.answers.append(Answered(429, {"ok": False, "error": "ratelimited"}, {"retry-after": "30"}))
    before = monotonic()
    error = unsent(app(workspace), post())
    assert monotonic() - before < 5
    assert "30 s of rest" in error.message
    assert not error.perhaps
    assert incidents.messages == []


@pytest.mark.parametrize(
    "answer",
    [
        Answered(500, {"ok": False, "error": "internal_error"}),
        Answered(502, "bad gateway"),
        Answered(200, ["not", "an", "object"]),
        Answered(200, {"ok": "yes"}),
        Answered(200, {"ok": True, "channel": "C000000000"}),
        b"<html><h1>Sign in to the hotel's network</h1></html>",
        b"",
    ],
)
def test_what_nobody_can_read_may_have_gone_out(workspace: Slack, incidents: Channel, answer: Answered | bytes) -> None:
    workspace.answers.append(answer)
    error = unsent(app(workspace), post())
    assert error.perhaps
    assert error.message
    assert "<" not in error.message


def test_after_silence_it_is_looked_for_and_found(workspace: Slack, incidents: Channel) -> None:
    workspace.swallowed = True
    error = unsent(app(workspace), post(), seconds=2)
    assert error.perhaps
    assert "did not answer within" in error.message
    workspace.swallowed = False
    receipt = found(app(workspace), post())
    assert receipt is not None
    assert receipt.id == incidents.messages[0]["ts"]
    assert receipt.thread == incidents.id
    assert found(app(workspace), post(key="abc.2.customers")) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 500])
def test_a_server_that_says_the_token_back_is_not_quoted(workspace: Slack, incidents: Channel, status: int) -> None:
    workspace.answers.append(Answered(status, {"ok": False, "error": f"bad token {TOKEN}", "needed": TOKEN}))
    error = unsent(app(workspace), post())
    assert str(status) in error.message
    assert TOKEN not in everything(error) + error.hint
    workspace.answers.append(Answered(200, {"ok": False, "error": "missing_scope", "needed": f"{TOKEN}:write"}))
    assert unsent(app(workspace), post()).message == "the Slack app lacks a scope"


def test_nobody_there_is_not_perhaps() -> None:
    with slack() as gone:
        channel = app(gone)
    error = unsent(channel, post())
    assert not error.perhaps
    assert "refused the connection" in error.message
    assert TOKEN not in everything(error)


# --- found -------------------------------------------------------------------------------------------------


def test_all_pages_are_looked_through(workspace: Slack, incidents: Channel) -> None:
    sent(app(workspace), post())
    for number in range(9):
        workspace.say(incidents, f"me too {number}")
    workspace.longest_page = 3
    receipt = found(app(workspace), post(thread=incidents.id))
    assert receipt is not None
    assert receipt.id == incidents.messages[-1]["ts"]


def test_beyond_the_last_page_that_is_asked_for_nobody_can_tell(workspace: Slack, incidents: Channel) -> None:
    for number in range(30):
        workspace.say(incidents, f"me too {number}")
    workspace.longest_page = 3
    with pytest.raises(Unsent, match="more messages than"):
        found(app(workspace), post())


def test_what_is_older_than_the_incident_is_not_asked_for(workspace: Slack, incidents: Channel) -> None:
    incidents.messages = [{"type": "message", "text": "old", "ts": f"1700000000.{n:06}"} for n in range(30)]
    workspace.longest_page = 3
    assert found(app(workspace), post()) is None


def test_the_same_words_of_somebody_else_are_not_ours(workspace: Slack, incidents: Channel) -> None:
    workspace.say(incidents, TEXT)
    workspace.say(incidents, TEXT, {"event_type": "other_app", "event_payload": {"key": post().key}})
    assert found(app(workspace), post()) is None


def test_without_the_scope_to_look_nobody_can_tell(workspace: Slack, incidents: Channel) -> None:
    workspace.scopes -= {"channels:history"}
    with pytest.raises(Unsent, match="channels:history") as caught:
        found(app(workspace), post())
    assert not caught.value.perhaps


def test_a_channel_that_is_not_seen_cannot_be_looked_through(workspace: Slack) -> None:
    with pytest.raises(Unsent, match="sees no #incidents"):
        found(app(workspace), post())


# --- channels of incidents ---------------------------------------------------------------------------------


def opened(workspace: Slack, name: str) -> str:
    return asyncio.run(open_channel(name, workspace.environ, seconds=10))


def test_a_channel_is_opened_and_given_a_topic(workspace: Slack) -> None:
    made = opened(workspace, "Incident 20261123-0312")
    asyncio.run(set_topic(made, "P1 <!here> checkout & more\n" + "é" * 300, workspace.environ, seconds=10))
    channel = workspace.channels[0]
    assert (channel.id, channel.name) == (made, "incident-20261123-0312")
    assert channel.topic.startswith("P1 &lt;!here&gt; checkout &amp; more é")
    assert 240 < len(channel.topic) <= 250


def test_one_that_is_there_is_joined(workspace: Slack) -> None:
    for number in range(20):
        workspace.channel(f"other-{number}")
    there = workspace.channel("incident-1", joined=False)
    workspace.longest_page = 6
    assert opened(workspace, "incident-1") == there.id
    assert there.joined


@pytest.mark.parametrize(
    ("how", "said"), [({"private": True}, "which the app cannot see"), ({"archived": True}, "is archived")]
)
def test_one_that_cannot_be_joined_is_said(workspace: Slack, how: dict[str, bool], said: str) -> None:
    workspace.channel("incident-1", joined=False, **how)
    with pytest.raises(Unsent, match=said):
        opened(workspace, "incident-1")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("#Incident: Kasse / Zahlung hängt!", "incident-kasse-zahlung-hängt"),
        ("incident_1", "incident_1"),
        ("A" * 79 + " b", "a" * 79),
        ("\x1b[31mred\x1b[0m", "red"),
    ],
)
def test_names_are_made_to_fit(title: str, name: str) -> None:
    assert channel_name(title) == name


def test_nothing_is_no_name() -> None:
    with pytest.raises(Unsent, match="no name for a channel"):
        channel_name("!!! _")
