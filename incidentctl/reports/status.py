"""Where an incident stands: `incidentctl/status/1` for scripts, one screen for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, TypedDict

from incidentctl.incident.plain import seconds, timestamp
from incidentctl.incident.state import ROLES, ActionRecord, Handoff, Incident
from incidentctl.incident.words import Answer
from incidentctl.reports.names import ROLE_NAMES, Names
from incidentctl.reports.paging import answered, asked_for, not_reached
from incidentctl.runbook.model import Question, Runbook, steps_below
from incidentctl.text.escape import one_line
from incidentctl.text.times import clock_time, span, zone
from incidentctl.walker import due, presence, walk, war_room
from incidentctl.walker.evidence import lines, signal_subjects, subjects_of
from incidentctl.walker.requests import AskUpdate, Request
from incidentctl.walker.scene import Scene

WIDTH: Final = 80
LABEL: Final = 11
_NAME: Final = 17
_ZERO: Final = timedelta()
_DUE: Final[Mapping[str, str]] = {
    "triage": "Severity", "decision": "Roll back?", "stable": "Stable", "post-mortem": "Write-up",
}  # fmt: skip
"""What falls due besides the update and the hand-off, which have lines of their own, and how it is labelled."""


class Updates(TypedDict):
    """How many were sent, fell due, and were late."""

    sent: int
    due: int
    late: int


class TreeLine(TypedDict):
    """One question of the tree; `answer` is null until somebody answers."""

    id: str
    question: str
    answer: str | None
    evidence: list[str]


class ActionLine(TypedDict):
    """One action or rollback that ended."""

    step: str
    kind: str
    result: str
    estimate_s: int | float | None
    took_s: int | float | None


class WarRoom(TypedDict):
    """Who is there, and who of those that have to be is not, as far as anybody said (P-WAR-2)."""

    there: list[str]
    missing: list[str]


class Paged(TypedDict):
    """A role that was paged, whether it was reached, and as far as it is known by whom and when."""

    role: str
    reached: bool
    by: str | None
    at: str | None


class Status(TypedDict):
    """`incidentctl/status/1` (docs/json.md)."""

    schema: Literal["incidentctl/status/1"]
    id: str
    service: str
    title: str
    mode: str
    state: str
    severity: str | None
    phase: str
    comms_phase: str
    channel: str | None
    opened_at: str | None
    roles: dict[str, str | None]
    open_prompt: str | None
    next_update_due_at: str | None
    updates: Updates
    tree: list[TreeLine]
    actions: list[ActionLine]
    affected: list[str]
    war_room: WarRoom | None
    paged: list[Paged]


def status(book: Runbook, incident: Incident, now: datetime) -> Status:
    """The promised shape; times are RFC 3339 in UTC, spans are seconds."""
    request = walk.request(book, incident, now)
    next_update = incident.comms.due_at
    return {
        "schema": "incidentctl/status/1",
        "id": incident.id,
        "service": incident.service,
        "title": incident.title,
        "mode": incident.mode,
        "state": incident.condition,
        "severity": incident.severity.level if incident.severity else None,
        "phase": str(walk.phase(book, incident, now)),
        "comms_phase": str(incident.comms_phase),
        "channel": incident.channel or None,
        "opened_at": timestamp(incident.opened_at) if incident.opened_at else None,
        "roles": {role: incident.holder(role) or None for role in ROLES},
        "open_prompt": request.prompt if request else None,
        "next_update_due_at": timestamp(next_update) if next_update else None,
        "updates": _updates(incident, now),
        "tree": [_tree_line(book, incident, name, text) for name, text in _questions(book, incident).items()],
        "actions": [action_line(record) for record in incident.tree.actions],
        "affected": list(incident.affected or ()),
        "war_room": _war_room(incident),
        "paged": list(_paged(incident)),
    }


def _paged(incident: Incident) -> Iterator[Paged]:
    for role in asked_for(incident):
        page = incident.pages.get(role)
        at = page.answered_at if page else None
        yield {
            "role": role,
            "reached": incident.paged.get(role, False),
            "by": (page.by or None) if page else None,
            "at": timestamp(at) if at else None,
        }


def _war_room(incident: Incident) -> WarRoom | None:
    if not incident.war_room or incident.process == "light":
        return None
    return {"there": list(war_room.there(incident)), "missing": list(war_room.missing(incident))}


def _updates(incident: Incident, now: datetime) -> Updates:
    """Those sent, and the one that is due and not yet sent; it is late once its grace is over (P-COMMS-8)."""
    comms = incident.comms
    is_due = comms.due_at is not None and now >= comms.due_at
    is_late = due.late_by(incident, now) is not None
    return {"sent": comms.sent, "due": comms.sent + is_due, "late": comms.late + is_late}


def _questions(book: Runbook, incident: Incident) -> dict[str, str]:
    """Every question with its text: the runbook's in their order, then what else was answered."""
    asked = {step.id: step.text for step in steps_below(book.tree) if isinstance(step, Question)}
    answered = {name: said.text for name, said in incident.tree.answers.items()}
    return {**asked, **answered, **incident.tree.hypotheses, **asked}


