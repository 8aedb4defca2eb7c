"""The words that events and the incident share: answers, phases, texts, and the pinned layers of a runbook."""

from __future__ import annotations

from datetime import datetime
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


@record
class Row:
    """One line of evidence, as a person reads it.

    `key` is what an action is told about it (a process id, the name of a pod); empty where there is nothing to tell.
    """

    text: str
    key: str = ""


@record
class Evidence:
    """What one check found: yes, no, or unknown, and never a no where nothing could be seen.

    `subject` says what was asked: `signal/error_rate`, or the question's id and the number of its check
    (`recent-deploy/0`).  `said` is one line that sums it up, or says why it is unknown.  `number` is a signal's, in
    the signal's unit.  `taken_at` is in UTC.
    """

    subject: str
    source: str
    answer: Answer
    said: str
    taken_at: datetime
    rows: tuple[Row, ...] = ()
    number: float | None = None


@record
class Change:
    """Something that was changed on purpose: a line of the change log (`incidentctl change`).

    `command` is the command line that was run for it, empty where somebody only wrote it down.  `ended_at` and `status`
    (the exit status) are None where it is not known whether, or how, it ended.
    """

    service: str
    text: str
    at: datetime
    by: str
    ended_at: datetime | None = None
    status: int | None = None
    command: str = ""
