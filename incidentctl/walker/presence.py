"""Who is there, each at a terminal of their own, and who of them is asked first (*The order*, "who is asked")."""

from __future__ import annotations

from typing import Final

from incidentctl.incident.names import same_person
from incidentctl.incident.state import Incident

NO_COMMANDER: Final = "no IC"


def is_there(incident: Incident, name: str) -> bool:
    """Whether `name` answers at a terminal, as far as the journal says."""
    return any(same_person(name, one) for one in incident.there)


def others(incident: Incident, me: str) -> tuple[str, ...]:
    """Who is there besides `me`."""
    return tuple(name for name in incident.there if not same_person(name, me))


def writes_for(incident: Incident, me: str) -> str:
    """The comms lead, where the updates are theirs and they are there; empty where `me` is asked at once.

    That is where nobody in particular asks (`me` is empty), too.  At lower levels the IC writes (P-ROLE-4), but in a
    war room the comms lead writes for all teams (P-WAR-3).
    """
    lead, severity = incident.holder("comms-lead"), incident.severity
    is_theirs = incident.war_room or (severity is not None and severity.rank == 0)
    return lead if me and is_theirs and is_there(incident, lead) and not same_person(lead, me) else ""


def without_commander(incident: Incident) -> str:
    """That nobody commands an open incident, and how to take it; empty where somebody does, or nobody has to."""
    severity = incident.severity
    gone = vacancy(incident) if severity is not None and severity.tree else ""
    said = "Nobody is incident commander" if gone == NO_COMMANDER else gone
    return f"{said}; any responder may take it: `incidentctl assign ic NAME`." if gone else ""


def vacancy(incident: Incident) -> str:
    """`no IC`, or `IC Ada has left`; empty where there is one, or where none is needed.

    Whoever stops alone goes on commanding: only who left while others were there has said so.
    """
    commander, severity = incident.holder("ic"), incident.severity
    if not incident.is_open or incident.process == "light" or (severity is not None and not severity.tree):
        return ""
    if not commander:
        return NO_COMMANDER
    return f"IC {commander} has left" if any(same_person(commander, name) for name in incident.left) else ""
