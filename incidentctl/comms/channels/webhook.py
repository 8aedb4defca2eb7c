"""A webhook: an update is one signed POST, and any 2xx is the receipt.

Keys: `webhook.url`, `webhook.headers`; `${NAME}` in both reads the environment.  `INCIDENTCTL_WEBHOOK_SECRET` signs:

    X-Incidentctl-Signature: t=1700000000,v1=HEX        HEX = HMAC-SHA256(secret, "1700000000." + body), RFC 2104

A receiver that refuses what is older than five minutes, and remembers each `Idempotency-Key` for as long, takes nothing
twice.  `docs/channels.md` shows one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from incidentctl.clock import Clock, SystemClock
from incidentctl.comms.channels.given import value
from incidentctl.comms.channels.interface import Post, Receipt, Unsent
from incidentctl.comms.channels.secrets import secret
from incidentctl.http import Response, Unanswered, host_of, send
from incidentctl.text.escape import clean, one_line
from incidentctl.text.times import span

SECRET: Final = "INCIDENTCTL_WEBHOOK_SECRET"  # noqa: S105 - the name of the variable
SCHEMA: Final = "incidentctl/update/1"
_TRIES: Final = 3
_LONGEST_ID: Final = 200
_SHORTEST_SECRET: Final = 6  # a shorter one cannot be told from other words


class WebhookChannel:
    """One address that takes updates."""

    def __init__(self, values: Mapping[str, str], environ: Mapping[str, str], clock: Clock | None = None) -> None:
        """Raises Unsent without a web address, a header that can be sent, a variable that is named, or the secret."""
        given = {key: value(values, key, environ) for key in values}
        self._url = _address(given.get("url", ""))
        self.name = f"webhook at {host_of(self._url)}"
        self._headers = _headers(given)
        self._secret = secret(SECRET, environ)
        self._clock = clock or SystemClock()

    async def send(self, post: Post, *, seconds: float) -> Receipt:
        """Post it; 429 and 503 with a Retry-After are waited for, if that ends in time."""
        now = self._clock.now()
        body = json.dumps(_update(post, now)).encode()
        headers = {
            **self._headers,
            "content-type": "application/json",
            "idempotency-key": post.key,
            "x-incidentctl-signature": signature(self._secret, int(now.timestamp()), body),
        }
        try:
            answer = await send("POST", self._url, headers=headers, body=body, seconds=seconds, tries=_TRIES)
        except Unanswered as error:
            raise Unsent(f"webhook: {error.message}", error.hint, perhaps=not error.unasked) from error
        if not 200 <= answer.status < 300:
            raise self._refused(answer)
        return Receipt(self._id(answer) or post.key)

    async def find(self, post: Post, *, seconds: float) -> Receipt | None:  # noqa: ARG002 - nothing is asked
        """Nobody can tell: a webhook answers no questions.  Sent again, the same key says so."""
        raise Unsent(f"{self.name} cannot say what it has", "Look where it takes the updates.")

    def _refused(self, answer: Response) -> Unsent:
        match answer.status:
            case 429 if answer.retry_after:
                return Unsent(f"{self.name} wants {span(answer.retry_after)} of rest (429)", "Send it again later.")
            case status if 300 <= status < 400:
                return Unsent(f"{self.name} redirects elsewhere ({status}), which was not followed")
            case status if status >= 500:
                return Unsent(f"{self.name} failed ({status})", perhaps=True)
            case status:
                return Unsent(f"{self.name} refused the update ({status})")

    def _id(self, answer: Response) -> str:
        """The `id` that a JSON body names; it may say back what only we know."""
        try:
            said = answer.json()
        except Unanswered:
            return ""
        found = said.get("id") if isinstance(said, dict) else None
        if isinstance(found, bool) or not isinstance(found, str | int):
            return ""
        line = one_line(str(found), _LONGEST_ID)
        return "" if any(word in line for word in self._told()) else line

    def _told(self) -> list[str]:
        """Every word that was sent and may be a key: those of the headers, of the path and of the query."""
        words = [word for said in self._headers.values() for word in said.split()]
        words += re.split(r"[/?&=#]", self._url.partition("://")[2])[1:]
        return [self._secret, *(word for word in words if len(word) >= _SHORTEST_SECRET)]


def signature(key: str, moment: int, body: bytes) -> str:
    """The value of `X-Incidentctl-Signature`; `moment` is in seconds since 1970."""
    digest = hmac.new(key.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def _update(post: Post, now: datetime) -> Mapping[str, str]:
    return {
        "schema": SCHEMA,
        "incident": post.incident,
        "service": post.service,
        "title": clean(post.title),
        "severity": post.severity,
        "phase": post.phase.value,
        "audience": post.audience,
        "text": clean(post.text, lines=True),
        "key": post.key,
        "sent_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return url
    except ValueError:
        pass
    what = "the webhook's `url` is no web address" if url else "the runbook names no `url` of the webhook"
    raise Unsent(what, 'Write it as `webhook: {url: "https://host/path"}`.')


def _headers(given: Mapping[str, str]) -> Mapping[str, str]:
    """Those of the runbook, with lower-case names."""
    found = {key.removeprefix("headers.").lower(): said for key, said in given.items() if key.startswith("headers.")}
    for name, said in found.items():
        # RFC 9110, 5.1 and 5.5
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9a-z-]+", name) or not re.fullmatch(r"[\t\x20-\x7e]*", said):
            raise Unsent(f"the webhook's header `{one_line(name, 40)}` holds what no header can hold")
    return found
