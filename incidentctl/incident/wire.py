"""The stable wire names of the events: what the journal stores in place of a class's path.

Names are added, never renamed; a changed shape gets a new version.
"""

from __future__ import annotations

from typing import Any, Final

from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.asking import HandoffAccepted, HandoffOffered, UpdateRequested
from incidentctl.incident.events import (
    ActionEnded,
    ActionNotRun,
    ActionStarted,
    AllClearGiven,
    ChannelOpened,
    ClosingNoteGiven,
    Event,
    EvidenceTaken,
    FeatureNamed,
    HypothesisNamed,
    ImpactDescribed,
    IncidentOpened,
    IncidentReopened,
    IncidentResumed,
    InputGiven,
    ItemAnswered,
    MitigationBlocked,
    MitigationChosen,
    MitigationEstimated,
    MitigationExplained,
    NoteAdded,
    PageAcknowledged,
    PeoplePaged,
    PostEnded,
    PostStarted,
    RecoveryDenied,
    RecoveryJudged,
    RoleAssigned,
    ServicesAffected,
    SeverityChanged,
    SeverityExplained,
    SnoozeExplained,
    StepTaken,
    TicketWritten,
    TitleGiven,
    TreeAnswered,
    TreeRestarted,
    UndoEnded,
    Unrecognised,
    UpdateEdited,
    UpdateNotSent,
    UpdateSent,
    UpdateSnoozed,
    UpdateWritten,
    WarRoomJoined,
    WarRoomOpened,
)
from incidentctl.incident.paging import PageAnswered, PageEnded, PageEscalated, PageStarted
from incidentctl.incident.rooms import RoomEnded, RoomStarted

WIRE: Final[dict[str, type[Any]]] = {
    "incident.opened/1": IncidentOpened,
    "alert.received/1": AlertReceived,
    "incident.resumed/1": IncidentResumed,
    "incident.titled/1": TitleGiven,
    "incident.reopened/1": IncidentReopened,
    "page.acknowledged/1": PageAcknowledged,
    "channel.started/1": RoomStarted,
    "channel.ended/1": RoomEnded,
    "channel.opened/1": ChannelOpened,
    "step.taken/1": StepTaken,
    "impact.described/1": ImpactDescribed,
    "severity.changed/1": SeverityChanged,
    "severity.explained/1": SeverityExplained,
    "people.paged/1": PeoplePaged,
    "page.started/1": PageStarted,
    "page.ended/1": PageEnded,
    "page.answered/1": PageAnswered,
    "page.escalated/1": PageEscalated,
    "role.assigned/1": RoleAssigned,
    "handoff.offered/1": HandoffOffered,
    "handoff.accepted/1": HandoffAccepted,
    "services.affected/1": ServicesAffected,
    "war-room.opened/1": WarRoomOpened,
    "war-room.joined/1": WarRoomJoined,
    "feature.named/1": FeatureNamed,
    "update.requested/1": UpdateRequested,
    "update.written/1": UpdateWritten,
    "update.edited/1": UpdateEdited,
    "post.started/1": PostStarted,
    "post.ended/1": PostEnded,
    "update.sent/1": UpdateSent,
    "update.not-sent/1": UpdateNotSent,
    "update.snoozed/1": UpdateSnoozed,
    "update.snooze-explained/1": SnoozeExplained,
    "tree.answered/1": TreeAnswered,
    "tree.restarted/1": TreeRestarted,
    "hypothesis.named/1": HypothesisNamed,
    "input.given/1": InputGiven,
    "action.started/1": ActionStarted,
    "action.not-run/1": ActionNotRun,
    "action.ended/1": ActionEnded,
    "recovery.judged/1": RecoveryJudged,
    "undo.ended/1": UndoEnded,
    "mitigation.chosen/1": MitigationChosen,
    "mitigation.blocked/1": MitigationBlocked,
    "mitigation.explained/1": MitigationExplained,
    "mitigation.estimated/1": MitigationEstimated,
    "all-clear.given/1": AllClearGiven,
    "recovery.denied/1": RecoveryDenied,
    "item.answered/1": ItemAnswered,
    "closing-note.given/1": ClosingNoteGiven,
    "ticket.written/1": TicketWritten,
    "evidence.taken/1": EvidenceTaken,
    "note.added/1": NoteAdded,
}
NAMES: Final[dict[type[Any], str]] = {kind: name for name, kind in WIRE.items()}


def wire_name(event: Event) -> str:
    """The event's stable name with its version, `tree.answered/1`."""
    return event.name if isinstance(event, Unrecognised) else NAMES[type(event)]
