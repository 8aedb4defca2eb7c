"""Who is paged, and who holds which role (P-SEV, P-FIRST-5, P-ROLE)."""

from __future__ import annotations

from dataclasses import replace

from incidentctl.errors import NotAllowed, Refused
from incidentctl.incident.events import Event, PeoplePaged, RoleAssigned
from incidentctl.incident.names import same_person
from incidentctl.incident.state import ROLES, Incident
from incidentctl.runbook.model import Level, Runbook
from incidentctl.walker import paging
from incidentctl.walker.replies import Accepts, Option, Reply, Several, Skip, Typed, Word
from incidentctl.walker.requests import AskPage, AskRole, Phase, Request, Shown
from incidentctl.walker.scene import DONE, Scene, in_words

VACANT = "vacant"
CALLED = "called"
TITLES = {"ic": "incident commander", "comms-lead": "comms lead", "engineer": "engineer"}


def page_request(scene: Scene) -> Request | None:
    """One question for everybody whom the level pages and nobody was asked about, but the one who acknowledged."""
    level, incident = scene.level, scene.incident
    if level is None:
        return None
    wanted = _by_hand(incident, level)
    led = authority(incident) if incident.war_room else ""
    if all(role in incident.paged for role in wanted):
        return None
    # Whose answer is waited for is asked about in its time, alone.
    roles = tuple(
        role for role in wanted if not incident.paged.get(role, False) and not paging.asked_at(incident, role)
    )
    return Request(
        prompt="first.page",
        ask=AskPage(level.name, roles),
        phase=Phase.FIRST_MINUTES,
        text=f"{_occasion(incident, level, roles)}: page {_listed(roles)}. Done?",
        why="More hands early are cheaper than late. Page them with your own pager; where this program can do it "
        f"through PagerDuty, it offers to (P-FIRST-5, {level.name} pages {', '.join(level.page)})."
        + (" A war room pages who leads it: a commander for all teams, and the comms lead (P-WAR-1)." if led else ""),
        accepts=Accepts(
            words=(
                replace(DONE, hint="all of them have answered"),
                Option(CALLED, "paged, no answer yet", f"asked again in {in_words(paging.answer_within(level))}"),
            ),
            several=tuple(_person_option(scene.book, role) for role in roles),
            lists=True,
            keyed=("skip",),
        ),
        default=Word("done"),
        shown=Shown(
            said=(
                *filter(None, [led]),
                *paging.became(incident, roles),
                *(paging.contact(scene.book, role) for role in roles),
            )
        ),
    )


def _occasion(incident: Incident, level: Level, roles: tuple[str, ...]) -> str:
    """Why they are paged: for the level, or for the war room alone."""
    return "War room" if set(roles) <= {*_leaders(incident)} - {*level.page} else level.name


def _by_hand(incident: Incident, level: Level) -> tuple[str, ...]:
    """Whom the level pages, the war room, and an escalation, but those whom the program has paged itself."""
    everyone = dict.fromkeys((*level.page, *_leaders(incident), *incident.pages))
    answered = ("on-call",) if incident.acknowledged_by else ()
    return tuple(role for role in everyone if role not in answered and not paging.is_out(incident, role))


def _leaders(incident: Incident) -> tuple[str, ...]:
    """Who is paged because several services are affected (P-WAR-1).

    Whoever took the page works on one of them; somebody else commands all teams, unless somebody else does already.
    """
    if not incident.war_room:
        return ()
    commander, took_it = incident.holder("ic"), (incident.acknowledged_by, incident.opened_by)
    is_led = commander and not any(same_person(commander, name) for name in took_it)
    seat = () if incident.holder("comms-lead") else ("comms-lead",)
    return seat if is_led else ("ic-backup", *seat)


def was_led(scene: Scene) -> bool:
    """Whether the page for the war room, which states the authority, was asked just before."""
    incident, level = scene.incident, scene.level
    asked_for = {*_leaders(incident)} - {*(level.page if level else ())}
    return bool(asked_for) and asked_for <= {*incident.paged, *incident.pages}


def authority(incident: Incident) -> str:
    """Who decides in a war room, and for whom (P-WAR-1)."""
    teams = ", ".join((incident.service, *(incident.affected or ())))
    commander = incident.holder("ic")
    if not commander:
        return f"War room: nobody commands yet; whoever does decides for all teams: {teams}."
    return f"War room: {commander} (IC) decides for all teams: {teams}."


def _listed(roles: tuple[str, ...]) -> str:
    return roles[0] if len(roles) == 1 else f"{', '.join(roles[:-1])} and {roles[-1]}"


def _person_option(book: Runbook, role: str) -> Option:
    person = book.people.get(role)
    return Option(role, role, person.name if person else "", (person.name,) if person else ())


def decide_page(scene: Scene, ask: AskPage, reply: Reply) -> list[Event]:
    """Who was reached, or why nobody was paged, or the pages that the program sends.  Raises NotAllowed for those."""
    match reply:
        case Word(value=paging.PAGE):
            return paging.started(scene, ask.roles)
        case Word(value="called"):
            return [PeoplePaged(ask.level, ask.roles, (), answer_within=paging.answer_within(scene.level))]
        case Several(values=reached):
            missed = set(ask.roles) - set(reached)
            within = paging.answer_within(scene.level) if missed else None
            return [PeoplePaged(ask.level, ask.roles, reached, answer_within=within)]
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
    """The vacant seats, offered again after every update: the commander's, and at the highest level the comms lead's.

    An incident without a commander is nobody's: any responder may take it (P-ROLE-1, P-ROLE-4).  In a war room the
    comms lead writes for all teams, whatever the level (P-WAR-3).
    """
    incident = scene.incident
    if not incident.holder("ic") and _is_later(incident, incident.comms.ic_asked_after):
        return _ask_ic(incident)
    is_asked_on = incident.war_room or (incident.severity is not None and incident.severity.rank == 0)
    if not is_asked_on or not _seat_open(incident) or not _is_later(incident, incident.comms.seat_asked_after):
        return None
    return _ask_comms_lead(scene)


def _is_later(incident: Incident, asked_after: int | None) -> bool:
    """Whether an update went out since; the first one follows upon the question anyhow."""
    return asked_after is not None and incident.comms.sent > max(asked_after, 1)


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
    named = f"The runbook names {paging.contact(scene.book, 'comms-lead')}." if person else ""
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
