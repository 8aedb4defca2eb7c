"""Each event as a sentence that a person reads: what happened, in the words of incident response."""

from __future__ import annotations

import json
from datetime import datetime, tzinfo
from typing import Final, assert_never

from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.asking import HandoffAccepted, HandoffEvent, HandoffOffered, UpdateRequested
from incidentctl.incident.events import (
    ActionEnded,
    ActionNotRun,
    ActionStarted,
    AllClearGiven,
    ChannelOpened,
    ClearEvent,
    ClosingNoteGiven,
    CommsEvent,
    Event,
    EvidenceTaken,
    FeatureNamed,
    FirstMinutesEvent,
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
    MitigationEvent,
    MitigationExplained,
    NoteAdded,
    OpeningEvent,
    PageAcknowledged,
    PeopleEvent,
    PeoplePaged,
    PostEnded,
    PostStarted,
    RecoveryDenied,
    RecoveryJudged,
    RetryChosen,
    RoleAssigned,
    ServicesAffected,
    SeverityChanged,
    SeverityExplained,
    SnoozeExplained,
    StepTaken,
    TicketWritten,
    TitleGiven,
    TreeAnswered,
    TreeEvent,
    TreeRestarted,
    TriageEvent,
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
from incidentctl.incident.paging import PagingEvent
from incidentctl.incident.presence import ResponderJoined, ResponderLeft
from incidentctl.incident.rooms import RoomEnded, RoomStarted
from incidentctl.incident.words import Answer, Evidence
from incidentctl.reports import paging
from incidentctl.reports.names import ROLE_NAMES, Names
from incidentctl.text.escape import one_line
from incidentctl.text.times import clock_time, span
from incidentctl.walker.due import LONGEST_TRIAGE

SHORT: Final = 220


class Sentences:
    """Words events; `names` knows the runbook's texts, and moments are written in `place`."""

    def __init__(self, names: Names, place: tzinfo) -> None:
        self._names = names
        self._place = place

    def of(self, event: Event, at: datetime) -> str:
        """One sentence for `event`, which occurred `at`; foreign text in it is not yet cleaned.  A note is the note."""
        if isinstance(event, OpeningEvent):
            return _opening(event)
        if isinstance(event, FirstMinutesEvent):
            return _first_minutes(event)
        if isinstance(event, TriageEvent):
            return _triage(event)
        if isinstance(event, PeopleEvent):
            return _people(event)
        if isinstance(event, PagingEvent):
            return paging.sentence(event)
        if isinstance(event, HandoffEvent):
            return _handoff(event)
        if isinstance(event, CommsEvent):
            return self._comms(event, at)
        if isinstance(event, TreeEvent):
            return self._tree(event)
        if isinstance(event, MitigationEvent):
            return self._mitigation(event, at)
        if isinstance(event, ClearEvent):
            return _clear(event)
        if isinstance(event, EvidenceTaken):
            return _evidence(event.evidence, self._names.subject(event.evidence.subject))
        return _other(event)

    def short(self, event: Event, at: datetime) -> str:
        """The same on at most three lines of a screen: a note may hold a whole log file."""
        return one_line(self.of(event, at), SHORT)

    def _clock(self, moment: datetime, at: datetime) -> str:
        return clock_time(moment, self._place, seen_from=at)

    def _comms(self, event: CommsEvent, at: datetime) -> str:
        match event:
            case FeatureNamed(feature=feature):
                return f"Customers call it: {feature}."
            case UpdateWritten(kind=kind, phase=phase):
                news = {"send": "written", "no-progress": "written: no news", "edit": "to be written by hand"}[kind]
                return f"Update ({phase}) {news}."
            case UpdateEdited(text=text):
                return f"Update reworded: {text}"
            case PostStarted(audience=audience, channel=channel):
                return f"The text for {audience} is on its way to {channel}."
            case PostEnded():
                return _post(event)
            case UpdateSent(audiences=audiences, phase=phase, next_update_at=following):
                then = f"; the next one by {self._clock(following, at)}" if following else ""
                said = tuple(name for name in audiences if name not in event.posted) if event.posted else ()
                by_hand = f" ({_list(said)} by hand, as somebody says)" if said else ""
                return f"Update ({phase}) sent{_late(event)} to {_list(audiences)}{by_hand}{then}."
            case UpdateNotSent(ask_again_at=moment):
                return f"Update not sent; asked again at {self._clock(moment, at)}."
            case UpdateRequested(reason=reason):
                return f"An update is asked for{_because(reason)}"
            case UpdateSnoozed(until=moment):
                return f"Update put off until {self._clock(moment, at)}; it stays due."
            case SnoozeExplained(reason=reason):
                return f"The update has to wait: {reason}"
            case _:
                assert_never(event)

    def _tree(self, event: TreeEvent) -> str:
        match event:
            case TreeAnswered(text=text, answer=answer, reason=reason):
                return f"{text} {_ANSWERS[answer]}{_because(reason)}"
            case TreeRestarted(questions=questions):
                return f"Once more round the tree: {_list(tuple(self._names.of(name) for name in questions))}."
            case HypothesisNamed(text=text):
                return f"Hypothesis: {text}"
            case InputGiven(step=step, name=name, value=value):
                return f"For '{self._names.of(step)}': {name} = {value}"
            case ActionStarted(text=text, command=command, shell=shell):
                return f"Started: {text}{f' ({command})' if command else ''}{' in a shell' if shell else ''}"
            case ActionNotRun(step=step):
                return f"Had not run: {self._names.of(step)}."
            case ActionEnded():
                return _action(event)
            case RetryChosen(step=step, again=again):
                return f"{'To be tried again' if again else 'Not tried again'}: {self._names.of(step)}."
            case RecoveryJudged(step=step, answer=answer):
                return f"Did the numbers come back after '{self._names.of(step)}'? {_ANSWERS[answer]}."
            case UndoEnded(step=step, result=result):
                return f"{'Undone' if result == 'done' else 'Kept as it is'}: {self._names.of(step)}."
            case _:
                assert_never(event)

    def _mitigation(self, event: MitigationEvent, at: datetime) -> str:
        match event:
            case MitigationChosen(choice=choice, step=step, again=again, decision_due_at=moment):
                chosen = "Roll back" if choice == "roll-back" else "Fix forward instead of"
                once_more = " (asked again)" if again else ""
                return f"{chosen} '{self._names.of(step)}'{once_more}; to be decided anew by {self._clock(moment, at)}."
            case MitigationBlocked(blocker=blocker):
                return f"Not rolled back, because {_BLOCKERS.get(blocker, blocker)}."
            case MitigationExplained(reason=reason):
                return f"Fix forward once more: {reason}"
            case MitigationEstimated(estimate=estimate, decision_due_at=moment):
                return f"The fix is estimated at {span(estimate)}; asked again at {self._clock(moment, at)}."
            case _:
                assert_never(event)


_ANSWERS: Final = {Answer.YES: "Yes", Answer.NO: "No", Answer.UNKNOWN: "Not known", Answer.SKIPPED: "Skipped"}
_BLOCKERS: Final = {
    "migrated": "data is already migrated",
    "third-party": "a third party was already told",
    "faster": "the fix is really faster",
}


def _late(event: UpdateSent) -> str:
    """` 4 min late`"""
    if not event.late:
        return ""
    return " late" if event.due_at is None else f" {span(event.made_at - event.due_at)} late"


def _post(event: PostEnded) -> str:
    match event.result:
        case "sent":
            return f"{event.channel} has the text for {event.audience} ({event.url or event.id})."
        case "perhaps":
            return f"{event.channel} may have the text for {event.audience}, or not: {event.reason}"
        case "failed":
            return f"{event.channel} did not take the text for {event.audience}: {event.reason}"


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(words) if words else "nobody"


def _because(reason: str) -> str:
    return f": {reason}" if reason else "."


def _opening(event: OpeningEvent) -> str:
    match event:
        case IncidentOpened(service=service, title=title, mode=mode):
            return f"{'Drill' if mode == 'drill' else 'Incident'} opened for {service}{f': {title}' if title else '.'}"
        case AlertReceived():
            return _alert(event)
        case IncidentResumed():
            return "Went on after a pause."
        case ResponderJoined():
            return "Joined the incident, and is asked, too."
        case ResponderLeft():
            return "Left: nobody answers in their terminal any more."
        case TitleGiven(title=title):
            return f"What people see: {title}"
        case IncidentReopened(reason=reason):
            return f"Incident reopened{_because(reason)}"
        case _:
            assert_never(event)


def _alert(event: AlertReceived) -> str:
    names = f" ({', '.join(event.names)})" if event.names and event.names != (event.title,) else ""
    severity = f", {event.severity_hint}" if event.severity_hint else ""
    over = ", resolved" if event.resolved else ""
    head = f"Alert{f' from {event.source}' if event.source else ''}{severity}{over}: {event.title}{names}"
    return "\n".join([head, *event.rows])


def _first_minutes(event: FirstMinutesEvent) -> str:
    match event:
        case PageAcknowledged(by=who):
            return f"Page acknowledged by {who}."
        case RoomStarted(name=name, service=service):
            return f"The channel {name} is being opened in {service}."
        case RoomEnded():
            return _room(event)
        case ChannelOpened(name=name):
            return f"Incident channel: {name}"
        case StepTaken(text=text, result=result, reason=reason):
            return f"{'Done' if result == 'done' else 'Skipped'}: {text}{f' ({reason})' if reason else ''}"
        case _:
            assert_never(event)


def _room(event: RoomEnded) -> str:
    match event.result:
        case "opened":
            return f"{event.service} has opened {event.name} ({event.url or event.id})."
        case "perhaps":
            return f"{event.service} may have opened {event.name}, or not: {event.reason}"
        case "failed":
            return f"{event.service} did not open {event.name}: {event.reason}"


def _triage(event: TriageEvent) -> str:
    match event:
        case ImpactDescribed(conditions=conditions, numbers=numbers, unsure=unsure, proposed=proposed):
            seen = (*conditions, *(number.text for number in numbers))
            return f"Impact: {'not sure' if unsure else _list(seen) if seen else 'none'}; this proposes {proposed}."
        case SeverityChanged():
            return _severity(event)
        case SeverityExplained(reason=reason):
            return f"Why this severity: {reason}"
        case _:
            assert_never(event)


def _severity(event: SeverityChanged) -> str:
    words = "raised to" if event.raised else "lowered to"
    moved = event.before not in ("", event.level)
    stays = "stays " if event.before == event.level else ""
    change = f"Severity {words} {event.level} from {event.before}" if moved else f"Severity {stays}{event.level}"
    other = f"; proposed was {event.proposed}" if event.proposed not in ("", event.level) else ""
    over = event.took is not None and event.took > LONGEST_TRIAGE
    took = f"; the triage took {span(event.took)}, more than 5 min" if over and event.took else ""
    return f"{change}{other}{took}{_because(event.reason)}"


def _people(event: PeopleEvent) -> str:
    match event:
        case PeoplePaged(level=level, asked=asked, reached=reached, reason=reason):
            missed = tuple(role for role in asked if role not in reached)
            if not reached and not reason:
                return f"Paged for {level}: {_list(missed)}; nobody has answered yet."
            found = f"Paged for {level}{', and reached' if reached and not missed else ''}: {_list(reached)}"
            silent = f"; not reached: {_list(missed)}" if missed else ""
            return f"{found}{silent}{_because(reason)}"
        case RoleAssigned(role=role, name=name):
            return f"{ROLE_NAMES.get(role, role)}: {name or 'vacant'}"
        case ServicesAffected(services=services):
            return f"Other services affected: {', '.join(services) or 'none'}."
        case WarRoomOpened():
            return "War room opened."
        case WarRoomJoined(who=who):
            return f"In the war room: {_list(who)}."
        case _:
            assert_never(event)


def _handoff(event: HandoffEvent) -> str:
    match event:
        case HandoffOffered(outgoing=outgoing, incoming=incoming):
            return f"Hand-off: {outgoing} asks {incoming} to take over as incident commander."
        case HandoffAccepted(outgoing=outgoing, incoming=incoming):
            return f"Hand-off: {incoming} is incident commander now, after {outgoing}."
        case _:
            assert_never(event)


def _action(event: ActionEnded) -> str:
    result = _RESULTS[event.result]
    what = "rolled back" if event.kind == "rollback" and event.result == "done" else ""
    took = f"took {span(event.took)}" if event.took is not None else ""
    estimate = f"estimate {span(event.estimate)}" if event.estimate is not None else ""
    # A status below zero is the signal that ended it, which is the reason already.
    status = f"exit status {event.status}" if event.status and event.status > 0 else ""
    more = ", ".join(part for part in (what, status, took, estimate, event.reason) if part)
    way_back = "the undo of " if event.kind == "undo" else ""
    return f"{result}: {way_back}{event.text}{f' ({more})' if more else ''}"


_RESULTS: Final = {
    "done": "Done",
    "failed": "Failed",
    "skipped": "Skipped",
    "interrupted": "Interrupted, it may have run in part",
}
_FOUND: Final = {Answer.YES: "yes", Answer.NO: "no", Answer.UNKNOWN: "unknown", Answer.SKIPPED: "skipped"}


def _evidence(found: Evidence, name: str) -> str:
    return f"Evidence for {name}: {_FOUND[found.answer]}, {found.said} ({found.source})"


def _clear(event: ClearEvent) -> str:
    match event:
        case AllClearGiven(early=early, stable=stable, verified=verified):
            since = f" after {span(stable)}" if stable is not None else ""
            by = ", as the checks agree" if verified == "checks" else ""
            return f"All clear{since}{by}{', earlier than the runbook asks' if early else ''}."
        case RecoveryDenied():
            return "Not recovered after all; the tree goes on."
        case ItemAnswered(text=text, result=result):
            return f"{'Done' if result == 'done' else 'Left for later'}: {text}"
        case ClosingNoteGiven(text=text):
            return f"Closing note: {text}"
        case TicketWritten(reference=reference):
            return f"Ticket written: {reference}"
        case _:
            assert_never(event)


def _other(event: NoteAdded | Unrecognised) -> str:
    match event:
        case NoteAdded(text=text):
            return text
        case Unrecognised(name=name, data=data):
            return f"{name}, written by a newer version: {json.dumps(data, ensure_ascii=False, default=str)}"
        case _:
            assert_never(event)
