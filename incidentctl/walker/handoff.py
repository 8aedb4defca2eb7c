"""The command changes hands: offered by the one side, complete when the other accepts (P-ROLE-5)."""

from __future__ import annotations

from incidentctl.errors import NotAllowed, Refused
from incidentctl.incident.asking import HandoffAccepted, HandoffOffered
from incidentctl.incident.events import Event
from incidentctl.incident.names import same_person
from incidentctl.incident.state import Incident
from incidentctl.walker.people import VACANT
from incidentctl.walker.replies import Accepts, Reply, Typed, out_of_place
from incidentctl.walker.requests import AskHandoff, Phase, Request


def offered(incident: Incident, name: str) -> list[Event]:
    """The event that offers the command to `name`; none where that offer is open already.

    Raises NotAllowed for a name that is none, Refused (P-ROLE-4, P-ROLE-5) where `name` cannot take over.
    """
    name = " ".join(name.split())
    if not name or name.casefold() == VACANT:
        message = "the command is handed over to a person"
        raise NotAllowed(message, "Name who takes over; `incidentctl assign ic vacant` empties the seat.")
    _may_take(incident, name)
    if incident.handoff is not None and same_person(incident.handoff.incoming, name):
        return []
    return [HandoffOffered(incident.holder("ic"), name)]


def _may_take(incident: Incident, name: str) -> None:
    commander = incident.holder("ic")
    if not commander:
        message = "nobody is incident commander, so there is nothing to hand over"
        raise Refused("P-ROLE-5", message, "Fill the seat: `incidentctl assign ic NAME`.")
    if same_person(name, commander):
        message = f"{commander} is incident commander already"
        raise Refused("P-ROLE-5", message, "Name who takes over.")
    if same_person(name, incident.holder("comms-lead")):
        message = f"{name} is comms lead, and the two are never one person"
        raise Refused("P-ROLE-4", message, "Name somebody else, or free them: `incidentctl assign comms-lead vacant`.")


def request(incident: Incident, phase: Phase) -> Request:
    """The question to the other side.  Raises Refused where no hand-off is offered any more."""
    offer = incident.handoff
    if offer is None:
        message = f"no hand-off is open any more; incident commander is {incident.holder('ic') or 'nobody'}"
        raise Refused("P-ROLE-5", message, "Look where it stands: `incidentctl brief`.")
    return Request(
        prompt="handoff.accepted",
        ask=AskHandoff(offer.outgoing, offer.incoming),
        phase=phase,
        text=f"{offer.incoming}, do you take over as incident commander? Then type your name:",
        why=f"A hand-off is complete when the other side accepts; until then {offer.outgoing} stays incident "
        "commander. Read the brief, ask what it leaves open, then type your name (P-ROLE-5).",
        accepts=Accepts(text=True),
    )


def decide(incident: Incident, ask: AskHandoff, reply: Reply) -> list[Event]:
    """Accepted, by the one it was offered to.  Raises NotAllowed for another name, Refused as `offered` does."""
    if not isinstance(reply, Typed):
        raise out_of_place(reply)
    name = " ".join(reply.text.split())
    if not same_person(name, ask.incoming):
        message = f"the command was offered to {ask.incoming}, and `{name}` is another name"
        raise NotAllowed(message, f"{ask.incoming} accepts with their own name; for anybody else begin a new hand-off.")
    _may_take(incident, name)
    return [HandoffAccepted(ask.outgoing, name)]