def _tree_line(book: Runbook, incident: Incident, name: str, text: str) -> TreeLine:
    said, earlier = incident.tree.answers.get(name), incident.tree.earlier.get(name)
    evidence = [*evidence_of(book, incident, name), *([said.reason] if said and said.reason else [])]
    if earlier:
        evidence.append(f"before the reopening: {earlier.answer}")
    return {"id": name, "question": text, "answer": str(said.answer) if said else None, "evidence": evidence}


def evidence_of(book: Runbook, incident: Incident, name: str) -> Iterator[str]:
    """What the checks of a question say: `yes: 1 deploy in the last 6 h (deploys)`."""
    asked = next((s for s in steps_below(book.tree) if isinstance(s, Question) and s.id == name), None)
    for subject in subjects_of(book, asked) if asked else ():
        seen = incident.evidence.get(subject)
        if seen is not None:
            yield f"{seen.evidence.answer}: {seen.evidence.said} ({seen.evidence.source})"


def action_line(record: ActionRecord) -> ActionLine:
    """One action, with its spans in seconds."""
    return {
        "step": record.step,
        "kind": record.kind,
        "result": record.result,
        "estimate_s": None if record.estimate is None else seconds(record.estimate),
        "took_s": None if record.took is None else seconds(record.took),
    }


# --- for people --------------------------------------------------------------------------------------------


def status_text(book: Runbook, incident: Incident, now: datetime) -> str:
    """The same on one screen of 80 x 24, without control characters; a list too long for it says how much is left."""
    drawn = [one_line(headline(incident), WIDTH)]
    for label, texts, most in _rows(book, incident, now):
        shown = list(texts) if len(texts) <= most else [*texts[: most - 1], f"and {len(texts) - most + 1} more"]
        for place, text in enumerate(shown):
            drawn.append(f"{label if place == 0 else '':<{LABEL}}{one_line(text, WIDTH - LABEL)}")
    return "\n".join(drawn) + "\n"


def headline(incident: Incident) -> str:
    """`P1 checkout: Payments fail`; a drill says so."""
    level = f"{incident.severity.level} " if incident.severity else ""
    drill = "DRILL " if incident.mode == "drill" else ""
    return f"{drill}{level}{incident.service}: {incident.title or 'no title yet'}"


def _rows(book: Runbook, incident: Incident, now: datetime) -> Iterator[tuple[str, Sequence[str], int]]:
    """Label, lines, and how many of them fit."""
    yield "Incident", [incident.id], 1
    yield "State", [state_line(incident, now)], 1
    yield "Channel", [incident.channel or "not open yet"], 1
    if incident.process == "full":
        yield "Roles", [", ".join(f"{ROLE_NAMES[role]} {incident.holder(role) or 'vacant'}" for role in ROLES)], 1
        yield "Paged", _paged_line(incident, now), 1
        yield "No IC", [_left(incident)] if incident.holder("ic") and presence.vacancy(incident) else [], 1
        yield "Updates", [updates_line(incident, now)], 1
        yield "Asked for", [_asked_for(incident, now)] if incident.comms.requests else [], 1
    if incident.handoff is not None and incident.is_open:
        yield "Hand-off", [handoff_line(incident.handoff, incident.timezone, now)], 1
    for one in due.moments(incident, now, book):
        if one.what in _DUE:
            line = stable_line if one.what == "stable" else due_line
            yield _DUE[one.what], [line(incident, one.at, now)], 1
    yield "Open", [_open_line(book, incident, now)], 1
    signals = [line for line in lines(Scene(book, incident, now), signal_subjects(book)) if not line.startswith(" ")]
    yield "Signals", signals, 3
    if incident.affected or incident.war_room:
        lacking = ", ".join(war_room.missing(incident))
        names = ", ".join(incident.affected or ()) or "nobody has said which"
        yield "Affected", [f"{names}; war room without: {lacking}" if lacking else names], 1
    yield from _findings(book, incident)


def _findings(book: Runbook, incident: Incident) -> Iterator[tuple[str, Sequence[str], int]]:
    questions = _questions(book, incident)
    said = incident.tree.answers
    yield "Yes", [questions[name] for name, one in said.items() if one.answer is Answer.YES], 3
    ruled_out = [questions[name] for name, one in said.items() if one.answer is Answer.NO]
    ruled_out += [
        f"{one.text} (before the reopening: {one.answer})"
        for name, one in incident.tree.earlier.items()
        if name not in said
    ]
    yield "Ruled out", ruled_out, 4
    unsure = (Answer.UNKNOWN, Answer.SKIPPED)
    yield "Not known", [_unsure(questions[name], one.reason) for name, one in said.items() if one.answer in unsure], 3
    names = Names(book)
    yield "Actions", [_action_text(names, record) for record in incident.tree.actions], 4
    yield "Later", [names.of(item) for item, result in incident.clear.items.items() if result == "later"], 2


