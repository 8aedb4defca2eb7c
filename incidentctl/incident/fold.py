"""What an entry changes: `apply`, and `fold` over a whole journal.  Never fails on any prefix of any journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from incidentctl.incident.asking import HandoffEvent, HandoffOffered, UpdateRequested
from incidentctl.incident.entry import Entry
from incidentctl.incident.events import (
    AllClearGiven,
    ChannelOpened,
    ClearEvent,
    ClosingNoteGiven,
    CommsEvent,
    EvidenceTaken,
    FeatureNamed,
    FirstMinutesEvent,
    ImpactDescribed,
    IncidentReopened,
    ItemAnswered,
    MitigationEvent,
    NoteAdded,
    OpeningEvent,
    PageAcknowledged,
    PeopleEvent,
    PeoplePaged,
    PostEnded,
    PostStarted,
    RecoveryDenied,
    RoleAssigned,
    ServicesAffected,
    SeverityChanged,
    SeverityExplained,
    SnoozeExplained,
    StepTaken,
    TicketWritten,
    TreeEvent,
    TriageEvent,
    Unrecognised,
    UpdateEdited,
    UpdateNotSent,
    UpdateSent,
    UpdateSnoozed,
    UpdateWritten,
    WarRoomJoined,
    WarRoomOpened,
)
from incidentctl.incident.fold_opening import opening
from incidentctl.incident.fold_paging import paged, pages
from incidentctl.incident.fold_tree import denied, mitigation, tree_and_recovery
from incidentctl.incident.names import same_person
from incidentctl.incident.paging import PagingEvent
from incidentctl.incident.rooms import RoomEnded, RoomStarted
from incidentctl.incident.state import (
    AskedFor,
    Comms,
    Handoff,
    Impact,
    Incident,
    Posted,
    Seen,
    Severity,
    Update,
)
from incidentctl.incident.words import Evidence, Text

NEWS: Final = (
    NoteAdded | SeverityChanged | ServicesAffected | TreeEvent | MitigationEvent | ClearEvent | IncidentReopened
)
"""What makes the next update more than "still working on it" (P-COMMS-2)."""


def fold(incident_id: str, entries: Iterable[Entry]) -> Incident:
    """Where the incident stands after `entries`, which are in order of `seq` from 1."""
    incident = Incident(incident_id)
    for entry in entries:
        incident = apply(incident, entry)
    return incident


def apply(incident: Incident, entry: Entry) -> Incident:
    """What one entry changes."""
    event, at = entry.event, entry.recorded_at
    news = entry.seq if isinstance(event, NEWS) else incident.news_seq
    before = incident.holder("ic")
    incident = _applied(replace(incident, seq=entry.seq, last_at=at, news_seq=news), entry)
    return incident if incident.holder("ic") == before else _commanded(incident, before, at)


def _commanded(incident: Incident, before: str, at: datetime) -> Incident:
    """The seat changed hands; the same name in other letters is the same person."""
    commander = incident.holder("ic")
    return incident if same_person(before, commander) else replace(incident, commanded_since=at if commander else None)


def _applied(incident: Incident, entry: Entry) -> Incident:
    event, at = entry.event, entry.recorded_at
    if isinstance(event, OpeningEvent):
        return opening(incident, event, entry)
    if isinstance(event, FirstMinutesEvent):
        return _first_minutes(incident, event)
    if isinstance(event, TriageEvent):
        return _triage(incident, event, at)
    if isinstance(event, PeopleEvent):
        return _people(incident, event, entry)
    if isinstance(event, PagingEvent):
        return pages(incident, event, at)
    if isinstance(event, HandoffEvent):
        return _handoff(incident, event, at)
    if isinstance(event, CommsEvent):
        return replace(incident, comms=_comms(incident.comms, event, entry))
    if isinstance(event, TreeEvent):
        return tree_and_recovery(incident, event, at)
    if isinstance(event, MitigationEvent):
        return mitigation(incident, event, at)
    if isinstance(event, ClearEvent):
        return _clear(incident, event, at)
    if isinstance(event, EvidenceTaken):
        return _evidence(incident, event.evidence, at)
    return _other(incident, event)


def _evidence(incident: Incident, found: Evidence, at: datetime) -> Incident:
    """A check that goes on saying the same has said so since it began to; a late one changes nothing.

    What seems to be older than what is known, and is not, comes after the clock was put back.
    """
    before = incident.evidence.get(found.subject)
    if before is not None and found.taken_at < before.evidence.taken_at <= at:
        return incident
    goes_on = before is not None and before.evidence.answer is found.answer
    since = min(before.since, found.taken_at) if before is not None and goes_on else found.taken_at
    return replace(incident, evidence={**incident.evidence, found.subject: Seen(found, since)})


def _other(incident: Incident, event: NoteAdded | Unrecognised) -> Incident:
    """A note changes nothing but the timeline."""
    if isinstance(event, Unrecognised):
        return replace(incident, unrecognised=incident.unrecognised + 1)
    return incident


def _first_minutes(incident: Incident, event: FirstMinutesEvent) -> Incident:
    match event:
        case PageAcknowledged(by=who):
            # Whoever acknowledges commands, unless they are comms lead already (P-ROLE-1, P-ROLE-4).
            taken = incident.holder("ic") or same_person(who, incident.holder("comms-lead"))
            roles = incident.roles if taken else {**incident.roles, "ic": who}
            steps = {**incident.steps, "acknowledge": "done"}
            return replace(incident, acknowledged_by=who, roles=roles, steps=steps)
        case RoomStarted() | RoomEnded():
            return replace(incident, room=event)
        case ChannelOpened(name=name):
            return replace(incident, channel=name, steps={**incident.steps, "channel": "done"})
        case StepTaken(step=step, result=result):
            return replace(incident, steps={**incident.steps, step: result})
        case _:
            assert_never(event)


def _triage(incident: Incident, event: TriageEvent, at: datetime) -> Incident:
    match event:
        case ImpactDescribed():
            impact = Impact(event.conditions, event.numbers, event.unsure, event.proposed)
            return replace(incident, impact=impact)
        case SeverityChanged():
            return _severity(incident, event, at)
        case SeverityExplained(reason=reason):
            if incident.severity is None:
                return incident
            return replace(incident, severity=replace(incident.severity, reason=reason))
        case _:
            assert_never(event)


def _severity(incident: Incident, event: SeverityChanged, at: datetime) -> Incident:
    severity = Severity(
        level=event.level,
        rank=event.rank,
        proposed=event.proposed,
        update_every=event.update_every,
        tree=event.tree,
        decided_at=incident.severity.decided_at if incident.severity else at,
        reason=event.reason,
    )
    return replace(
        incident,
        severity=severity,
        process="full",  # a light incident with a severity is a full one (P-FIT-2)
        comms=_after_severity(incident.comms, event, at),
        decision_due_at=incident.decision_due_at or event.decision_due_at,
    )


def _after_severity(comms: Comms, event: SeverityChanged, at: datetime) -> Comms:
    """Raising shortens the wait at once, a snooze's too; lowering keeps the promised time (P-COMMS-1)."""
    if event.raised:
        comms = replace(comms, seat_asked_after=None, quiet_until=None)
    if event.update_every is None:
        # Customers who were told are owed one last word; where nobody was told, nothing is owed (*The order*).
        return replace(comms, due_at=at if comms.sent else None, quiet_until=None)
    if comms.last_made_at is None:
        return replace(comms, due_at=comms.due_at or at)
    promised = comms.due_at or comms.last_made_at + event.update_every
    # What was not due before is due from now on, and not late: a wait can be cut to nothing, never to less.
    sooner = min(promised, max(comms.last_made_at + event.update_every, at))
    return replace(comms, due_at=sooner if event.raised else promised)


