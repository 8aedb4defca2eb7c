"""What the channels to a vendor's JSON API share: one request within the time that is left, one sentence on failure.

What is asked is said by a `Call`; what comes back is JSON, or `Unsent`.  A status that says "too often" is waited for
where the server says how long, and that fits; no other request is ever sent twice.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from incidentctl.comms.channels.interface import Unsent
from incidentctl.http import Response, Unanswered, send
from incidentctl.record import record
from incidentctl.text.escape import clean, one_line
from incidentctl.text.redact import REDACTED, redact

_MOST: Final = 8_000_000
_TOO_OFTEN: Final = (420, 429)
_SHORTEST_REST: Final = 0.1  # some say 0, and mean it
_SHORTEST_SECRET: Final = 6  # a shorter one cannot be told from other words
_LONGEST: Final = 200
_PLAIN: Final = ("error", "errors", "message")
_DULL: Final = ("code", "status", "ok")


class Denied(Unsent):
    """The server answered, and the answer was no; `status` is HTTP's."""

    def __init__(self, message: str, hint: str = "", *, status: int, perhaps: bool = False) -> None:
        super().__init__(message, hint, perhaps=perhaps)
        self.status = status


@record
class Api:
    """A vendor, as sentences call it, and the address below which it is asked.

    `key` is the secret that `headers` or a payload holds, `variable` the name under which it was set.
    """

    name: str
    base: str
    key: str
    variable: str
    headers: Mapping[str, str] = field(default_factory=dict)


@record
class Call:
    """One request.  `what` is said to be missing where the answer is 404.  A payload: it does something."""

    method: str
    path: str
    what: str
    payload: object = None
    query: Sequence[tuple[str, str]] = ()


def until(seconds: float) -> float:
    """The moment of the loop's clock at which `seconds` are over."""
    return asyncio.get_running_loop().time() + seconds


async def ask(api: Api, call: Call, deadline: float) -> Any:  # noqa: ANN401 - foreign JSON, looked at piece by piece
    """The JSON that a 2xx brings.  Raises Denied for every other status, and Unsent; `perhaps` where it may be done."""
    while True:
        answer = await _answer(api, call, deadline)
        rest = _rest(answer) if answer.status in _TOO_OFTEN else None
        pause = None if rest is None else max(rest.total_seconds(), _SHORTEST_REST)
        if pause is None or until(pause) >= deadline:
            return _judged(api, call, answer)
        await asyncio.sleep(pause)


async def _answer(api: Api, call: Call, deadline: float) -> Response:
    query = f"?{urlencode(call.query)}" if call.query else ""
    body = None if call.payload is None else json.dumps(call.payload, allow_nan=False).encode()
    headers = {"accept": "application/json", "content-type": "application/json", **api.headers}
    seconds = max(deadline - until(0), 0.001)
    try:
        # No redirect is followed: the key is for this host alone.
        return await send(
            call.method, f"{api.base}{call.path}{query}",
            headers=headers, body=body, seconds=seconds, most=_MOST, redirects=0,
        )  # fmt: skip
    except Unanswered as error:
        message = _discreet(api, error.message)
        raise Unsent(message, error.hint, perhaps=call.payload is not None and not error.unasked) from error


def _rest(answer: Response) -> timedelta | None:
    """How long the server wants to be left alone: Retry-After, or PagerDuty's `ratelimit-reset`, in seconds.

    https://developer.pagerduty.com/docs/rest-api-rate-limits
    """
    said = answer.headers.get("ratelimit-reset", "").strip()
    if answer.retry_after is None and re.fullmatch(r"[0-9]{1,5}", said):
        return timedelta(seconds=int(said))
    return answer.retry_after


def _judged(api: Api, call: Call, answer: Response) -> Any:  # noqa: ANN401 - see `ask`
    """The JSON of a 2xx.  Raises Denied with the reason, as a person would tell it."""
    status, does = answer.status, call.payload is not None
    if 200 <= status < 300:
        try:
            return _unsaid(api, answer.json())
        except Unanswered as error:
            raise Denied(f"{api.name} answered something else than JSON", status=status, perhaps=does) from error
    raise Denied(
        f"{api.name} {_verdict(api, call, answer)}", _next(api, status), status=status, perhaps=does and status >= 500
    )


def _unsaid(api: Api, found: Any) -> Any:  # noqa: ANN401 - foreign JSON
    """The same without our key, where a server says it back: ids, names and links of an answer go into the journal."""
    if isinstance(found, dict):
        return {key: _unsaid(api, one) for key, one in found.items()}
    if isinstance(found, list):
        return [_unsaid(api, one) for one in found]
    return _hidden(api, found) if isinstance(found, str) else found


def _hidden(api: Api, text: str) -> str:
    plain = clean(text, lines=True)  # first, or a control character within the key would hide it
    return plain.replace(api.key, REDACTED) if len(api.key) >= _SHORTEST_SECRET and api.key in plain else text


def _next(api: Api, status: int) -> str:
    """What a person can do about a status."""
    if status in (401, 403):
        return f"Is {api.variable} right, and allowed to do this?"
    return "Wait a minute, then send it again." if status in _TOO_OFTEN else ""


def _verdict(api: Api, call: Call, answer: Response) -> str:
    """What a status that is not 2xx means, to be read behind the vendor's name."""
    match answer.status:
        case 401:
            return f"does not accept {api.variable} (401)"
        case 403:
            return f"does not allow this with {api.variable} (403){_said(api, answer)}"
        case 404:
            return f"has no {call.what} (404)"
        case 420 | 429 as status:
            rest = _rest(answer)
            return f"was asked too often ({status})" + (
                f", and wants {rest.total_seconds():g} s of rest" if rest else ""
            )
        case status if 300 <= status < 400:
            return f"redirects elsewhere ({status}), which is not followed"
        case status if status >= 500:
            return f"failed ({status})"
        case status:
            return f"refused it ({status}){_said(api, answer)}"


def _said(api: Api, answer: Response) -> str:
    """The server's own reasons, on a part of a line, without what it only knows from us."""
    try:
        words = _words(answer.json())
    except Unanswered:
        return ""
    line = _discreet(api, "; ".join(dict.fromkeys(word for word in words if word.strip())))
    return f": {line}" if line else ""


def _words(value: object) -> list[str]:
    """The texts of `error`, `errors` and `message`, however they are nested, and of others with their names."""
    if isinstance(value, dict):
        told = [(key, word) for key, one in value.items() if key not in _DULL for word in _words(one)]
        return [word if key in _PLAIN else f"{key} {word}" for key, word in told]
    if isinstance(value, list):
        return [word for one in value for word in _words(one)]
    return [value] if isinstance(value, str) else []


def _discreet(api: Api, text: str) -> str:
    return one_line(redact(_hidden(api, clean(text))), _LONGEST)
