"""The incident's channel, where the program opens it in the chat itself.  Events like those of `events.py`."""

from __future__ import annotations

from typing import Literal

from incidentctl.record import record


@record
class RoomStarted:
    """Somebody let the channel be opened under this name in `service`; until `RoomEnded` nobody knows whether it is."""

    name: str
    service: str


@record
class RoomEnded:
    """It is open, by the `name` and `id` that the chat has for it; or it is not, or nobody can tell."""

    name: str
    service: str
    result: Literal["opened", "failed", "perhaps"]
    id: str = ""
    url: str = ""
    reason: str = ""
