"""Who is paged, and who holds which role (P-SEV, P-FIRST-5, P-ROLE)."""

from __future__ import annotations

from incidentctl.errors import NotAllowed, Refused
from incidentctl.incident.events import Event, PeoplePaged, RoleAssigned
from incidentctl.incident.state import ROLES, Incident, same_person
from incidentctl.runbook.model import Level, Runbook
from incidentctl.walker import paging
from incidentctl.walker.replies import Accepts, Option, Reply, Several, Skip, Typed, Word
from incidentctl.walker.requests import AskPage, AskRole, Phase, Request, Shown
from incidentctl.walker.scene import DONE, Scene

VACANT = "vacant"
TITLES = {"ic": "incident commander", "comms-lead": "comms lead", "engineer": "engineer"}


def page_request(scene: Scene) -> Request | None:
    """One question for everybody whom the level pages and nobody was asked about, but the one who acknowledged."""
    level, incident = scene.level, scene.incident
    if level is None:
        return None
    wanted = _by_hand(incident, level)
    if all(role in incident.paged for role in wanted):
        return None
    roles = tuple(role for role in wanted if not incident.paged.get(role, False))
    return Request(
        prompt="first.page",
        ask=AskPage(level.name, roles),
        phase=Phase.FIRST_MINUTES,
        text=f"{level.name}: page {_listed(roles)}. Done?",
        why="More hands early are cheaper than late. Page them with your own pager; where this program can do it "
        f"through PagerDuty, it offers to (P-FIRST-5, {level.name} pages {', '.join(level.page)}).",
        accepts=Accepts(
            words=(DONE,),
            several=tuple(_person_option(scene.book, role) for role in roles),
            lists=True,
            keyed=("skip",),
        ),
        default=Word("done"),
        shown=Shown(said=(*paging.became(incident, roles), *(contact(scene.book, role) for role in roles))),
    )


def _by_hand(incident: Incident, level: Level) -> tuple[str, ...]:
    """Whom the level pages, and whom an escalation did, but those whom the program has paged itself."""
    everyone = dict.fromkeys((*level.page, *incident.pages))
    answered = ("on-call",) if incident.acknowledged_by else ()
    return tuple(role for role in everyone if role not in answered and not paging.is_out(incident, role))


def _listed(roles: tuple[str, ...]) -> str:
    return roles[0] if len(roles) == 1 else f"{', '.join(roles[:-1])} and {roles[-1]}"


def contact(book: Runbook, role: str) -> str:
    """`lead: payments lead (slack @payments-lead)`, or that the runbook does not know."""
    person = book.people.get(role)
    if person is None:
        return f"{role}: this runbook does not say who"
    ways = ", ".join(f"{way} {where}" for way, where in person.ways)
    return f"{role}: {person.name} ({ways})" if ways else f"{role}: {person.name}"


def _person_option(book: Runbook, role: str) -> Option:
    person = book.people.get(role)
    return Option(role, role, person.name if person else "", (person.name,) if person else ())


def decide_page(scene: Scene, ask: AskPage, reply: Reply) -> list[Event]:
    """Who was reached, or why nobody was paged, or the pages that the program sends.  Raises NotAllowed for those."""
    match reply:
        case Word(value=paging.PAGE):
            return paging.started(scene, ask.roles)
        case Several(values=reached):
            return [PeoplePaged(ask.level, ask.roles, reached)]
        case Skip(reason=reason):
            return [PeoplePaged(ask.level, ask.roles, (), reason)]
        case _:
            return [PeoplePaged(ask.level, ask.roles, ask.roles)]


def request(scene: Scene) -> Request | None:
    """The seats that a full incident needs filled before its first update (P-ROLE-1, P-ROLE-2)."""
    incident = scene.incident
    if "ic" not in incident.roles:
        return _ask_ic(incident)
    return _ask_comms_lead(scene) if _seat_open(incident) and incident.comms.seat_asked_after is None else None


def seat_request(scene: Scene) -> Request | None:
    """The vacant comms seat, offered again after every update at the highest level (P-ROLE-4)."""
    incident = scene.incident
    asked_after = incident.comms.seat_asked_after
    if asked_after is None or not _seat_open(incident) or incident.severity is None or incident.severity.rank > 0:
        return None
    return _ask_comms_lead(scene) if incident.comms.sent > max(asked_after, 1) else None


def _seat_open(incident: Incident) -> bool:
    severity = incident.severity
    return severity is not None and severity.update_every is not None and not incident.holder("comms-lead")


def _ask_ic(incident: Incident) -> Request:
    return Request(
        prompt="roles.ic",
        ask=AskRole("ic"),
        phase=Phase.FIRST_MINUTES,
        text="Who is incident commander?",
        why="One person runs the channel and decides, and does not fix. By default whoever was on call when the "
        "page fired, not the most senior (P-ROLE-1).",
        accepts=Accepts(words=(Option(VACANT, "nobody yet"),), text=True),
        default=Word(VACANT)
        if same_person(incident.present, incident.holder("comms-lead"))
        else Typed(incident.present),
    )


def _ask_comms_lead(scene: Scene) -> Request:
    person = scene.book.people.get("comms-lead")
    named = f"The runbook names: {contact(scene.book, 'comms-lead')}." if person else ""
    return Request(
        prompt="roles.comms-lead",
        ask=AskRole("comms-lead"),
        phase=Phase.FIRST_MINUTES,
        text="Who is comms lead?",
        why="Somebody who is not the incident commander writes every update, so that fixing and telling do not wait "
        "for each other (P-ROLE-2, P-ROLE-4).",
        accepts=Accepts(words=(Option(VACANT, "nobody yet"),), text=True),
        default=Word(VACANT),
        shown=Shown(said=tuple(line for line in (named, ALONE) if line)),
    )


ALONE = "Alone? Leave it vacant: you write the updates yourself, and are asked again."


def decide_role(incident: Incident, ask: AskRole, reply: Reply) -> list[Event]:
    """A name, or vacant."""
    return [assigned(incident, ask.role, reply.text if isinstance(reply, Typed) else VACANT)]


def assigned(incident: Incident, role: str, name: str) -> RoleAssigned:
    """The event for a role's holder; `vacant` empties the seat.

    Raises NotAllowed for a role that does not exist, Refused where IC and comms lead would be one (P-ROLE-4).
    """
    if role not in ROLES:
        message = f"there is no role `{role}`"
        raise NotAllowed(message, f"The roles are {', '.join(ROLES)}.")
    name = "" if name.strip().casefold() == VACANT else name.strip()
    other = {"ic": "comms-lead", "comms-lead": "ic"}.get(role, "")
    if other and same_person(name, incident.holder(other)):
        message = f"{name} is already {TITLES[other]}, and the two are never one person"
        raise Refused("P-ROLE-4", message, f"Name somebody else, or `{VACANT}`.")
    return RoleAssigned(role, name)
