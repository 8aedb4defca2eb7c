"""What a command outside the walk means: one act each, without a question."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from incidentctl.errors import Refused, UserError
from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.events import (
    Event,
    IncidentOpened,
    IncidentReopened,
    IncidentResumed,
    NoteAdded,
    ServicesAffected,
)
from incidentctl.incident.presence import ResponderJoined, ResponderLeft
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Layer, Mode
from incidentctl.record import record
from incidentctl.runbook.model import Runbook
from incidentctl.walker import handoff, people, presence, triage, wanted, war_room


@record
class AddNote:
    """`note TEXT`; `at` is when it occurred, where that was said."""

    text: str
    at: datetime | None = None


@record
class Assign:
    """`assign ROLE NAME`; the name `vacant` empties the seat."""

    role: str
    name: str


@record
class OfferHandoff:
    """`handoff NAME`"""

    name: str


@record
class TellWarRoom:
    """`warroom`: services that are affected too, and who has come."""

    affects: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()


@record
class RequestUpdate:
    """`update --request`"""

    reason: str = ""


@record
class ChangeSeverity:
    """`severity LEVEL`"""

    level: str
    reason: str = ""


@record
class Reopen:
    """`reopen`"""

    reason: str = ""


@record
class Resume:
    """`resume`; `me` goes on with it, and joins it where others are there and they are not."""

    me: str = ""


@record
class Leave:
    """The walk of `me` ends."""

    me: str


@record
class Receive:
    """`start --from-alert`, where the person goes on with an incident that is open."""

    alert: AlertReceived


Act = AddNote | Assign | OfferHandoff | TellWarRoom | RequestUpdate | ChangeSeverity | Reopen | Resume | Leave | Receive


def opened(  # noqa: PLR0913 - what `start` was told, each by its name
    book: Runbook,
    *,
    service: str,
    title: str,
    mode: Mode,
    layers: tuple[Layer, ...],
    severity: str | None,
    affects: tuple[str, ...],
    now: datetime,
    alert: AlertReceived | None = None,
) -> list[Event]:
    """The events of `start`.  Raises NotAllowed where `severity` is no level of the runbook."""
    first = IncidentOpened(service, title, mode, book.process, book.timezone, layers)
    events: list[Event] = [first, *([alert] if alert else [])]
    if severity is not None:
        events.append(triage.changed(book, Incident("", opened_at=now, alert=alert), severity, now))
    if affects:
        events.append(ServicesAffected(affects))
    return events


def act(book: Runbook, incident: Incident, what: Act, now: datetime) -> list[Event]:
    """What the command means.  Raises NotAllowed, or Refused naming the rule; nothing has happened then."""
    match what:
        case AddNote(text=text, at=at):
            return [NoteAdded(text, at)]
        case Assign(role=role, name=name):
            return [people.assigned(incident, role, name)]
        case OfferHandoff(name=name):
            _must_be_open(incident)
            return handoff.offered(incident, name)
        case TellWarRoom(affects=affects, joined=joined):
            _must_be_open(incident)
            return war_room.told(incident, affects, joined)
        case RequestUpdate(reason=reason):
            _must_be_open(incident)
            return [wanted.requested(incident, reason)]
        case ChangeSeverity(level=level, reason=reason):
            _must_be_open(incident)
            return [triage.changed(book, incident, level, now, reason=reason)]
        case Reopen(reason=reason):
            if incident.is_open:
                message = f"{incident.id} is open already"
                raise Refused("P-CLEAR-5", message, f"Go on with `incidentctl resume {incident.id}`.")
            return [IncidentReopened(reason)]
        case Resume(me=me):
            joins = me and incident.there and not presence.is_there(incident, me)
            return [(ResponderJoined if joins else IncidentResumed)(_left_for_later(incident))]
        case Leave(me=me):
            return [ResponderLeft()] if presence.is_there(incident, me) and presence.others(incident, me) else []
        case Receive(alert=alert):
            return [alert]
        case _:
            assert_never(what)


def _must_be_open(incident: Incident) -> None:
    if not incident.is_open:
        message = f"{incident.id} is {incident.condition}"
        raise UserError(message, f"Open it again first: `incidentctl reopen -i {incident.id}`.")


def _left_for_later(incident: Incident) -> tuple[str, ...]:
    """Items that were left for later are asked again once all others have an answer."""
    items = incident.clear.items
    return () if "" in items.values() else tuple(name for name, result in items.items() if result == "later")
