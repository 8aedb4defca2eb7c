"""What can happen in an incident: small frozen facts.

Each has a stable wire name in `WIRE`; names are added, never renamed, and a changed shape gets a new version.
An event carries what was decided and where it led, so that an old journal folds without its runbook.
All moments are aware and in UTC; all spans are `timedelta`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.asking import HandoffEvent, UpdateRequested
from incidentctl.incident.facts import ActionEnded, ActionNotRun, ActionStarted, EvidenceTaken, RetryChosen
from incidentctl.incident.paging import PagingEvent
from incidentctl.incident.presence import ResponderJoined, ResponderLeft
from incidentctl.incident.rooms import RoomEnded, RoomStarted
from incidentctl.incident.updates import (
    FeatureNamed,
    PostEnded,
    PostStarted,
    SnoozeExplained,
    UpdateEdited,
    UpdateNotSent,
    UpdateSent,
    UpdateSnoozed,
    UpdateWritten,
)
from incidentctl.incident.words import Answer, Choice, Layer, Measured, Mode, Process
from incidentctl.record import record


@record
class IncidentOpened:
    """The incident exists.  `layers` pin the runbook: built-in, organisation, service.  `title` may be empty."""

    service: str
    title: str
    mode: Mode
    process: Process
    timezone: str
    layers: tuple[Layer, ...]


@record
class IncidentResumed:
    """Somebody went on after a pause.  `asks_again` are the checklist items that were left for later."""

    asks_again: tuple[str, ...] = ()


@record
class TitleGiven:
    """What people see (P-FIRST-4)."""

    title: str


@record
class PageAcknowledged:
    """Somebody has the page (P-FIRST-1), and so is incident commander for now (P-ROLE-1)."""

    by: str


@record
class ChannelOpened:
    """The incident channel is open under this name (P-FIRST-2)."""

    name: str


@record
class StepTaken:
    """Any other step of the first five minutes was done, or skipped with a reason."""

    step: str
    text: str
    result: Literal["done", "skipped"]
    reason: str = ""


@record
class ImpactDescribed:
    """Which conditions hold, which numbers were seen, and the level that they propose (P-SEV-4)."""

    conditions: tuple[str, ...]
    numbers: tuple[Measured, ...]
    unsure: bool
    proposed: str


@record
class SeverityChanged:
    """The severity was decided, or changed (P-SEV-6).

    `rank` is 0 for the highest level.  What the level asks for is kept here: its cadence, whether the tree runs,
    and the level's name before.  `decision_due_at` is when "roll back?" comes back (P-ROLL-4), where it was set.
    """

    level: str
    rank: int
    before: str
    proposed: str
    update_every: timedelta | None
    tree: bool
    raised: bool
    decision_due_at: datetime | None
    took: timedelta | None = None
    reason: str = ""


@record
class SeverityExplained:
    """Why the severity differs from what the numbers proposed (P-SEV-4)."""

    reason: str


@record
class PeoplePaged:
    """Who was asked for at this level, who was reached, or why nobody was paged.  All are role names.

    Whoever was not reached has `answer_within` until somebody is asked about them; None: nobody is asked.
    """

    level: str
    asked: tuple[str, ...]
    reached: tuple[str, ...]
    reason: str = ""
    answer_within: timedelta | None = None


@record
class RoleAssigned:
    """A role has a holder, or (`name` empty) is vacant.  Roles are `ic`, `comms-lead`, `engineer` (P-ROLE)."""

    role: str
    name: str


@record
class ServicesAffected:
    """The other services that are affected; some make a war room (P-WAR-1)."""

    services: tuple[str, ...]


@record
class WarRoomOpened:
    """One channel for all teams (P-WAR-1)."""


@record
class WarRoomJoined:
    """Who is there (P-WAR-2)."""

    who: tuple[str, ...]


@record
class TreeAnswered:
    """An answer to a question of the tree (P-TREE); `leads_to` are the ids of the steps that follow it."""

    question: str
    text: str
    answer: Answer
    leads_to: tuple[str, ...]
    reason: str = ""


@record
class TreeRestarted:
    """Once more round the tree (P-TREE-6): these questions and these steps are open again."""

    questions: tuple[str, ...]
    steps: tuple[str, ...]


@record
class HypothesisNamed:
    """A cause that the tree does not know; it is a question of its own, answered yes (P-TREE-6)."""

    id: str
    text: str


@record
class InputGiven:
    """An input of a command."""

    step: str
    name: str
    value: str


@record
class RecoveryJudged:
    """Did the numbers come back after this step? (P-TREE-5)"""

    step: str
    answer: Answer


@record
class UndoEnded:
    """What became of a step that did not help: undone, or kept."""

    step: str
    result: Literal["done", "keep"]


@record
class MitigationChosen:
    """Roll back or fix forward (P-ROLL); `step` is the rollback it is about, `again` whether the clock brought it.

    `decision_due_at` is when the question comes back (P-ROLL-4).
    """

    choice: Choice
    step: str
    again: bool
    decision_due_at: datetime


@record
class MitigationBlocked:
    """Why not roll back: `migrated`, `third-party` or `faster` (P-ROLL-3)."""

    blocker: str


@record
class MitigationExplained:
    """Why fix forward once more (P-ROLL-4)."""

    reason: str


@record
class MitigationEstimated:
    """How long the fix will take; the question comes back at `decision_due_at`."""

    estimate: timedelta
    decision_due_at: datetime


@record
class AllClearGiven:
    """The service is well again (P-CLEAR-1), by a person's word.

    `early`: it had not been stable for as long as the runbook asks.  `items` are the ids of the checklist,
    all of which make the incident closed.  `verified` says whether the checks agreed, or nothing but a person's word
    stands behind it.
    """

    early: bool
    stable: timedelta | None
    items: tuple[str, ...]
    verified: Literal["", "checks", "word"] = ""


@record
class RecoveryDenied:
    """The verification said no: the tree goes on."""


@record
class ItemAnswered:
    """A checklist item was done, or left for later (P-CLEAR-2)."""

    item: str
    text: str
    result: Literal["done", "later"]


@record
class ClosingNoteGiven:
    """What a light incident ends with (P-FIT-2)."""

    text: str


@record
class TicketWritten:
    """A P3 became a ticket, and the incident ends (P-SEV-3)."""

    reference: str


@record
class IncidentReopened:
    """It came back (P-CLEAR-5)."""

    reason: str = ""


@record
class NoteAdded:
    """Somebody wrote something down; `at` is when it occurred, where that was said."""

    text: str
    at: datetime | None = None


@record
class Unrecognised:
    """An event of a newer version: kept as it was read, shown, never dropped."""

    name: str
    data: dict[str, Any]


OpeningEvent = (
    IncidentOpened | AlertReceived | IncidentResumed | ResponderJoined | ResponderLeft | TitleGiven | IncidentReopened
)
FirstMinutesEvent = PageAcknowledged | RoomStarted | RoomEnded | ChannelOpened | StepTaken
TriageEvent = ImpactDescribed | SeverityChanged | SeverityExplained
PeopleEvent = PeoplePaged | RoleAssigned | ServicesAffected | WarRoomOpened | WarRoomJoined
CommsEvent = (
    FeatureNamed
    | UpdateRequested
    | UpdateWritten
    | UpdateEdited
    | PostStarted
    | PostEnded
    | UpdateSent
    | UpdateNotSent
    | UpdateSnoozed
    | SnoozeExplained
)
TreeEvent = (
    TreeAnswered
    | TreeRestarted
    | HypothesisNamed
    | InputGiven
    | ActionStarted
    | ActionNotRun
    | ActionEnded
    | RetryChosen
    | RecoveryJudged
    | UndoEnded
)
MitigationEvent = MitigationChosen | MitigationBlocked | MitigationExplained | MitigationEstimated
ClearEvent = AllClearGiven | RecoveryDenied | ItemAnswered | ClosingNoteGiven | TicketWritten
Event = (
    OpeningEvent
    | FirstMinutesEvent
    | TriageEvent
    | PeopleEvent
    | PagingEvent
    | HandoffEvent
    | CommsEvent
    | TreeEvent
    | MitigationEvent
    | ClearEvent
    | EvidenceTaken
    | NoteAdded
    | Unrecognised
)
