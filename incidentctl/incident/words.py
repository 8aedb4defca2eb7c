"""The words that events and the incident share: answers, phases, texts, and the pinned layers of a runbook."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from incidentctl.record import record

Choice = Literal["roll-back", "fix-forward"]
Mode = Literal["real", "drill"]
Process = Literal["full", "light"]


class Answer(StrEnum):
    """What can be said to a question of the tree, and to "did the numbers come back?"."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class CommsPhase(StrEnum):
    """What customers are told about the progress (P-COMMS-7)."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


@record
class Layer:
    """One runbook file as it was when the incident opened: its secrets redacted, `digest` of the file as read."""

    name: str
    text: str
    digest: str


@record
class Measured:
    """A number that a person typed: `error_rate = 5%`.

    `value` is in the signal's unit, or (`times_baseline`, typed as `5x`) a multiple of its baseline.
    """

    signal: str
    text: str
    value: float
    times_baseline: bool = False


@record
class Text:
    """One text for one audience."""

    audience: str
    text: str
