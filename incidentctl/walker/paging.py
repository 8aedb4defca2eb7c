"""Pages that the program sends, once a person has said so; and what to do where nobody answers (P-FIRST-5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from incidentctl.errors import NotAllowed
from incidentctl.incident.events import Event, PeoplePaged
from incidentctl.incident.paging import Escalation, PageAnswered, PageEnded, PageEscalated, PagerTold, PageStarted
from incidentctl.incident.state import Incident, Paging
from incidentctl.runbook.model import Level, Person, Runbook
from incidentctl.runbook.quantities import parse_duration
from incidentctl.walker import pager
from incidentctl.walker.replies import Accepts, Option, Reply, Word, out_of_place
from incidentctl.walker.requests import AskEscalation, AskPage, Phase, Request, Shown
from incidentctl.walker.scene import Scene, in_words

PAGE: Final = "page"
CHANNEL: Final = "PagerDuty"
WAITED: Final = timedelta(minutes=5)
"""How long a page may stay unanswered where the runbook's level does not say it (`respond_within`)."""
ASKED_AT_MOST: Final = 3
_LOOKED_FOR: Final = timedelta(hours=1)
"""For how long the server is asked whether somebody has acknowledged."""
_WAY: Final = "pagerduty"
_NEXT: Final = ("lead", "ic-backup")
"""Who comes next, behind those whom the level names."""
_REACHED: Final = Option("reached", "they have answered", "by voice, or in the channel")
_BY_HAND: Final = Option("by-hand", "call them yourself", "with your own pager or telephone")
_COMMS: Final = "comms-lead"


def offered(request: Request, book: Runbook, channel: str) -> Request:
    """The question whom to page, with the value that lets the program do it through `channel`, where it can."""
    able = [role for role in request.ask.roles if _id(book, role)] if isinstance(request.ask, AskPage) else []
    if not able or not channel:
        return request
    rest = "; the others by hand" if len(able) < len(getattr(request.ask, "roles", ())) else ""
    word = Option(PAGE, f"page them now through {channel}", f"{', '.join(able)}{rest}")
    return replace(request, accepts=replace(request.accepts, words=(*request.accepts.words, word)))


def started(scene: Scene, roles: tuple[str, ...]) -> list[Event]:
    """The pages of those of `roles` who can be paged so.  Raises NotAllowed where nobody can, and in a drill."""
    if scene.incident.mode == "drill":
        raise NotAllowed("a drill pages nobody", "Say `done`, and who would have been paged.")
    events: list[Event] = [_page(scene, role) for role in roles if _id(scene.book, role)]
    if not events:
        raise NotAllowed("this runbook names nobody of them in PagerDuty", "Page them with your own pager.")
    return events


def _page(scene: Scene, role: str) -> PageStarted:
    before = scene.incident.pages.get(role)
    number = before.times + 1 if before else 1
    return PageStarted(
        role=role,
        name=scene.book.people[role].name,
        whom=_id(scene.book, role),
        # Whoever is no service is paged at the service that the runbook is about.
        service=_id(scene.book, "on-call"),
        channel=CHANNEL,
        key=f"{scene.incident.id}-{role}-{number}",
        answer_within=answer_within(scene.level),
    )


def answer_within(level: Level | None) -> timedelta:
    """The level's `respond_within`: the time in which somebody has to answer."""
    try:
        return parse_duration(level.respond_within) if level and level.respond_within else WAITED
    except ValueError:  # which the decoder has said already
        return WAITED


def _id(book: Runbook, role: str) -> str:
    """Whom to page for a role; empty where the runbook does not say it."""
    person: Person | None = book.people.get(role)
    return dict(person.ways).get(_WAY, "") if person else ""


def contact(book: Runbook, role: str) -> str:
    """`lead: payments lead (slack @payments-lead)`, or that the runbook does not know."""
    person = book.people.get(role)
    if person is None:
        return f"{role}: this runbook does not say who"
    ways = ", ".join(f"{way} {where}" for way, where in person.ways)
    return f"{role}: {person.name} ({ways})" if ways else f"{role}: {person.name}"


# --- what became of it -------------------------------------------------------------------------------------


def is_out(incident: Incident, role: str) -> bool:
    """Whether a page of this role is on its way or has arrived: nobody has to page them by hand."""
    page = incident.pages.get(role)
    return page is not None and page.result in ("started", "sent")


def became(incident: Incident, roles: tuple[str, ...]) -> Iterator[str]:
    """Why the program did not page those who are now to be paged by hand."""
    for role in roles:
        page = incident.pages.get(role)
        match page:
            case Paging(result="failed"):
                yield f"{page.started.channel} did not page {role}: {page.reason}. Page them yourself."
            case Paging(result="perhaps"):
                yield f"{page.started.channel} may have paged {role}: {page.reason}. Look before you page them again."
            case _:
                pass


def unheard_of(incident: Incident) -> tuple[PageStarted, ...]:
    """What was on its way when the walk before this one ended."""
    return tuple(page.started for page in incident.pages.values() if page.result == "started")


def awaited(scene: Scene) -> tuple[Paging, ...]:
    """The pages of which the server may still say that somebody acknowledged them.

    After an hour, or the time in which they have to answer, nobody looks.
    """
    pages = scene.incident.pages.values()
    return tuple(p for p in pages if p.result == "sent" and not p.by and scene.now < p.at + _looked_for(p))


def _looked_for(page: Paging) -> timedelta:
    return max(_LOOKED_FOR, page.started.answer_within)


