"""Slack's Web API: one method is called, and what it said comes back, or why not, as a person would say it.

`SLACK_BOT_TOKEN` is the token of the app's bot, `SLACK_API_URL` the API's address where it is another one (GovSlack).
https://docs.slack.dev/apis/web-api, .../apis/web-api/rate-limits
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from incidentctl.comms.channels.api import Api, Call, ask
from incidentctl.comms.channels.given import address, key_of
from incidentctl.comms.channels.interface import Unsent
from incidentctl.comms.channels.secrets import secret
from incidentctl.text.escape import one_line

TOKEN: Final = "SLACK_BOT_TOKEN"  # noqa: S105 - the name of the variable
URL: Final = "SLACK_API_URL"
_API: Final = "https://slack.com/api"
_APPS: Final = "Look under *OAuth & Permissions* of the app, at https://api.slack.com/apps."
_AGAIN: Final = "Wait a minute, then send it again."
Object = Mapping[str, object]

# What the tables of errors of the methods say (https://docs.slack.dev/reference/methods), and what to do next.
_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(("invalid_auth", "not_authed", "token_revoked"), (f"Slack does not accept {TOKEN}", _APPS)),
    "token_expired": (f"{TOKEN} has expired", _APPS),
    "account_inactive": (f"{TOKEN} is of an app or a workspace that is gone", _APPS),
    "not_allowed_token_type": (f"{TOKEN} is no bot token", "A bot token begins with `xoxb-`."),
    "not_in_channel": ("the app is not in {channel}", "Say `/invite` and the app's name there, then send it again."),
    "channel_not_found": (
        "Slack has no {channel} that the app can see",
        "Invite the app there. A private channel is named by its id, which begins with C.",
    ),
    "is_archived": ("{channel} is archived", "Unarchive it, or post the text elsewhere."),
    "msg_too_long": ("the text is too long for Slack", "Shorten it."),
    "no_text": ("there is no text to send", ""),
    **dict.fromkeys(("ratelimited", "rate_limited"), ("Slack was asked too often", _AGAIN)),
    "message_limit_exceeded": ("this workspace has sent as many messages as Slack lets it", _AGAIN),
    **dict.fromkeys(
        ("restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel"),
        ("the workspace does not let the app do this in {channel}", "Ask an administrator, or post the text by hand."),
    ),
    "ekm_access_denied": ("the workspace's administrators have stopped all messages", "Post the text elsewhere."),
    "name_taken": ("there is a {channel} already", ""),
    **dict.fromkeys(("fatal_error", "internal_error"), ("Slack failed, and may have done it all the same", "")),
    **dict.fromkeys(("service_unavailable", "team_added_to_org"), ("Slack is not available", _AGAIN)),
}
_HALF_DONE: Final = ("fatal_error", "internal_error")  # "some aspect of the operation" may have succeeded


class Declined(Unsent):
    """Slack's answer is `ok: false`; `word` is its `error`, empty where that is none of Slack's words."""

    def __init__(self, word: str, message: str, hint: str = "", *, perhaps: bool = False) -> None:
        super().__init__(message, hint, perhaps=perhaps)
        self.word = word


def slack(environ: Mapping[str, str]) -> Api:
    """Slack as the bot of one token sees it.  Raises Unsent where there is no token, or no address."""
    token = key_of(secret(TOKEN, environ), TOKEN)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json; charset=utf-8"}
    return Api("Slack", address(URL, _API, environ), token, TOKEN, headers)


def page(api: Api, channel: str) -> str:
    """Where a browser shows a channel, by its id (https://docs.slack.dev/interactivity/deep-linking)."""
    return f"{api.base.removesuffix('/api')}/app_redirect?channel={channel}"


async def called(api: Api, call: Call, deadline: float, *, about: str) -> Object:
    """What a method answered; `about` is the channel as a person knows it.  Raises Declined and Unsent."""
    said = await ask(api, call, deadline)
    does = call.payload is not None
    if not isinstance(said, dict) or not (said.get("ok") is True or isinstance(said.get("error"), str)):
        raise Unsent("something answers in the place of Slack, but not as Slack does", perhaps=does)
    if said.get("ok") is True:
        return said
    word, needed = _plain(api, said.get("error")), _plain(api, said.get("needed"))
    if word == "missing_scope":
        what = f"the scope `{needed}`" if needed else "a scope"
        raise Declined(word, f"the Slack app lacks {what}", f"Add it, and install the app again. {_APPS}")
    message, hint = _REASONS.get(word, ("Slack refused", ""))
    shown = message.replace("{channel}", one_line(about, 80))
    raise Declined(word, f"{shown} ({word})" if word else shown, hint, perhaps=does and word in _HALF_DONE)


def _plain(api: Api, value: object) -> str:
    """One of Slack's own words; nothing where it may be anything else, or says back what we told."""
    fits = isinstance(value, str) and re.fullmatch(r"[a-z][a-z_:.,]{1,60}", value) and api.key not in value
    return str(value) if fits else ""
