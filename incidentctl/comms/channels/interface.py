"""What a channel is: it takes one text for one audience to where that audience reads it, and says what became of it.

Each channel is one module with a class that is a `Channel`.  Nothing here asks whether to send: a person has said so.
Secrets come from the environment or the keyring, never from a runbook, and never get into a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from incidentctl.errors import UserError
from incidentctl.incident.words import CommsPhase
from incidentctl.record import record


class Unsent(UserError):
    """It did not go out, or nobody can tell; `message` says why, in a few words for a person, and holds no secret.

    `perhaps`: it may have gone out all the same (the connection broke after the request was on its way).
    """

    def __init__(self, message: str, hint: str = "", *, perhaps: bool = False) -> None:
        super().__init__(message, hint)
        self.perhaps = perhaps


@record
class Post:
    """One text that is to go out.

    `key` is the same for the same text of the same update, and for no other: a channel that can tell a second sending
    from the first uses it.  `thread` is what the channel's own receipt of this incident's first post was, else empty:
    a status page updates the incident that it opened.
    """

    incident: str
    service: str
    title: str
    severity: str
    phase: CommsPhase
    audience: str
    text: str
    key: str
    thread: str = ""


@record
class Receipt:
    """The server's own word that it has the text: its `id` of the message, and where it can be read, if anywhere.

    `thread` is what later posts of the same incident have to name (a status page's incident, a Slack channel's id).
    """

    id: str
    url: str = ""
    thread: str = ""


class Channel(Protocol):
    """One way out.  Made from the `values` of an audience and the environment, before anything is sent."""

    name: str
    """What it is called where it is shown: `Slack #incidents`."""

    def __init__(self, values: Mapping[str, str], environ: Mapping[str, str]) -> None:
        """Raises Unsent where something is missing that it cannot do without, naming it."""

    async def send(self, post: Post, *, seconds: float) -> Receipt:
        """Send it, once.  Raises Unsent; within `seconds`, Retry-After included."""

    async def find(self, post: Post, *, seconds: float) -> Receipt | None:
        """Whether it is there already (by `post.key`), after a crash between sending and writing down; None: it is not.

        Raises Unsent where this channel cannot tell.
        """
