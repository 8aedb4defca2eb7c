"""How tests send: one post, once, in a loop of its own."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any, Final

import pytest

from incidentctl.comms.channels.interface import Channel, Post, Receipt, Unsent
from incidentctl.incident.words import CommsPhase

TEXT: Final = "Checkout is slow. We are on it, and say more at 03:42 UTC."
SECONDS: Final = 10.0


def post(text: str = TEXT, **given: Any) -> Post:  # noqa: ANN401 - those of Post
    told = {
        "incident": "20261123-0312-abc", "service": "checkout", "title": "Checkout is slow", "severity": "P1",
        "phase": CommsPhase.INVESTIGATING, "audience": "customers", "key": "abc.1.customers", **given,
    }  # fmt: skip
    return Post(text=text, **told)


def sent(channel: Channel, text: Post, seconds: float = SECONDS) -> Receipt:
    return asyncio.run(channel.send(text, seconds=seconds))


def found(channel: Channel, text: Post, seconds: float = SECONDS) -> Receipt | None:
    return asyncio.run(channel.find(text, seconds=seconds))


def unsent(channel: Channel, text: Post, seconds: float = SECONDS) -> Unsent:
    with pytest.raises(Unsent) as caught:
        sent(channel, text, seconds)
    return caught.value


def everything(error: BaseException) -> str:
    """All that a report of a bug could show of it: messages, hints, and every cause."""
    told = "".join(traceback.format_exception(error))
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
        told += repr(error)
    return told
