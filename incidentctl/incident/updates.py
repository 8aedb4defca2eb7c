"""Updates: written, sent, put off, and what became of them on their way.  Events like those of `events.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from incidentctl.incident.words import CommsPhase, Text
from incidentctl.record import record


@record
class FeatureNamed:
    """What customers call that which is broken."""

    feature: str


@record
class UpdateWritten:
    """The texts of an update were made at `made_at`; they name `next_update_at` (P-COMMS-1)."""

    kind: Literal["send", "no-progress", "edit"]
    phase: CommsPhase
    made_at: datetime
    next_update_at: datetime | None
    texts: tuple[Text, ...]


@record
class UpdateEdited:
    """The same update in a person's words, for every audience."""

    text: str


@record
class UpdateSent:
    """The update that was written reached these audiences, as said by the author; it occurred at `made_at`.

    `counted` tells whether customers are among them; `late` whether it was late for them (P-COMMS-8).  Of `posted` the
    server of their channel said so, of the others the author.  `due_at` is when it was due, None where nothing was; an
    older version did not write it down.
    """

    audiences: tuple[str, ...]
    phase: CommsPhase
    made_at: datetime
    next_update_at: datetime | None
    counted: bool
    late: bool
    texts: tuple[Text, ...]
    posted: tuple[str, ...] = ()
    due_at: datetime | None = None


@record
class UpdateNotSent:
    """The update that was written reached nobody; it stays due and is asked for again at `ask_again_at`."""

    ask_again_at: datetime


@record
class UpdateSnoozed:
    """The reminder sleeps until then.  The update stays due when it was due (P-COMMS-8)."""

    until: datetime


@record
class SnoozeExplained:
    """Why the update had to wait."""

    reason: str


@record
class PostStarted:
    """The text of the open update for this audience is on its way; until `PostEnded` nobody knows whether it arrived.

    `channel` is what it is called where it is shown; `key` tells a second sending from the first.
    """

    audience: str
    channel: str
    key: str


@record
class PostEnded:
    """The channel has it, with the server's own `id` of the message; or it did not go out, or nobody can tell.

    `thread` is what later posts of this incident have to name.
    """

    audience: str
    channel: str
    result: Literal["sent", "failed", "perhaps"]
    id: str = ""
    url: str = ""
    thread: str = ""
    reason: str = ""
