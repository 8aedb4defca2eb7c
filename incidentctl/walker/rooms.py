"""The incident's channel, where the program opens it in the chat, once a person has said so (P-FIRST-2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from incidentctl.errors import NotAllowed
from incidentctl.incident.events import ChannelOpened, Event
from incidentctl.incident.rooms import RoomEnded, RoomStarted
from incidentctl.incident.state import Incident
from incidentctl.walker.replies import Option
from incidentctl.walker.requests import AskChannel, Request
from incidentctl.walker.scene import Scene

CREATE: Final = "create"
_SERVICE: Final = "Slack"


def offered(request: Request, service: str) -> Request:
    """The question for the channel, with the value that lets the program open it in `service`, where it can."""
    if not service:
        return request
    word = Option(CREATE, f"create it in {service}", "under the proposed name; its topic says severity, title and IC")
    return replace(request, accepts=replace(request.accepts, words=(*request.accepts.words, word)))


def started(scene: Scene, ask: AskChannel) -> list[Event]:
    """The channel is to be opened.  Raises NotAllowed in a drill, and where no name is proposed."""
    if scene.incident.mode == "drill" or not ask.proposed:
        raise NotAllowed("a drill opens no channel" if ask.proposed else "no name is proposed", "Type the name.")
    return [RoomStarted(ask.proposed, _SERVICE)]


def is_under_way(incident: Incident) -> bool:
    """Whether it is being opened now: nobody has to be asked for it."""
    return isinstance(incident.room, RoomStarted)


def became(incident: Incident) -> Iterator[str]:
    """Why the program did not open it."""
    match incident.room:
        case RoomEnded(result="failed", service=service, name=name, reason=reason):
            yield f"{service} did not open {name}: {reason}. Open it yourself, or use another name."
        case RoomEnded(result="perhaps", service=service, name=name, reason=reason):
            yield f"{service} may have opened {name}: {reason}. Look there; `create` joins what is there already."
        case _:
            pass


def given_up(incident: Incident) -> list[Event]:
    """What was on its way when the walk before this one ended: a person says what became of it."""
    match incident.room:
        case RoomStarted(name=name, service=service):
            return [RoomEnded(name, service, "perhaps", reason="the program ended before it answered")]
        case _:
            return []


def news(incident: Incident, told: Sequence[RoomEnded]) -> Iterator[Event]:
    """What the chat says; the channel is open under that name unless somebody has named another one meanwhile."""
    for event in told:
        yield event
        if event.result == "opened" and not incident.channel:
            yield ChannelOpened(event.name)


def topic(incident: Incident) -> tuple[str, str]:
    """The id of the channel that the program opened, and what stands at its head; empty before there is a severity."""
    match incident.room, incident.severity:
        case RoomEnded(result="opened", id=id_), severity if severity is not None:
            head = f"{severity.level} {incident.service}: {incident.title}"
            teams = f", for all teams: {', '.join((incident.service, *(incident.affected or ())))}"
            return id_, f"{head} | IC {incident.holder('ic') or 'vacant'}{teams if incident.war_room else ''}"
        case _:
            return "", ""
