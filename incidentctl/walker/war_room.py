"""Several services affected: one channel, and who is in it (P-WAR)."""

from __future__ import annotations

from incidentctl.incident.events import Event, ServicesAffected, WarRoomJoined
from incidentctl.walker.replies import Accepts, Option, Reply, Several
from incidentctl.walker.requests import AskAffected, AskJoined, Phase, Request, Shown
from incidentctl.walker.scene import Scene


def request(scene: Scene) -> Request | None:
    """Which other services are affected, where the runbook has dependencies; then who has joined."""
    incident = scene.incident
    if scene.book.depends_on and incident.affected is None:
        return _ask_affected(scene)
    return _ask_joined(scene) if incident.war_room and incident.joined is None else None


def _ask_affected(scene: Scene) -> Request:
    return Request(
        prompt="war-room.affected",
        ask=AskAffected(),
        phase=Phase.FIRST_MINUTES,
        text="Which other services are affected?",
        why="One service: its team handles it. Several: a war room, one channel, one incident commander with "
        "authority across the teams (P-WAR-1).",
        accepts=Accepts(
            several=tuple(Option(service, service) for service in scene.book.depends_on), lists=True, open_list=True
        ),
        default=Several(()),
    )


def _ask_joined(scene: Scene) -> Request:
    affected = scene.incident.affected or ()
    expected = (*(f"{service} on-call" for service in affected), "support", "comms-lead")
    return Request(
        prompt="war-room.joined",
        ask=AskJoined(),
        phase=Phase.FIRST_MINUTES,
        text="War room: who is there?",
        why="The on-call of each affected service, customer support and the comms lead join the incident channel "
        "(P-WAR-2).",
        accepts=Accepts(several=tuple(Option(who, who) for who in expected), lists=True, open_list=True),
        default=Several(()),
        shown=Shown(said=(f"Ask them into {scene.incident.channel or 'the incident channel'}.",)),
    )


def decide(ask: AskAffected | AskJoined, reply: Reply) -> list[Event]:
    """The list as it was said."""
    values = reply.values if isinstance(reply, Several) else ()
    return [ServicesAffected(values) if isinstance(ask, AskAffected) else WarRoomJoined(values)]
