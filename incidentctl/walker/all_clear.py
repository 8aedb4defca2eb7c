"""The end: the verification, the checklist, a light incident's closing note, a P3's ticket (P-CLEAR, P-SEV-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

from incidentctl.incident.events import (
    AllClearGiven,
    ClosingNoteGiven,
    Event,
    ItemAnswered,
    RecoveryDenied,
    TicketWritten,
)
from incidentctl.incident.words import Answer
from incidentctl.runbook.model import Item, Note
from incidentctl.walker import due, evidence, pager, running
from incidentctl.walker.replies import Accepts, Option, Reply, Typed, Word, out_of_place
from incidentctl.walker.requests import (
    AskClosingNote,
    AskTicket,
    ClearAsk,
    ConfirmItem,
    ConfirmRecovery,
    Phase,
    Request,
    Shown,
    text_request,
)
from incidentctl.walker.scene import DONE, YES_NO, Scene, in_words
from incidentctl.walker.showing import commands, facts

LIGHT_ITEMS: Final = ("note",)


def ticket_request(scene: Scene) -> Request:
    """A level that does without the tree ends as a ticket (P-SEV-3)."""
    within = scene.level.respond_within if scene.level else ""
    said = (f"Nobody is paged. Answered within {within}.",) if within else ("Nobody is paged.",)
    return Request(
        prompt="ticket.reference",
        ask=AskTicket(),
        phase=Phase.ALL_CLEAR,
        text="Write a ticket. Its number or link:",
        why="At this severity the incident ends here, as a ticket for working hours (P-SEV-3).",
        accepts=Accepts(text=True),
        shown=Shown(said=said),
    )


def verify_request(scene: Scene, *, leave_rest: bool = False) -> Request:
    """All clear only after the numbers were verified, by a person's word (P-CLEAR-1).

    With `leave_rest` the checklist stays for later, as when an incident is resolved without the walk.
    """
    items = _items(scene)
    return Request(
        prompt="clear.verify",
        ask=ConfirmRecovery(
            tuple(name for name, _text in items), tuple(items) if leave_rest and not scene.is_light else ()
        ),
        phase=Phase.VERIFY,
        text="Verified: are the numbers back to normal?",
        why="Yes gives the all clear; no goes on with the tree. Look at the dashboards, not at the absence of alerts "
        "(P-CLEAR-1).",
        accepts=Accepts(words=YES_NO),
        default=_proposed(scene),
        shown=Shown(said=tuple(_stability(scene))),
        evidence=evidence.signal_subjects(scene.book),
    )


def _proposed(scene: Scene) -> Word | None:
    """Yes once the numbers have been back for as long as the runbook asks; a person's word has no default."""
    since = evidence.steady_since(scene)
    wanted = scene.book.all_clear.stable_for or timedelta()
    return Word("yes") if since is not None and scene.now - since >= wanted else None


def _stability(scene: Scene) -> list[str]:
    stable_for, since = scene.book.all_clear.stable_for, due.stable_since(scene)
    if stable_for is None or evidence.recovered(scene, None) is not Answer.UNKNOWN:
        return []  # what is measured stands above the question, with its own clock
    wanted = f"The runbook asks for {in_words(stable_for)} without a symptom"
    return [f"{wanted}; so far: {in_words(scene.now - since) if since else 'none'}."]


def _items(scene: Scene) -> list[tuple[str, str]]:
    if scene.is_light:
        return [(name, "Closing note") for name in LIGHT_ITEMS]
    return [(step.id, step.text) for step in scene.book.all_clear.checklist if isinstance(step, Item)]


def checklist_request(scene: Scene) -> Request | None:
    """The first item that is neither done nor left for later (P-CLEAR-2); None when the list is behind us."""
    answers = scene.incident.clear.items
    if answers.get("note") == "" and not any(item.id == "note" for item in scene.book.all_clear.checklist):
        return _ask_closing_note()
    notes: list[str] = []
    for step in scene.book.all_clear.checklist:
        if isinstance(step, Note):
            notes.append(step.text)
        elif isinstance(step, Item):
            if answers.get(step.id) == "":
                return _confirm_item(scene, step, tuple(notes))
            notes.clear()
    return None


def _ask_closing_note() -> Request:
    return text_request(
        "clear.note",
        AskClosingNote(),
        Phase.ALL_CLEAR,
        "Closing note: what was it, and what ended it?",
        why="Two lines now save the next one an hour (P-FIT-2).",
    )


def _confirm_item(scene: Scene, item: Item, notes: tuple[str, ...]) -> Request:
    owed = item.id == "customers-told" and scene.incident.needs_update
    untold = ("The update that says so is not sent yet; you are asked for it again.",) if owed else ()
    within = f"Due within {in_words(scene.book.postmortem_due)} of the all clear."
    written = (within,) if item.id == due.POST_MORTEM else ()
    return Request(
        prompt=f"clear.{item.id}",
        ask=ConfirmItem(item.id, item.text),
        phase=Phase.ALL_CLEAR,
        text=item.text,
        why=item.why or "An incident is closed when nothing on this list is left for later (P-CLEAR-2).",
        accepts=Accepts(words=(DONE, *running.offers(scene, item), Option("later", "later"))),
        default=Word("later" if untold else "done"),
        shown=Shown(
            said=(*notes, *untold, *written, *facts(scene, item), *running.said(scene, item)),
            links=item.links,
            commands=commands(item.run, item.undo, shell=item.shell),
        ),
    )


def decide(scene: Scene, ask: ClearAsk, reply: Reply) -> list[Event]:
    """What a reply at the end means."""
    match ask, reply:
        case ConfirmRecovery(), Word(value="yes"):
            return _cleared(scene, ask)
        case ConfirmRecovery(), Word(value=pager.RESOLVE):
            return [*_cleared(scene, ask), *pager.asked(scene.incident, "resolve")]
        case ConfirmRecovery(), Word():
            return [RecoveryDenied()]
        case ConfirmItem(), Word(value="run"):
            return running.of_item(scene.book.all_clear.checklist, ask.item)
        case ConfirmItem(), Word(value=result):
            return [ItemAnswered(ask.item, ask.text, "done" if result == "done" else "later")]
        case AskClosingNote(), Typed(text=text):
            return [ClosingNoteGiven(text)]
        case AskTicket(), Typed(text=reference):
            return [TicketWritten(reference)]
        case _:
            raise out_of_place(reply)


def _cleared(scene: Scene, ask: ConfirmRecovery) -> list[Event]:
    return [_all_clear(scene, ask), *(ItemAnswered(name, text, "later") for name, text in ask.leaves)]


def _all_clear(scene: Scene, ask: ConfirmRecovery) -> AllClearGiven:
    stable_for, since = scene.book.all_clear.stable_for, due.stable_since(scene)
    stable = scene.now - since if since else None
    # A yes before it was stable for long enough is taken, and recorded as early (*The order*).
    early = stable_for is not None and (stable is None or stable < stable_for)
    verified: Literal["checks", "word"] = "checks" if evidence.recovered(scene, None) is Answer.YES else "word"
    return AllClearGiven(early, stable, ask.items, verified)