def _unsure(question: str, reason: str) -> str:
    return f"{question} (skipped: {reason})" if reason else question


def _action_text(names: Names, record: ActionRecord) -> str:
    took = f", took {span(record.took)}" if record.took is not None else ""
    estimate = f" (estimate {span(record.estimate)})" if record.estimate is not None else ""
    return f"{names.of(record.step)}: {record.result}{took}{estimate}"


def state_line(incident: Incident, now: datetime) -> str:
    """`open for 12 min, since 03:12 CET`"""
    if incident.opened_at is None:
        return "not opened"
    since = clock_time(incident.opened_at, zone(incident.timezone), seen_from=now)
    given = incident.clear.given_at
    if given is None:
        again = ", reopened" if incident.reopened_at else ""
        return f"open for {span(now - incident.opened_at)}, since {since}{again}"
    at = clock_time(given, zone(incident.timezone), seen_from=now)
    return f"{incident.condition} at {at}, after {span(given - incident.opened_at)}"


def updates_line(incident: Incident, now: datetime) -> str:
    """`identified, due by 03:42 CET, in 17 min; 2 sent, 0 late`; of one that sleeps, when it is asked for again."""
    count = _updates(incident, now)
    text = f"{count['sent']} sent, {count['late']} late"
    at, asleep = incident.comms.due_at, due.asleep_until(incident, now)
    if at is not None and asleep is not None:
        return f"{_due_shortly(incident, at, now)}, {_asked_again(incident, asleep, now)}; {text}"
    return f"{incident.comms_phase}, {due_line(incident, at, now)}; {text}" if at else text


def _due_shortly(incident: Incident, at: datetime, now: datetime) -> str:
    """What leaves room on the line for more."""
    clock = clock_time(at, zone(incident.timezone), seen_from=now)
    return f"due by {clock}" if at > now else f"OVERDUE since {clock}"


def _asked_again(incident: Incident, asleep: datetime, now: datetime) -> str:
    return f"asked again at {clock_time(asleep, zone(incident.timezone), seen_from=now)}"


def _open_line(book: Runbook, incident: Incident, now: datetime) -> str:
    """The question that is open; what is not sent or put off is not forgotten, though nobody is asked for it now."""
    request, asleep = walk.request(book, incident, now), due.asleep_until(incident, now)
    if request is not None:
        return f"{_asked_first(incident, request, now)}{request.text} [{request.prompt}]"
    if asleep is not None and incident.needs_update:
        return f"nothing now; the update is {_asked_again(incident, asleep, now)}"
    return "nothing"


def _asked_first(incident: Incident, request: Request, now: datetime) -> str:
    """Whoever is asked before the IC, as long as they are."""
    update = due.update(incident, now, request.phase, incident.holder("ic"))
    return f"{update.first} is asked: " if update and update.first and isinstance(request.ask, AskUpdate) else ""


def handoff_line(offer: Handoff, timezone: str, now: datetime) -> str:
    """`to Ben, offered at 03:40 CET; not accepted yet`"""
    return f"to {offer.incoming}, offered at {clock_time(offer.at, zone(timezone), seen_from=now)}; not accepted yet"


def _paged_line(incident: Incident, now: datetime) -> Sequence[str]:
    """Who was reached, and who was not."""
    parts = (("reached", answered(incident, now)), ("not reached", ", ".join(not_reached(incident))))
    said = [f"{what}: {who}" for what, who in parts if who]
    return ["; ".join(said)] if said else []


def _left(incident: Incident) -> str:
    """What an incident whose commander has left needs; the name in short, so that all of it is on the line."""
    return f"{one_line(incident.holder('ic'), _NAME)} has left; any responder: incidentctl assign ic NAME"


def _asked_for(incident: Incident, now: datetime) -> str:
    *before, latest = incident.comms.requests
    at = clock_time(latest.at, zone(incident.timezone), seen_from=now)
    more = f" (and {len(before)} more)" if before else ""
    return f"an update, by {latest.by} at {at}{more}{f': {latest.reason}' if latest.reason else ''}"


def stable_line(incident: Incident, moment: datetime, now: datetime) -> str:
    """`long enough at 03:42 CET, in 9 min`: when the numbers have been back for as long as the runbook asks."""
    at = clock_time(moment, zone(incident.timezone), seen_from=now)
    return f"long enough at {at}, in {span(moment - now)}" if moment > now else f"long enough since {at}"


def due_line(incident: Incident, moment: datetime, now: datetime) -> str:
    """`due by 03:42 CET, in 17 min`, or by how much it is overdue."""
    at = clock_time(moment, zone(incident.timezone), seen_from=now)
    left = moment - now
    return f"due by {at}, in {span(left)}" if left > _ZERO else f"OVERDUE by {span(-left)}, since {at}"
