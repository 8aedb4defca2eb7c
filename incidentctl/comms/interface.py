"""Who words the updates: the session asks for texts before a prompt is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from incidentctl.incident.paging import PageAnswered, PageEnded, PagerAsked, PagerTold, PageStarted
from incidentctl.incident.rooms import RoomEnded, RoomStarted
from incidentctl.incident.state import Incident, Paging
from incidentctl.incident.updates import PostEnded
from incidentctl.runbook.model import Runbook
from incidentctl.walker.posting import Outgoing
from incidentctl.walker.requests import Request


class Texts(Protocol):
    """Turns the templates that a request names into words."""

    def prepare(self, request: Request, book: Runbook, incident: Incident, now: datetime) -> Request:
        """`request` with its templates filled in, ready to be drawn.

        `AskChannel` gets its proposed name as the default, `AskUpdate` its `drafts` and `still` texts (one for each
        audience) and shows the drafts with what changed since the last ones, `AskUpdateText` gets what was sent last to
        be read `beside` it, links get their URLs.  A template that cannot be rendered leaves a visible
        hole (`[[unknown variable: x]]`), and an update with a hole cannot be sent, only edited or snoozed.
        """


class Outbox(Protocol):
    """What sends the texts of an update through channels, beside the prompts."""

    def names(self, book: Runbook) -> Mapping[str, str]:
        """By audience, what its channel is called, for those that can be used from here."""

    def begin(self, incident: Incident, going: Outgoing, *, again: bool) -> None:
        """Send it; or, `again`, ask whether it went out already.  Returns at once."""

    def take(self) -> Sequence[PostEnded]:
        """What has ended since the last time."""

    def settle(self) -> None:
        """Wait until nothing is on its way."""


class NoOutbox:
    """Every text is copied by hand."""

    def names(self, book: Runbook) -> Mapping[str, str]:
        """There is no channel."""
        del book
        return {}

    def begin(self, incident: Incident, going: Outgoing, *, again: bool) -> None:
        """Nothing is sent."""

    def take(self) -> Sequence[PostEnded]:
        """Nothing has ended."""
        return ()

    def settle(self) -> None:
        """There is nothing to wait for."""


class Pager(Protocol):
    """What pages people, and hears who has acknowledged, beside the prompts."""

    def name(self) -> str:
        """What it pages through, where that can be used from here; else empty."""

    def trouble(self) -> str:
        """Why it cannot be told at present who has acknowledged; empty where it can."""

    def begin(self, incident: Incident, page: PageStarted, *, again: bool) -> None:
        """Page them; or, `again`, ask whether they were paged already.  Returns at once."""

    def ask(self, asked: PagerAsked) -> None:
        """Acknowledge or resolve what is there already.  Returns at once."""

    def look(self, pages: Sequence[Paging]) -> None:
        """Ask who has acknowledged these, unless that was asked a moment ago.  Returns at once."""

    def take(self) -> Sequence[PageEnded | PageAnswered | PagerTold]:
        """What came to be known since the last time."""

    def settle(self) -> None:
        """Wait until nothing is on its way."""


class NoPager:
    """Everybody is paged by hand."""

    def name(self) -> str:
        """There is nothing to page through."""
        return ""

    def trouble(self) -> str:
        """There is nothing to be told."""
        return ""

    def begin(self, incident: Incident, page: PageStarted, *, again: bool) -> None:
        """Nobody is paged."""

    def ask(self, asked: PagerAsked) -> None:
        """There is nothing to be asked."""

    def look(self, pages: Sequence[Paging]) -> None:
        """There is nobody to ask."""

    def take(self) -> Sequence[PageEnded | PageAnswered | PagerTold]:
        """Nothing came to be known."""
        return ()

    def settle(self) -> None:
        """There is nothing to wait for."""


class Rooms(Protocol):
    """What opens the incident's channel in the chat, and sets its topic, beside the prompts."""

    def name(self) -> str:
        """Where it opens channels, where that can be used from here; else empty."""

    def trouble(self) -> str:
        """Why the topic is not set; empty where it is."""

    def begin(self, room: RoomStarted) -> None:
        """Open it.  Returns at once."""

    def head(self, channel: str, topic: str) -> None:
        """Put `topic` at the head of a channel, by its id, unless that was just tried.  Returns at once."""

    def take(self) -> Sequence[RoomEnded]:
        """What came to be known since the last time."""

    def settle(self) -> None:
        """Wait until nothing is on its way."""


class NoRooms:
    """The channel is opened by hand."""

    def name(self) -> str:
        """There is no chat."""
        return ""

    def trouble(self) -> str:
        """There is no topic."""
        return ""

    def begin(self, room: RoomStarted) -> None:
        """Nothing is opened."""

    def head(self, channel: str, topic: str) -> None:
        """Nothing is set."""

    def take(self) -> Sequence[RoomEnded]:
        """Nothing came to be known."""
        return ()

    def settle(self) -> None:
        """There is nothing to wait for."""
