"""Several services affected: one channel, one incident commander for all teams, and who is in it (P-WAR)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from incidentctl.errors import NotAllowed, Refused
from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.events import Event, ServicesAffected, WarRoomJoined
from incidentctl.incident.state import Incident
from incidentctl.walker import paging, people
from incidentctl.walker.replies import Accepts, Option, Reply, Several
from incidentctl.walker.requests import AskAffected, AskJoined, Command, Phase, Request, Shown
from incidentctl.walker.scene import Scene

SUPPORT: Final = "support"
_COMMS: Final = "comms-lead"
_ON_CALL: Final = " on-call"
_PAIR: Final = re.compile(r"([\w.]+)=([^\s,;()]+)")
"""A label as it stands in an alert's row: `HighErrorRatio (service=ledger): errors`."""
_SERVICE: Final = ("service", "service_name", "service.name", "app", "application", "component")
"""Labels whose value is the name of a service, as far as anybody can tell; not those of where it runs."""


def request(scene: Scene) -> Request | None:
    """Which other services are affected, where the runbook or the alerts know any; then who has joined."""
    incident = scene.incident
    if incident.affected is None and (scene.book.depends_on or _named(scene)):
        return _ask_affected(scene)
    return _ask_joined(scene) if incident.war_room and incident.joined is None else None


def _ask_affected(scene: Scene) -> Request:
    named = _named(scene)
    known = dict.fromkeys((*scene.book.depends_on, *named))
    hint = "the alert names it"
    # Who is known to the runbook and named by an alert is likely affected; any other name may be a name for this one.
    ticked = tuple(service for service in scene.book.depends_on if service in named)
    return Request(
        prompt="war-room.affected",
        ask=AskAffected(),
        phase=Phase.FIRST_MINUTES,
        text="Which other services are affected?",
        why="One service: its team handles it. Several: a war room, one channel, one incident commander with "
        "authority across the teams, and who leads it is paged (P-WAR-1). One that joins later: `incidentctl warroom "
        "--affects SERVICE`.",
        accepts=Accepts(
            several=tuple(Option(service, service, hint if service in named else "") for service in known),
            lists=True,
            open_list=True,
        ),
        default=Several(ticked),
    )


def _ask_joined(scene: Scene) -> Request:
    incident = scene.incident
    contacts = (paging.contact(scene.book, role) for role in (SUPPORT, _COMMS) if role in scene.book.people)
    return Request(
        prompt="war-room.joined",
        ask=AskJoined(),
        phase=Phase.FIRST_MINUTES,
        text="War room: who is there?",
        why="The on-call of each affected service, customer support and the comms lead join the incident channel. "
        "Whoever is missing stands above the updates; who comes later: `incidentctl warroom --joined WHO` (P-WAR-2).",
        accepts=Accepts(several=tuple(Option(who, who) for who in expected(incident)), lists=True, open_list=True),
        default=Several(()),
        shown=Shown(
            said=(
                *([] if people.was_led(scene) else [people.authority(incident)]),
                f"Ask them into {incident.channel or 'the incident channel'}.",
                *contacts,
            )
        ),
    )


def decide(ask: AskAffected | AskJoined, reply: Reply) -> list[Event]:
    """The list as it was said."""
    values = reply.values if isinstance(reply, Several) else ()
    return [ServicesAffected(values) if isinstance(ask, AskAffected) else WarRoomJoined(values)]


# --- what the alerts name ----------------------------------------------------------------------------------


def _named(scene: Scene) -> tuple[str, ...]:
    """The services that the alerts name beside this one.

    A dependency is known by its name, whatever the label; any other service only where the alerts name several: one
    alone is this service under another name.
    """
    incident = scene.incident
    pairs = tuple(_labels((*filter(None, [incident.alert]), *incident.later_alerts)))
    values = {value.casefold() for _, value in pairs}
    known = [service for service in scene.book.depends_on if service.casefold() in values]
    services = tuple(dict.fromkeys(value for name, value in pairs if name in _SERVICE))
    aliases = {one.casefold() for one in (incident.service, *known)}
    others = [service for service in services if service.casefold() not in aliases]
    return (*known, *others) if len(services) > 1 else tuple(known)


def _labels(alerts: Iterable[AlertReceived]) -> Iterator[tuple[str, str]]:
    """Name and value of each label of what fires."""
    for alert in alerts:
        if not alert.resolved:
            yield from ((label.name, label.value) for label in alert.labels)
            yield from (pair for row in alert.rows if not row.startswith("resolved: ") for pair in _PAIR.findall(row))


