"""Who words the updates: the session asks for texts before a prompt is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from incidentctl.incident.state import Incident
from incidentctl.incident.updates import PostEnded
from incidentctl.runbook.model import Runbook
from incidentctl.walker.posting import Outgoing
from incidentctl.walker.requests import Request


class Texts(Protocol):
    """Turns the templates that a request names into words."""

    def prepare(self, request: Request, book: Runbook, incident: Incident, now: datetime) -> Request:
        """`request` with its templates filled in, ready to be drawn.

        `AskChannel` gets its proposed name as the default, `AskUpdate` its `drafts` and `still` texts (one for each
        audience) and shows the drafts, links get their URLs.  A template that cannot be rendered leaves a visible
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