def _people(incident: Incident, event: PeopleEvent, entry: Entry) -> Incident:
    match event:
        case PeoplePaged():
            return paged(incident, event, entry.recorded_at)
        case RoleAssigned(role=role, name=name):
            comms = incident.comms
            if role == "comms-lead":
                comms = replace(comms, seat_asked_after=comms.sent)
            elif role == "ic":
                comms = replace(comms, ic_asked_after=comms.sent)
            offer = None if role == "ic" else incident.handoff
            roles = {**incident.roles, role: name}
            if role == "ic" and not name and entry.prompt is None:
                del roles[role]  # a command emptied the seat: whoever walks is asked who takes it (P-ROLE-1)
            return replace(incident, roles=roles, comms=comms, handoff=offer)
        case ServicesAffected(services=services):
            return replace(incident, affected=services, war_room=incident.war_room or bool(services))
        case WarRoomOpened():
            return replace(incident, war_room=True)
        case WarRoomJoined(who=who):
            return replace(incident, joined=who)
        case _:
            assert_never(event)


def _handoff(incident: Incident, event: HandoffEvent, at: datetime) -> Incident:
    if isinstance(event, HandoffOffered):
        return replace(incident, handoff=Handoff(event.outgoing, event.incoming, at))
    return replace(incident, handoff=None, roles={**incident.roles, "ic": event.incoming})


