"""The first five minutes (P-FIRST), in their order, up to where the decision tree begins."""

from __future__ import annotations

from incidentctl.incident.events import ChannelOpened, Event, PageAcknowledged, StepTaken
from incidentctl.runbook.model import Item, ListStep, Note, Omitted
from incidentctl.walker import alerted, pager, people, rooms, running, triage, war_room
from incidentctl.walker.replies import Accepts, Reply, Skip, Typed, Word, out_of_place
from incidentctl.walker.requests import AskChannel, AskStep, FirstMinutesAsk, Phase, Request, Shown
from incidentctl.walker.scene import DONE, Scene
from incidentctl.walker.showing import commands, facts

NOT_IN_LIGHT = ("channel", "page")
WHY = {
    "acknowledge": "Until somebody has the page, it goes on to the next person. Whoever acknowledges is incident "
    "commander until that is handed over (P-FIRST-1, P-ROLE-1).",
    "channel": "One channel, so that everybody who joins reads the same story. Create it in your chat; the name is "
    "only proposed (P-FIRST-2).",
    "dashboards": "You will be asked what people see, and the numbers propose the severity (P-FIRST-3).",
}


def request(scene: Scene) -> Request | None:
    """What the first minutes still ask; None once the tree may begin, or the level does without one."""
    notes: list[str] = []
    for step in scene.book.first_minutes:
        asked = _of_step(scene, step, notes)
        if asked is not None:
            return asked
    # A runbook cannot leave the severity out of the full process: everything else hangs on it.
    asked = triage.request(scene) if not scene.is_light else None
    if asked is not None or scene.is_light or not _runs_tree(scene):
        return asked
    return people.page_request(scene) or people.request(scene) or war_room.request(scene)


def _runs_tree(scene: Scene) -> bool:
    severity = scene.incident.severity
    return severity is None or severity.tree


def _of_step(scene: Scene, step: ListStep, notes: list[str]) -> Request | None:
    if isinstance(step, Note | Omitted):
        notes.append(step.text if isinstance(step, Note) else f"Left out: {step.text} ({step.reason})")
        return None
    if step.id == "severity":
        return triage.request(scene)
    if step.id in scene.incident.steps or (scene.is_light and step.id in NOT_IN_LIGHT) or not _runs_tree(scene):
        notes.clear()
        return None
    if step.id == "channel" and rooms.is_under_way(scene.incident):
        return None
    if step.id == "page":
        return people.page_request(scene)
    return _ask(scene, step, tuple(notes))


def _ask(scene: Scene, item: Item, notes: tuple[str, ...]) -> Request:
    links = alerted.links(scene, item)
    said = (*alerted.said(scene), *notes, *facts(scene, item), *running.said(scene, item))
    if item.id == "dashboards" and not links:
        said = (*alerted.said(scene), *notes, "This runbook names no dashboards; open the ones you know.")
    is_channel = item.id == "channel"
    if is_channel:
        said = (*rooms.became(scene.incident), *said)
    return Request(
        prompt=f"first.{item.id}",
        ask=AskChannel(scene.book.channel) if is_channel else AskStep(item.id, item.text),
        phase=Phase.FIRST_MINUTES,
        text=item.text,
        why=WHY.get(item.id) or item.why or "A step of this runbook's first five minutes.",
        accepts=Accepts(
            words=() if is_channel else (DONE, *running.offers(scene, item)), text=is_channel, keyed=("skip",)
        ),
        default=None if is_channel else Word("done"),
        shown=Shown(said=said, links=links, commands=commands(item.run, item.undo, shell=item.shell)),
    )


def decide(scene: Scene, ask: FirstMinutesAsk, reply: Reply) -> list[Event]:
    """What a reply to a step means."""
    match ask, reply:
        case AskChannel(), Word(value=rooms.CREATE):
            return rooms.started(scene, ask)
        case AskChannel(), Typed(text=name):
            return [ChannelOpened(name)]
        case AskChannel(), Skip(reason=reason):
            return [StepTaken("channel", "Open the incident channel", "skipped", reason)]
        case AskStep(), Skip(reason=reason):
            return [StepTaken(ask.step, ask.text, "skipped", reason)]
        case AskStep(step="acknowledge"), Word(value=pager.ACKNOWLEDGE):
            return [PageAcknowledged(scene.incident.present), *pager.asked(scene.incident, "acknowledge")]
        case AskStep(step="acknowledge"), Word():
            return [PageAcknowledged(scene.incident.present)]
        case AskStep(), Word(value="run"):
            return running.of_item(scene.book.first_minutes, ask.step)
        case AskStep(), Word():
            return [StepTaken(ask.step, ask.text, "done")]
        case _:
            raise out_of_place(reply)