def news(incident: Incident, told: Sequence[PageEnded | PageAnswered | PagerTold]) -> Iterator[Event]:
    """Of what the server says, what the journal has not heard yet."""
    for event in told:
        if isinstance(event, PagerTold):
            yield pager.placed(incident, event)
            continue
        page = incident.pages.get(event.role)
        if isinstance(event, PageEnded) or page is None or not page.by:
            yield event


# --- nobody answers ----------------------------------------------------------------------------------------


def request(scene: Scene, phase: Phase) -> Request | None:
    """What to do about a page, by the program or by hand, that nobody has answered in time."""
    if scene.level is None or not scene.level.page:
        return None
    role = next((role for role in scene.incident.pages if _is_silent(scene, role)), None)
    return _ask(scene, role, phase) if role is not None else None


def _is_silent(scene: Scene, role: str) -> bool:
    at = asked_at(scene.incident, role)
    return at is not None and scene.now >= at


def asked_at(incident: Incident, role: str) -> datetime | None:
    """From when somebody is asked about the page of `role`; None where nobody waits for an answer, or asks no more."""
    page = incident.pages.get(role)
    if page is None or page.result not in ("sent", "called") or page.by or _is_there(incident, role):
        return None
    waits = incident.is_open and page.asked < ASKED_AT_MOST
    return page.waits_from + page.started.answer_within if waits else None


def _is_there(incident: Incident, role: str) -> bool:
    """Whether they were reached, or came without a word of that."""
    seated = role == _COMMS and incident.holder(_COMMS)
    return incident.paged.get(role, False) or bool(seated) or role in (incident.joined or ())


def _ask(scene: Scene, role: str, phase: Phase) -> Request:
    page, after = scene.incident.pages[role], next_role(scene, role)
    if page.result == "called":
        return _ask_called(scene, page, after, phase)
    channel = page.started.channel
    wait = Option("wait", "wait", _asked_again(page))
    words = [Option("next", f"page {after}", f"{scene.book.people[after].name}, through {channel}")] if after else []
    return Request(
        prompt="page.escalate",
        ask=AskEscalation(role, after),
        phase=phase,
        text=f"{role} ({page.started.name}) was paged and has not acknowledged. What now?",
        why="A page that nobody has is no help. It is acknowledged there or here, by voice; till then somebody else is "
        f"better than nobody (P-FIRST-5). Nobody is paged before you say so, and after {ASKED_AT_MOST} times this "
        "is not asked again.",
        accepts=Accepts(
            words=(*words, Option("again", f"page {role} again", f"through {channel}"), wait, _REACHED, _BY_HAND)
        ),
        default=Word("wait"),
    )


def _asked_again(page: Paging) -> str:
    return f"you are asked again in {in_words(page.started.answer_within)}, {ASKED_AT_MOST} times in all"


def _ask_called(scene: Scene, page: Paging, after: str, phase: Phase) -> Request:
    """The same of a page by hand: a person knows whether they have answered, and nobody else does."""
    book, role = scene.book, page.started.role
    head = f"{role} ({book.people[role].name})" if role in book.people else role
    words = [Option("next", f"try {after}", "you are asked to page them now")] if after else []
    return Request(
        prompt="page.escalate",
        ask=AskEscalation(role, after),
        phase=phase,
        text=f"{head} has not answered for {in_words(scene.now - page.at)}. What now?",
        why="A page that nobody has is no help, and somebody else is better than nobody (P-FIRST-5). Whether they have "
        f"answered is known to you alone: after {ASKED_AT_MOST} times this is not asked again.",
        accepts=Accepts(words=(_REACHED, *words, Option("wait", "keep trying", _asked_again(page)))),
        default=Word("wait"),
        shown=Shown(said=tuple(contact(book, who) for who in (role, after) if who)),
    )


def next_role(scene: Scene, role: str) -> str:
    """Who is paged in the place of `role`: of those whom the level names, then the lead, then the commanders' backup.

    Empty where everybody is paged or reached already, or cannot be paged so: by the program, who it can page; by hand,
    who is known to the runbook and was not asked about yet.
    """
    incident, level, book = scene.incident, scene.level, scene.book
    by_hand = role in incident.pages and incident.pages[role].result == "called"
    for other in (*(level.page if level else ()), *_NEXT):
        answered = incident.paged.get(other, False) or (other == "on-call" and incident.acknowledged_by)
        usable = other in book.people and other not in incident.paged if by_hand else _id(book, other)
        if other != role and usable and other not in incident.pages and not answered:
            return other
    return ""


def decide(scene: Scene, ask: AskEscalation, reply: Reply) -> list[Event]:
    """What was chosen, and the page that follows.  Raises NotAllowed where they have acknowledged meanwhile."""
    page = scene.incident.pages.get(ask.role)
    if page is None or page.by or _is_there(scene.incident, ask.role):
        message = f"{ask.role} has been reached meanwhile"
        raise NotAllowed(message, "Nobody else is paged.")
    match reply:
        case Word(value="next") if page.result == "called":
            return [PageEscalated(ask.role, "next", ask.after)]
        case Word(value="next"):
            return [_decided(ask, "next"), *started(scene, (ask.after,))]
        case Word(value="again"):
            return [_decided(ask, "again"), *started(scene, (ask.role,))]
        case Word(value="reached"):
            return [PeoplePaged(scene.level.name if scene.level else "", (ask.role,), (ask.role,))]
        case Word(value="wait"):
            return [_decided(ask, "wait")]
        case Word(value="by-hand"):
            return [_decided(ask, "by-hand")]
        case _:
            raise out_of_place(reply)


def _decided(ask: AskEscalation, choice: Escalation) -> PageEscalated:
    return PageEscalated(ask.role, choice)