def _requested(comms: Comms, wish: AskedFor) -> Comms:
    """The first request ends a snooze; those that follow wait with it."""
    quiet = comms.quiet_until if comms.requests else None
    return replace(comms, requests=(*comms.requests, wish), quiet_until=quiet)


def _comms(comms: Comms, event: CommsEvent, entry: Entry) -> Comms:
    match event:
        case FeatureNamed(feature=feature):
            return replace(comms, feature=feature)
        case UpdateRequested(reason=reason):
            return _requested(comms, AskedFor(entry.author, reason, entry.recorded_at))
        case UpdateWritten():
            pending = Update(event.kind, event.phase, event.made_at, event.next_update_at, event.texts)
            return _begun(replace(comms, pending=pending), entry)
        case UpdateEdited(text=text):
            return _begun(replace(comms, pending=_edited(comms.pending, text)), entry)
        case PostStarted() | PostEnded():
            return _posted(comms, event)
        case UpdateSent():
            return _sent(comms, event, entry)
        case UpdateNotSent(ask_again_at=moment):
            return replace(comms, pending=None, quiet_until=moment)
        case UpdateSnoozed(until=moment):
            return _begun(replace(comms, quiet_until=moment, snooze_unexplained=True), entry)
        case SnoozeExplained():
            return replace(comms, snooze_unexplained=False)
        case _:
            assert_never(event)


def _begun(comms: Comms, entry: Entry) -> Comms:
    """Whoever does a part of an update does the rest of it."""
    return replace(comms, begun_by=entry.author, begun_at=entry.recorded_at)


def _posted(comms: Comms, event: PostStarted | PostEnded) -> Comms:
    """A channel may answer when the update is behind us; what it calls the incident counts all the same."""
    if isinstance(event, PostEnded) and event.thread:
        comms = replace(comms, threads={**comms.threads, event.audience: event.thread})
    if comms.pending is None:
        return comms
    posts = comms.pending.posts
    if isinstance(event, PostStarted):
        post = Posted(event.channel, event.key)
    else:
        before = posts.get(event.audience, Posted(event.channel, ""))
        post = replace(before, result=event.result, reason=event.reason, url=event.url)
    return replace(comms, pending=replace(comms.pending, posts={**posts, event.audience: post}))


def _edited(pending: Update | None, text: str) -> Update | None:
    if pending is None:
        return None
    # Customers read the person's words alone; the internal line keeps its facts in front of them (P-COMMS-5).
    worded = (Text(one.audience, f"{one.text} {text}" if one.audience == "internal" else text) for one in pending.texts)
    return replace(pending, edited=True, texts=tuple(worded))


def _sent(comms: Comms, event: UpdateSent, entry: Entry) -> Comms:
    comms = replace(
        comms, pending=None, quiet_until=None, last_texts=event.texts, last_sent_at=entry.recorded_at, requests=()
    )
    if not event.counted:
        return comms
    return replace(
        comms,
        due_at=event.next_update_at,
        sent=comms.sent + 1,
        late=comms.late + event.late,
        last_made_at=event.made_at,
        last_phase=event.phase,
        last_seq=entry.seq,
    )


def _clear(incident: Incident, event: ClearEvent, at: datetime) -> Incident:
    clear = incident.clear
    match event:
        case AllClearGiven(early=early, items=items):
            clear = replace(clear, given_at=at, early=early, items=dict.fromkeys(items, ""))
            # Whoever was told that it is broken is told that it is over; nobody else hears of it.
            owed = at if incident.comms.due_at is not None or incident.comms.sent else None
            comms = replace(incident.comms, due_at=owed, quiet_until=None)
            return replace(incident, clear=clear, comms=comms, decision_due_at=None)
        case RecoveryDenied():
            return replace(incident, recovered_at=None, tree=denied(incident.tree))
        case ItemAnswered(item=item, result=result):
            return replace(incident, clear=replace(clear, items={**clear.items, item: result}))
        case ClosingNoteGiven(text=text):
            return replace(incident, clear=replace(clear, note=text, items={**clear.items, "note": "done"}))
        case TicketWritten(reference=reference):
            comms = replace(incident.comms, due_at=None)
            return replace(incident, clear=replace(clear, ticket=reference, given_at=at), comms=comms)
        case _:
            assert_never(event)
