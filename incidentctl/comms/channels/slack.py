"""Slack: an update is a message in a channel, as plain text, and Slack's `ts` is the receipt.

Keys: `slack.channel`, a public channel's name or any channel's id.  The app's bot needs the scope `chat:write`; to tell
after a crash whether a message is there, `channels:history` (`groups:history` in private channels) and, as long as the
channel's id is not known, `channels:read`; to open a channel, `channels:manage` and `channels:join`.

https://docs.slack.dev/reference/methods/chat.postMessage, .../conversations.history, .../conversations.list,
.../conversations.create, .../conversations.join, .../conversations.setTopic
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from incidentctl.comms.channels.api import Api, Call, until
from incidentctl.comms.channels.interface import Post, Receipt, Unsent
from incidentctl.comms.channels.slack_api import Declined, Object, called, page, slack
from incidentctl.text.escape import clean, one_line
from incidentctl.text.foreign import mapping, mappings, text

LONGEST: Final = 40_000
"""Characters, after escaping; Slack cuts a longer text off."""
_LONGEST_NAME: Final = 80
_LONGEST_TOPIC: Final = 250
_EVENT: Final = "incidentctl_update"
_PAGE: Final = 200  # "We recommend no more than 200 results at a time"
_PAGES: Final = 5
_CHANNELS: Final = 999  # the most that conversations.list gives at once
_ID: Final = re.compile(r"[CGD][A-Z0-9]{7,20}")
_TS: Final = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}")


class SlackChannel:
    """One channel of one workspace."""

    def __init__(self, values: Mapping[str, str], environ: Mapping[str, str]) -> None:
        """Raises Unsent without a channel or a token."""
        self._channel = values.get("channel", "").strip()
        if not self._channel:
            raise Unsent("the runbook names no Slack channel", 'Write it as `slack: {channel: "#incidents"}`.')
        self.name = f"Slack {one_line(self._channel, _LONGEST_NAME)}"
        self._api = slack(environ)

    async def send(self, post: Post, *, seconds: float) -> Receipt:
        """Post it; where Slack wants rest first, that is waited for if it ends in time."""
        payload = {
            "channel": post.thread or self._channel,
            "text": message(post.text),
            "mrkdwn": False,  # `*`, `_` and the like stay what they are
            "link_names": False,
            "unfurl_links": False,  # what is said is what was confirmed, without a preview of another page
            "unfurl_media": False,
            # A `client_msg_id` is named by two errors and documented nowhere; metadata is, and can be read back.
            "metadata": {"event_type": _EVENT, "event_payload": {"incident": post.incident, "key": post.key}},
        }
        said = await self._called(_does("chat.postMessage", payload), until(seconds))
        return self._receipt(said.get("ts"), said.get("channel"))

    async def find(self, post: Post, *, seconds: float) -> Receipt | None:
        """Look for the key of the post among the messages since the incident began, at most 1,000."""
        deadline = until(seconds)
        channel = post.thread or await self._id(deadline)
        query = {"channel": channel, "limit": str(_PAGE), "include_all_metadata": "true", **_since(post.incident)}
        for _ in range(_PAGES):
            said = await self._called(_asks("conversations.history", query), deadline)
            for one in mappings(said.get("messages")):
                if _key(one) == post.key:
                    return self._receipt(one.get("ts"), channel)
            query = {**query, "cursor": _cursor(said)}
            if not query["cursor"]:
                return None
        raise Unsent(f"{self.name} has more messages than are looked through", "Look there yourself.")

    async def _called(self, call: Call, deadline: float) -> Object:
        return await called(self._api, call, deadline, about=self._channel)

    async def _id(self, deadline: float) -> str:
        if _ID.fullmatch(self._channel):
            return self._channel
        found = await _channel_named(self._api, self._channel.removeprefix("#"), deadline)
        if not found:
            raise Unsent(f"the app sees no {one_line(self._channel, _LONGEST_NAME)}", "Look there yourself.")
        return found

    def _receipt(self, ts: object, channel: object) -> Receipt:
        if not _TS.fullmatch(text(ts)):
            raise Unsent("Slack has the text, but gave it no id", "Look into the channel.", perhaps=True)
        known = text(channel) if _ID.fullmatch(text(channel)) else ""
        return Receipt(text(ts), page(self._api, known) if known else "", known)


# --- channels ----------------------------------------------------------------------------------------------


async def open_channel(name: str, environ: Mapping[str, str], *, seconds: float) -> str:
    """The id of the public channel `name`, made now, or joined where there is one already.  Raises Unsent."""
    deadline, api, named = until(seconds), slack(environ), channel_name(name)
    shown = f"#{named}"
    try:
        said = await called(api, _does("conversations.create", {"name": named}), deadline, about=shown)
    except Declined as error:
        if error.word != "name_taken":
            raise
        found = await _channel_named(api, named, deadline)
        if not found:
            hint = "Choose another name, or invite the app there."
            raise Unsent(f"there is a {shown} already, which the app cannot see", hint) from error
        said = await called(api, _does("conversations.join", {"channel": found}), deadline, about=shown)
    made = text(mapping(said.get("channel")).get("id"))
    if not _ID.fullmatch(made):
        raise Unsent(f"Slack opened {shown}, but gave it no id", "Look for it there.", perhaps=True)
    return made


async def set_topic(channel: str, topic: str, environ: Mapping[str, str], *, seconds: float) -> None:
    """Put `topic` at the head of a channel, by its id; what is over 250 characters is cut.  Raises Unsent."""
    width = _LONGEST_TOPIC
    while len(line := escaped(one_line(topic, width))) > _LONGEST_TOPIC:
        width -= 1
    call = _does("conversations.setTopic", {"channel": channel, "topic": line})
    await called(slack(environ), call, until(seconds), about=channel)


def channel_name(title: str) -> str:
    """`title` as a channel may be called: lower case, digits, `-` and `_`, at most 80.  Raises Unsent for nothing left.

    https://docs.slack.dev/reference/methods/conversations.create#naming
    """
    name = re.sub(r"[^\w-]+", "-", clean(title).lower()).strip("-")[:_LONGEST_NAME].rstrip("-")
    if not name.strip("-_"):
        raise Unsent(f"`{one_line(title, 40)}` is no name for a channel", "Use letters, digits and hyphens.")
    return name


async def _channel_named(api: Api, name: str, deadline: float) -> str:
    """The id of a public channel; nothing where there is none, or too many channels to look through."""
    query = {"limit": str(_CHANNELS), "types": "public_channel"}
    for _ in range(_PAGES):
        said = await called(api, _asks("conversations.list", query), deadline, about=f"#{name}")
        for one in mappings(said.get("channels")):
            if one.get("name") == name and _ID.fullmatch(text(one.get("id"))):
                return text(one.get("id"))
        query = {**query, "cursor": _cursor(said)}
        if not query["cursor"]:
            break
    return ""


# --- texts -------------------------------------------------------------------------------------------------


def message(words: str) -> str:
    """`words` so that Slack shows them as they are: nobody is called (`<!channel>`), nothing hides behind a link.

    Raises Unsent where there is nothing left, or too much.
    """
    plain = escaped(clean(words, lines=True))
    if not plain.strip():
        raise Unsent("there is no text to send")
    if len(plain) > LONGEST:
        raise Unsent(f"the text has {len(plain):,} characters, and Slack takes {LONGEST:,}", "Shorten it.")
    return plain


def escaped(words: str) -> str:
    """The three characters that Slack reads as its own (https://docs.slack.dev/messaging/formatting-message-text)."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- calls and answers -------------------------------------------------------------------------------------


def _does(method: str, payload: Object) -> Call:
    return Call("POST", f"/{method}", method, payload)


def _asks(method: str, query: Mapping[str, str]) -> Call:
    return Call("GET", f"/{method}", method, query=list(query.items()))


def _key(message: Object) -> str:
    metadata = mapping(message.get("metadata"))
    if metadata.get("event_type") != _EVENT:
        return ""
    return text(mapping(metadata.get("event_payload")).get("key"))


def _since(incident: str) -> Mapping[str, str]:
    """What is older than the incident, by the moment in its id, is not asked for; a day less, as clocks differ."""
    try:
        began = datetime.strptime(incident[:13], "%Y%m%d-%H%M").replace(tzinfo=UTC)
    except ValueError:
        return {}
    return {"oldest": f"{int((began - timedelta(days=1)).timestamp())}.000000"}


def _cursor(said: Object) -> str:
    """Where the next page begins; nothing after the last."""
    return text(mapping(said.get("response_metadata")).get("next_cursor"))
