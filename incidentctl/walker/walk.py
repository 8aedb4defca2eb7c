"""What to ask next: the order of the phases, nothing else.

Of what is due at the same moment the update comes first, then the rollback decision, then the question that was
open (*The order*).  The same arguments always give the same answer; nothing here remembers, reads or waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from incidentctl.incident.events import Event
from incidentctl.incident.paging import PageEnded
from incidentctl.incident.rooms import RoomEnded
from incidentctl.incident.state import Incident
from incidentctl.incident.updates import PostEnded
from incidentctl.runbook.model import Runbook
from incidentctl.walker import (
    all_clear,
    cadence,
    first_minutes,
    handoff,
    mitigation,
    paging,
    people,
    running,
    tree,
    triage,
    war_room,
)
from incidentctl.walker.replies import Reply
from incidentctl.walker.requests import (
    AskEscalation,
    AskHandoff,
    AskPage,
    AskRole,
    ClearAsk,
    CommsAsk,
    FirstMinutesAsk,
    MitigationAsk,
    Phase,
    Request,
    RunningAsk,
    TreeAsk,
    TriageAsk,
    WatchPosts,
)
from incidentctl.walker.scene import Scene


def request(book: Runbook, incident: Incident, now: datetime, me: str = "") -> Request | None:
    """The one thing to ask `me` now; None when there is nothing left to ask.

    Without `me` nobody waits for the comms lead, or for whoever is about to send an update.
    """
    scene = Scene(book, incident, now, me)
    open_question = _open_question(scene)
    return _interruption(scene, open_question.phase if open_question else Phase.DONE) or open_question


def phase(book: Runbook, incident: Incident, now: datetime) -> Phase:
    """Where the walk is, whatever interrupts it at the moment."""
    open_question = _open_question(Scene(book, incident, now))
    return open_question.phase if open_question else Phase.DONE


def _interruption(scene: Scene, where: Phase) -> Request | None:
    """What comes before the open question, and gives it back afterwards (P-COMMS-3, P-ROLL-4)."""
    asked = cadence.unfinished(scene, where) or cadence.due(scene, where)
    if asked is not None or not scene.incident.is_open or where is Phase.ALL_CLEAR:
        return asked
    decision = mitigation.unfinished(scene) or mitigation.due(scene)
    return decision or paging.request(scene, where) or people.seat_request(scene)


def _open_question(scene: Scene) -> Request | None:
    """The question of the phase that the incident is in."""
    incident = scene.incident
    runs = running.request(scene)
    if runs is not None:
        return runs
    if not incident.is_open:
        return all_clear.checklist_request(scene)
    opening = first_minutes.request(scene)
    if opening is not None:
        return opening
    if incident.severity is not None and not incident.severity.tree:
        return all_clear.ticket_request(scene)
    return all_clear.verify_request(scene) if incident.recovered_at is not None else tree.request(scene)


def update_now(book: Runbook, incident: Incident, now: datetime) -> Request:
    """The question of the `update` command: an update, due or not."""
    scene = Scene(book, incident, now)
    where = phase(book, incident, now)
    return cadence.unfinished(scene, where) or cadence.ask_update(scene, where)


def handoff_now(book: Runbook, incident: Incident, now: datetime) -> Request:
    """The question of the `handoff` command.  Raises Refused where no hand-off is offered any more."""
    return handoff.request(incident, phase(book, incident, now))


def resolve_now(book: Runbook, incident: Incident, now: datetime) -> Request:
    """The question of the `resolve` command: the verification, without the rest of the walk."""
    return all_clear.verify_request(Scene(book, incident, now), leave_rest=True)


def sent_by_servers(book: Runbook, incident: Incident, now: datetime) -> list[Event]:
    """The update that every channel has: nobody has to say that it is out."""
    return cadence.all_out(Scene(book, incident, now))


def ran(book: Runbook, incident: Incident, result: running.Result, now: datetime) -> list[Event]:
    """What the end of what the program ran means."""
    return running.ended(Scene(book, incident, now), result)


def to_tell(book: Runbook, incident: Incident, ended: Sequence[Event], now: datetime) -> list[Event]:
    """What is told of what the machine did: not why it failed where the question that comes now says that itself."""
    asked = request(book, incident, now) if ended else None
    return [event for event in ended if asked is None or not _stands_above(asked, event)]


def _stands_above(asked: Request, event: Event) -> bool:
    """While other texts are on their way, the question behind them says it."""
    if isinstance(event, PostEnded) and isinstance(asked.ask, WatchPosts):
        return event.result != "sent"
    reason = event.reason if isinstance(event, PostEnded | PageEnded | RoomEnded) else ""
    return bool(reason) and any(reason in line for line in asked.shown.said)


def decide(book: Runbook, incident: Incident, asked: Request, reply: Reply, now: datetime) -> list[Event]:
    """What a reply means.  Raises NotAllowed or Refused, in words for a person; nothing has happened then."""
    scene, ask = Scene(book, incident, now), asked.ask
    if isinstance(ask, FirstMinutesAsk):
        return first_minutes.decide(scene, ask, reply)
    if isinstance(ask, TriageAsk):
        return triage.decide(scene, ask, reply)
    if isinstance(ask, CommsAsk):
        return cadence.decide(scene, ask, reply)
    if isinstance(ask, TreeAsk):
        return tree.decide(scene, ask, reply)
    if isinstance(ask, RunningAsk):
        return running.decide(scene, ask, reply)
    if isinstance(ask, MitigationAsk):
        return mitigation.decide(scene, ask, reply)
    if isinstance(ask, ClearAsk):
        return all_clear.decide(scene, ask, reply)
    if isinstance(ask, AskPage):
        return people.decide_page(scene, ask, reply)
    if isinstance(ask, AskEscalation):
        return paging.decide(scene, ask, reply)
    if isinstance(ask, AskRole):
        return people.decide_role(incident, ask, reply)
    if isinstance(ask, AskHandoff):
        return handoff.decide(incident, ask, reply)
    return war_room.decide(ask, reply)
