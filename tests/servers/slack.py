"""A Slack workspace as its Web API shows it to one app, which holds every request to what is published.

Requests: https://docs.slack.dev/apis/web-api (JSON or a query, `Authorization: Bearer`, `ok`, `error`)
Limits: https://docs.slack.dev/apis/web-api/rate-limits (429, `Retry-After`)
Methods: https://docs.slack.dev/reference/methods, for chat.postMessage, conversations.create, .join, .history, .list
and .setTopic: their arguments, limits, scopes and errors.
Text: https://docs.slack.dev/messaging/formatting-message-text, metadata: https://docs.slack.dev/messaging/message-metadata
What was asked and answered is held to Slack's own description of its API at the end (tests/published).
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.published.description import Exchange
from tests.published.vendors import SLACK, check
from tests.servers.answering import Answered

TOKEN: Final = "xoxb-canary-0000-abcdef"  # noqa: S105 - a canary
SCOPES: Final = ("chat:write", "channels:history", "channels:read", "channels:manage", "channels:join")
LONGEST_TEXT: Final = 40_000
USER: Final = "U012AB3CD"
Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Method:
    """How a method is called: by `verb`, with these arguments and no others, the first `required` of them always."""

    verb: str
    scope: str
    arguments: Mapping[str, type]
    required: int = 1


METHODS: Final[Mapping[str, Method]] = {
    "chat.postMessage": Method("POST", "chat:write", {
        "channel": str, "text": str, "mrkdwn": bool, "link_names": bool, "parse": str, "metadata": dict,
        "reply_broadcast": bool, "thread_ts": str, "unfurl_links": bool, "unfurl_media": bool, "username": str,
        "icon_emoji": str, "icon_url": str,
    }, 2),
    "conversations.history": Method("GET", "channels:history", {
        "channel": str, "cursor": str, "include_all_metadata": bool, "inclusive": bool, "latest": str, "limit": int,
        "oldest": str,
    }),
    "conversations.list": Method("GET", "channels:read", {
        "cursor": str, "exclude_archived": bool, "limit": int, "team_id": str, "types": str,
    }, 0),
    "conversations.create": Method("POST", "channels:manage", {"name": str, "is_private": bool, "team_id": str}),
    "conversations.join": Method("POST", "channels:join", {"channel": str}),
    "conversations.setTopic": Method("POST", "channels:manage", {"channel": str, "topic": str}, 2),
}  # fmt: skip


class Declined(Exception):
    """`ok: false`."""


@dataclass
class Channel:
    id: str
    name: str
    joined: bool = True
    private: bool = False
    archived: bool = False
    read_only: bool = False
    topic: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        nothing = {"value": "", "creator": "", "last_set": 0}
        no = ("general", "group", "im", "mpim", "shared", "ext_shared", "org_shared", "pending_ext_shared")
        return {
            "id": self.id, "name": self.name, "name_normalized": self.name, "created": 1795403000, "creator": USER,
            "is_channel": True, "is_private": self.private, "is_archived": self.archived, "is_member": self.joined,
            **{f"is_{one}": False for one in no}, "purpose": nothing, "topic": {**nothing, "value": self.topic},
            "previous_names": [],
        }  # fmt: skip


@dataclass
class Asked:
    """One call that got as far as its arguments."""

    method: str
    arguments: Arguments


class Slack(ThreadingHTTPServer):
    """What is set on it holds for the next request.

    `wrong` is what no client may do; `called` is who got a notification that they did not ask for.  `answers` are given
    in place of what a method would say; a request that is `swallowed` is carried out and never answered.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.token = TOKEN
        self.scopes = set(SCOPES)
        self.channels: list[Channel] = []
        self.asked: list[Asked] = []
        self.exchanges: list[Exchange] = []
        self.wrong: list[str] = []
        self.called: list[str] = []
        self.answers: deque[Answered | bytes] = deque()
        self.swallowed = False
        self.closing = Event()
        self.longest_page = 1000
        self._ticks = 0

    @property
    def environ(self) -> dict[str, str]:
        return {"SLACK_BOT_TOKEN": TOKEN, "SLACK_API_URL": f"http://127.0.0.1:{self.server_address[1]}/api"}

    def channel(self, name: str, **how: Any) -> Channel:  # noqa: ANN401 - those of Channel
        made = Channel(f"C{len(self.channels):09}", name, **how)
        self.channels.append(made)
        return made

    def say(self, channel: Channel, text: str, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A message of anybody, the newest first."""
        self._ticks += 1
        message = {"type": "message", "text": text, "ts": f"1795403520.{self._ticks:06}"}
        channel.messages.insert(0, {**message, **({"metadata": metadata} if metadata else {})})
        return channel.messages[0]

    def answer(self, method: str, arguments: Arguments) -> dict[str, Any]:
        self.asked.append(Asked(method, arguments))
        do: Callable[[Arguments], dict[str, Any]] = getattr(self, f"_{method.partition('.')[2].lower()}")
        return {"ok": True, **do(arguments)}

    # --- the methods ---------------------------------------------------------------------------------------

    def _postmessage(self, given: Arguments) -> dict[str, Any]:
        named = given["channel"].removeprefix("#")
        channel = next(
            (one for one in self.channels if named == one.id or (named == one.name and not one.private)), None
        )
        if channel is None or (channel.private and not channel.joined):
            raise Declined("channel_not_found")
        if channel.archived:
            raise Declined("is_archived")
        if not channel.joined and "chat:write.public" not in self.scopes:
            raise Declined("not_in_channel")
        if channel.read_only:
            raise Declined("restricted_action_read_only_channel")
        if not given["text"].strip():
            raise Declined("no_text")
        _check_metadata(given.get("metadata"))
        self.called += re.findall(r"<[!@#][^>]*>", given["text"])
        message = self.say(channel, given["text"][:LONGEST_TEXT], given.get("metadata"))
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _history(self, given: Arguments) -> dict[str, Any]:
        channel = self._by_id(given["channel"])
        if not channel.joined:
            raise Declined("not_in_channel")
        found = [one for one in channel.messages if float(one["ts"]) > float(given.get("oldest", 0))]
        whole = given.get("include_all_metadata", False)
        page, more = self._page(given, found)
        return {"messages": [_shown(one, whole=whole) for one in page], "pin_count": 0, **more}

    def _list(self, given: Arguments) -> dict[str, Any]:
        private = "private_channel" in given.get("types", "public_channel")
        page, more = self._page(given, [one for one in self.channels if private or not one.private])
        return {"channels": [one.shown() for one in page], "response_metadata": more["response_metadata"]}

    def _create(self, given: Arguments) -> dict[str, Any]:
        name = given["name"]
        if len(name) > 80:
            raise Declined("invalid_name_maxlength")
        if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
            raise Declined("invalid_name_specials")
        if not re.search(r"\w", name.replace("_", "")):
            raise Declined("invalid_name_punctuation")
        if any(one.name == name for one in self.channels):
            raise Declined("name_taken")
        return {"channel": self.channel(name).shown()}

    def _join(self, given: Arguments) -> dict[str, Any]:
        channel = self._by_id(given["channel"])
        if channel.private:
            raise Declined("method_not_supported_for_channel_type")
        if channel.archived:
            raise Declined("is_archived")
        channel.joined = True
        return {"channel": channel.shown()}

    def _settopic(self, given: Arguments) -> dict[str, Any]:
        channel = self._by_id(given["channel"])
        if len(given["topic"]) > 250:
            raise Declined("too_long")
        if not channel.joined:
            raise Declined("not_in_channel")
        channel.topic = given["topic"]
        return {"channel": channel.shown()}

    def _by_id(self, id_: str) -> Channel:
        found = next((one for one in self.channels if one.id == id_), None)
        if found is None:
            raise Declined("channel_not_found")
        return found

    def _page(self, given: Arguments, items: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        """ "Fewer than the requested number of items may be returned, even if the end has not been reached"."""
        if not 1 <= given.get("limit", 100) <= 999:
            raise Declined("invalid_limit")
        start = int(given.get("cursor") or 0)
        end = start + min(given.get("limit", 100), self.longest_page)
        more = end < len(items)
        return items[start:end], {"has_more": more, "response_metadata": {"next_cursor": str(end) if more else ""}}


def _check_metadata(metadata: Any) -> None:  # noqa: ANN401 - whatever a client sends
    if metadata is None:
        return
    if set(metadata) != {"event_type", "event_payload"} or not re.fullmatch(r"[\w.-]+", metadata["event_type"]):
        raise Declined("invalid_metadata_format")
    if not all(isinstance(one, str | int | bool) for one in metadata["event_payload"].values()):
        raise Declined("invalid_metadata_schema")


def _shown(message: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    return message if whole else {key: value for key, value in message.items() if key != "metadata"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Slack

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        given = {name: values[-1] for name, values in query.items()}
        asked = Exchange("GET", parts.path, query, self._named())
        self._answer(asked, {name: _typed(value) for name, value in given.items()})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["content-type"] not in ("application/json", "application/json; charset=utf-8"):
            self._reply(Answered(200, {"ok": False, "error": "invalid_post_type"}))
        else:
            given = json.loads(body)
            self._answer(Exchange("POST", self.path, {}, self._named(), given), given)

    def _named(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _answer(self, asked: Exchange, given: Arguments) -> None:
        slack = self.server
        name = asked.path.removeprefix("/api/")
        if slack.answers:
            slack.exchanges.append(asked)
            self._reply(slack.answers.popleft())
            return
        try:
            answer = Answered(200, self._judged(asked.method, name, given))
        except Declined as error:
            answer = Answered(200, {"ok": False, "error": str(error), **self._scopes(name, str(error))})
        slack.exchanges.append(replace(asked, answered=answer))
        if slack.swallowed:
            slack.closing.wait()
            return
        self._reply(answer)

    def _judged(self, verb: str, name: str, given: Arguments) -> dict[str, Any]:
        """What the method says.  What is not published is wrong, whatever the real one would do with it."""
        method = METHODS[name]
        if verb != method.verb:
            self.server.wrong.append(f"{name} is called by {method.verb}")
        for key, value in given.items():
            kind = method.arguments.get(key)
            if kind is None or (not isinstance(value, kind) and not (kind is str and isinstance(value, int))):
                self.server.wrong.append(f"{name} takes no {key}={value!r}")
        missing = [key for key in list(method.arguments)[: method.required] if key not in given]
        if missing:
            self.server.wrong.append(f"{name} needs {missing}")
            raise Declined("invalid_arguments")
        said = self.headers.get("authorization", "")
        if said != f"Bearer {self.server.token}":
            raise Declined("invalid_auth" if said else "not_authed")
        if method.scope not in self.server.scopes:
            raise Declined("missing_scope")
        return self.server.answer(name, given)

    def _scopes(self, name: str, error: str) -> dict[str, Any]:
        if error != "missing_scope":
            return {}
        return {"needed": METHODS[name].scope, "provided": ",".join(sorted(self.server.scopes))}

    def _reply(self, answer: Answered | bytes) -> None:
        if isinstance(answer, bytes):
            status, headers, body = 200, {"content-type": "text/html"}, answer
        else:
            status, headers, body = answer.status, dict(answer.headers), json.dumps(answer.body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


def _typed(value: str) -> Any:  # noqa: ANN401 - a query has only texts
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isdecimal() else value


@contextmanager
def slack() -> Iterator[Slack]:
    """A workspace without channels; at the end, nothing wrong may have been done."""
    with Slack() as server:
        serving = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        serving.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            serving.join()
    assert server.wrong == []
    check(SLACK, server.exchanges)
