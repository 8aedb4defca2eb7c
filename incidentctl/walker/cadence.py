"""The updates: the first, the due ones, the snooze (P-COMMS).  Silence is the only wrong answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from incidentctl.errors import Refused
from incidentctl.incident.events import (
    Event,
    FeatureNamed,
    SnoozeExplained,
    UpdateEdited,
    UpdateNotSent,
    UpdateSent,
    UpdateSnoozed,
    UpdateWritten,
)
from incidentctl.incident.state import Update
from incidentctl.incident.words import CommsPhase, Text
from incidentctl.walker import due as clock
from incidentctl.walker import posting, shifts, wanted, war_room
from incidentctl.walker.replies import Accepts, Option, Reply, Several, Snooze, Typed, Word, out_of_place
from incidentctl.walker.requests import (
    AskFeature,
    AskSnoozeReason,
    AskUpdate,
    AskUpdateText,
    CommsAsk,
    ConfirmSent,
    Phase,
    Request,
    Shown,
    WatchPosts,
    text_request,
)
from incidentctl.walker.scene import YES_NO, Scene, in_words

_STANDS_FOR: Final = timedelta(minutes=5)
"""How long the texts of an update stand on the screen before they are made anew."""
CUSTOMERS: Final = "customers"
SEND: Final = Option("send", "send this", "the texts above")
NO_PROGRESS: Final = Option("no-progress", "still working on it, no news", "that is an update too")
EDIT: Final = Option("edit", "write it in my own words")


def unfinished(scene: Scene, phase: Phase) -> Request | None:
    """An update that was begun is finished first, by whoever began it."""
    comms = scene.incident.comms
    if clock.in_hand(scene.incident, scene.now, scene.me):
        return None
    if comms.pending is not None:
        return _of_pending(comms.pending, phase)
    return _ask_snooze_reason(phase) if comms.snooze_unexplained else None


def _of_pending(pending: Update, phase: Phase) -> Request:
    if pending.kind == "edit" and not pending.edited:
        return _ask_text(pending, phase)
    return posting.watch(pending, phase) if posting.on_the_way(pending) else _confirm_sent(pending, phase)


def due(scene: Scene, phase: Phase) -> Request | None:
    """The update that is due now, or that somebody waits for (P-COMMS-1, P-COMMS-3)."""
    by_the_clock = clock.update(scene.incident, scene.now, phase, scene.me)
    has_come = by_the_clock is not None and by_the_clock.has_come(scene.now)
    wished_for = any(wish.has_come(scene.now) for wish in clock.requests(scene.incident, scene.now, scene.me))
    return ask_update(scene, phase) if has_come or wished_for else None


def ask_update(scene: Scene, phase: Phase) -> Request:
    """The question for an update now, due or not; first of all what customers call that which is broken."""
    incident = scene.incident
    if not incident.comms.feature and not scene.book.comms.feature:
        return _ask_feature(scene, phase)
    progress = CommsPhase.RESOLVED if clock.is_last(incident) else incident.comms_phase
    every = incident.severity.update_every if incident.severity else None
    last = progress is CommsPhase.RESOLVED
    return Request(
        prompt="comms.update",
        ask=AskUpdate(progress, scene.now, None if last or every is None else scene.now + every),
        phase=phase,
        text=_question(scene, progress),
        why="Customers forgive an outage sooner than silence. `Still working on it` is an update. Copy the texts to "
        "where your customers and colleagues read them (P-COMMS-1, P-COMMS-2).",
        accepts=Accepts(
            words=(SEND, EDIT) if last else (SEND, NO_PROGRESS, EDIT),
            keyed=("snooze",) if incident.comms.sent else (),
        ),
        default=Word("no-progress" if _nothing_new(scene, progress) else "send"),
        shown=Shown(
            said=(*_went_back(scene), *wanted.said(scene), *shifts.said(scene), *war_room.said(scene)),
            commands=(*shifts.commands(scene), *war_room.commands(scene)),
        ),
    )


def stands(asked: Request, again: Request) -> bool:
    """Whether a question that is still open is the one to ask, now that it would be asked as `again`.

    A text that nobody has answered for minutes names a time that is no longer one cadence away: it is made anew.
    """
    if isinstance(asked.ask, AskUpdate) and isinstance(again.ask, AskUpdate):
        return abs(again.ask.made_at - asked.ask.made_at) < _STANDS_FOR
    return asked.prompt == again.prompt


def _went_back(scene: Scene) -> Iterator[str]:
    """Why an update is asked for before the time that the last one names."""
    if clock.clock_went_back(scene.incident, scene.now):
        yield "This machine's clock was put back: the last update names a time that is too far away now."


def _question(scene: Scene, progress: CommsPhase) -> str:
    sent = scene.incident.comms.sent
    if progress is CommsPhase.RESOLVED:
        return "Tell them it is over:"
    return f"Update {sent + 1} ({progress}){wanted.by(scene)}:" if sent else "First update:"


def _nothing_new(scene: Scene, progress: CommsPhase) -> bool:
    comms = scene.incident.comms
    same = progress is comms.last_phase and progress is not CommsPhase.RESOLVED
    return comms.sent > 0 and same and scene.incident.news_seq < comms.last_seq


def _ask_feature(scene: Scene, phase: Phase) -> Request:
    return text_request(
        "comms.feature",
        AskFeature(),
        phase,
        "What do customers call what is broken?",
        why="Customers know `paying`, not the name of a service. It stands in every text for them (P-COMMS-4).",
        default=Typed(scene.book.title),
    )


def _ask_text(pending: Update, phase: Phase) -> Request:
    drafts = {text.audience: text.text for text in reversed(pending.texts)}
    draft = drafts.get(CUSTOMERS) or next(reversed(drafts.values()), "")
    return text_request(
        "comms.text",
        AskUpdateText(),
        phase,
        "Your words:",
        why="Written once, for every audience; the internal line keeps its facts in front (P-COMMS-6).",
        default=Typed(draft) if draft else None,
    )


def _confirm_sent(pending: Update, phase: Phase) -> Request:
    rest = tuple(text for text in pending.texts if not posting.is_out(pending, text.audience)) or pending.texts
    audiences = tuple(text.audience for text in rest)
    return Request(
        prompt="comms.sent",
        ask=ConfirmSent(audiences),
        phase=phase,
        text=f"Copied and sent to {', '.join(audiences)}?",
        why="An update counts once somebody says that it is out. `no`: you are asked again in two minutes "
        "(P-COMMS-1, P-COMMS-8).",
        accepts=Accepts(words=YES_NO, several=tuple(Option(name, name) for name in audiences), lists=True),
        # Where nobody can tell whether it arrived, somebody has to look before they say so.
        default=None if posting.may_be_out(pending) else Word("yes"),
        shown=Shown(said=tuple(posting.became(pending)), texts=rest),
    )


def _ask_snooze_reason(phase: Phase) -> Request:
    return text_request(
        "comms.snooze-reason",
        AskSnoozeReason(),
        phase,
        "Why must the update wait?",
        why="A customer who waits deserves a reason that holds afterwards. The update stays due (P-COMMS-8).",
    )


def decide(scene: Scene, ask: CommsAsk, reply: Reply) -> list[Event]:
    """What a reply about an update means.  Raises Refused for a snooze that is longer than one cadence."""
    match ask, reply:
        case AskFeature(), Typed(text=feature):
            return [FeatureNamed(feature)]
        case AskUpdate(), Snooze(duration=duration):
            return [_snoozed(scene, duration)]
        case AskUpdate(), Word(value=kind):
            return [_written(ask, kind)]
        case AskUpdateText(), Typed(text=text):
            return [UpdateEdited(text)]
        case AskSnoozeReason(), Typed(text=reason):
            return [SnoozeExplained(reason)]
        case WatchPosts(), Word():
            return posting.given_up(scene)
        case ConfirmSent(), _:
            return [_said_sent(scene, ask, reply)]
        case _:
            raise out_of_place(reply)


def _written(ask: AskUpdate, kind: str) -> Event:
    match kind:
        case "no-progress":
            return UpdateWritten("no-progress", ask.phase, ask.made_at, ask.next_update_at, ask.still)
        case "edit":
            return UpdateWritten("edit", ask.phase, ask.made_at, ask.next_update_at, ask.drafts)
        case _:
            return UpdateWritten("send", ask.phase, ask.made_at, ask.next_update_at, ask.drafts)


def _snoozed(scene: Scene, duration: timedelta) -> Event:
    every = scene.incident.severity.update_every if scene.incident.severity else None
    if every is not None and duration > every:
        message = f"an update can wait for one cadence at most, {in_words(every)}"
        raise Refused("P-COMMS-8", message, "Choose a shorter time.")
    return UpdateSnoozed(scene.now + duration)


def _said_sent(scene: Scene, ask: ConfirmSent, reply: Reply) -> Event:
    """What a person says was sent, and what servers have already."""
    audiences = () if reply == Word("no") else reply.values if isinstance(reply, Several) else ask.audiences
    pending = scene.incident.comms.pending
    out = tuple(name for name in pending.posts if posting.is_out(pending, name)) if pending else ()
    return sent(scene, (*out, *(name for name in audiences if name not in out)))


def sent(scene: Scene, audiences: tuple[str, ...]) -> Event:
    """The update is out to these; where they are none, it is asked for again soon."""
    pending = scene.incident.comms.pending
    if not audiences or pending is None:
        return UpdateNotSent(scene.now + clock.RETRY)
    everyone = [text.audience for text in pending.texts]
    return UpdateSent(
        audiences=audiences,
        phase=pending.phase,
        made_at=pending.made_at,
        next_update_at=_next_due(scene, pending),
        counted=CUSTOMERS in audiences or CUSTOMERS not in everyone,
        late=clock.late_by(scene.incident, pending.made_at) is not None,
        texts=tuple(Text(one.audience, one.text) for one in pending.texts if one.audience in audiences),
        due_at=scene.incident.comms.due_at,
        posted=tuple(name for name in audiences if posting.is_out(pending, name)),
    )


def all_out(scene: Scene) -> list[Event]:
    """The update is sent once every audience's server has it; nobody has to say so."""
    pending = scene.incident.comms.pending
    out = [text.audience for text in pending.texts if posting.is_out(pending, text.audience)] if pending else []
    return [sent(scene, tuple(out))] if pending and out and len(out) == len(pending.texts) else []


def _next_due(scene: Scene, pending: Update) -> datetime | None:
    """When the next update is due once this one is sent: the time that its text names.

    The severity may have changed since it was written: raising it shortens the wait, and whoever was not yet told
    the end is owed it now.
    """
    severity = scene.incident.severity
    every = severity.update_every if severity else None
    if clock.is_last(scene.incident):
        return None if pending.phase is CommsPhase.RESOLVED else scene.now
    if every is None:
        return None
    by_cadence = pending.made_at + every
    return min(pending.next_update_at or by_cadence, by_cadence)