# --- who has to be there -----------------------------------------------------------------------------------


def expected(incident: Incident) -> tuple[str, ...]:
    """Who joins: the on-call of each affected service, customer support, and the comms lead (P-WAR-2)."""
    return (*(f"{service}{_ON_CALL}" for service in incident.affected or ()), SUPPORT, _COMMS)


def missing(incident: Incident) -> tuple[str, ...]:
    """Who of them has not come, as far as anybody said; nobody once it is over."""
    if not incident.war_room or not incident.is_open or incident.process == "light":
        return ()
    known = {who.casefold() for who in there(incident)}
    return tuple(who for who in expected(incident) if who.casefold() not in known)


def there(incident: Incident) -> tuple[str, ...]:
    """Who is there, as far as anybody said; whoever holds the comms lead's seat is."""
    named = [who for who in incident.joined or () if who != _COMMS]
    seated = _COMMS in (incident.joined or ()) or incident.holder(_COMMS)
    return (*named, *([_COMMS] if seated else []))


def said(scene: Scene) -> Iterator[str]:
    """Who is missing, above each update but the first, before which it was just asked."""
    if lacking := _lacking(scene):
        where = scene.incident.channel or "the incident channel"
        yield f"Not in the war room yet: {', '.join(lacking)}. Ask them into {where} again."


def commands(scene: Scene) -> tuple[Command, ...]:
    """What to copy once somebody has come."""
    lacking = _lacking(scene)
    line = f"incidentctl warroom {scene.incident.id} --joined '{lacking[0]}'" if lacking else ""
    return (Command("Once they are there:", line),) if line and "'" not in lacking[0] else ()


def _lacking(scene: Scene) -> Sequence[str]:
    incident = scene.incident
    return missing(incident) if incident.joined is not None and incident.comms.sent else ()


def shown(incident: Incident) -> Iterator[str]:
    """Who leads it, where it is, who is there and who is not."""
    if not incident.war_room:
        yield f"{incident.id} has no war room: one service is affected, and its team handles it (P-WAR-1)."
        yield "Say which others are: `incidentctl warroom --affects SERVICE`."
        return
    yield people.authority(incident)
    yield f"Channel: {incident.channel or 'not open yet'}"
    yield f"There: {', '.join(there(incident)) or 'nobody, as far as anybody said'}"
    yield f"Missing: {', '.join(missing(incident)) or 'nobody'}"


# --- said from outside the walk ----------------------------------------------------------------------------


def told(incident: Incident, affects: Sequence[str], joined: Sequence[str]) -> list[Event]:
    """The events of `warroom`: services that are affected too, and who has come; nothing for what is known already.

    Raises Refused for a light incident (P-FIT-2), NotAllowed where somebody joins and there is no war room.
    """
    if incident.process == "light":
        message = "this incident is light, and has no war room"
        raise Refused("P-FIT-2", message, "Raise it first: `incidentctl severity LEVEL`.")
    before = incident.affected or ()
    services = _added(before, (name for name in affects if name.casefold() != incident.service.casefold()))
    if joined and not incident.war_room and not services:
        message = "there is no war room: one service is affected, and its team handles it"
        raise NotAllowed(message, "Say which others are: `incidentctl warroom --affects SERVICE` (P-WAR-1).")
    present = _added(incident.joined or (), (_canonical(who, services) for who in joined))
    events: list[Event] = [ServicesAffected(services)] if services != before else []
    return [*events, WarRoomJoined(present)] if present != (incident.joined or ()) else events


def _added(before: tuple[str, ...], names: Iterable[str]) -> tuple[str, ...]:
    """`before`, and those of `names` that are not among them; upper and lower case make no difference."""
    known = {name.casefold(): name for name in before}
    for name in names:
        if stripped := " ".join(name.split()):
            known.setdefault(stripped.casefold(), stripped)
    return tuple(known.values())


def _canonical(who: str, services: Sequence[str]) -> str:
    """`ledger` stands for its on-call, and `Comms lead` for the role."""
    name = " ".join(who.split())
    role = name.casefold().replace(" ", "-")
    service = next((one for one in services if name.casefold() in (one.casefold(), f"{one}{_ON_CALL}".casefold())), "")
    return f"{service}{_ON_CALL}" if service else role if role in (SUPPORT, _COMMS) else name
