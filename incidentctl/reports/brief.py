"""What someone who comes in needs, by condition, actions, needs: `incidentctl/brief/1`, and one screen for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal, TypedDict

from incidentctl.incident.entry import Entry
from incidentctl.incident.events import HypothesisNamed, TreeAnswered
from incidentctl.incident.plain import seconds, timestamp
from incidentctl.incident.state import Done, Incident
from incidentctl.incident.words import Answer
from incidentctl.reports.names import Names
from incidentctl.reports.paging import not_reached
from incidentctl.reports.status import ActionLine, Status, action_line, evidence_of, status
from incidentctl.runbook.model import Runbook, steps_below
from incidentctl.walker import due, evidence, walk
from incidentctl.walker.scene import Scene

What = due.What | Literal["reminder"]


class Number(TypedDict):
    """A number as it is now, with its thresholds, or as somebody typed it (`taken_at` is null)."""

    signal: str
    said: str
    taken_at: str | None


class ActionTaken(ActionLine):
    """An action that ended, and what came of it: `recovered` is null until somebody says so."""

    text: str
    recovered: str | None
    undo: str | None


class Runs(TypedDict):
    """What the program runs now; `interrupted`: nobody watches it, and it may have run in part."""

    step: str
    text: str
    command: str
    started_at: str
    interrupted: bool


class Chosen(TypedDict):
    """Roll back or fix forward, and why."""

    choice: str
    step: str
    at: str
    blocker: str | None
    reason: str | None
    estimate_s: int | float | None


class Input(TypedDict):
    """What a command needs to be told; `value` is null until it was."""

    step: str
    name: str
    ask: str
    value: str | None


class Offer(TypedDict):
    """A hand-off that nobody has accepted yet."""

    outgoing: str
    incoming: str
    at: str


class Wish(TypedDict):
    """Somebody asked for an update."""

    by: str
    reason: str
    at: str


class Question(TypedDict):
    """What was said to a question of the tree, by whom and when; `before_reopening` where it was said before that."""

    id: str
    question: str
    answer: str
    reason: str
    by: str
    at: str
    evidence: list[str]
    before_reopening: bool


class Due(TypedDict):
    """What falls due; `reminder` is when an update that was put off is asked for again."""

    what: What
    at: str


class Needs(TypedDict):
    """What the incident needs from people; `question` is null where nothing is asked."""

    prompt: str | None
    question: str | None
    vacant: list[str]
    not_reached: list[str]
    inputs: list[Input]
    handoff: Offer | None
    update_requests: list[Wish]


class Brief(TypedDict):
    """`incidentctl/brief/1` (docs/json.md)."""

    schema: Literal["incidentctl/brief/1"]
    incident: Status
    commanded_since: str | None
    conditions: list[str]
    numbers: list[Number]
    actions: list[ActionTaken]
    running: Runs | None
    mitigation: Chosen | None
    needs: Needs
    found: list[Question]
    ruled_out: list[Question]
    open: list[Question]
    due: list[Due]


UNSURE: Final = (Answer.UNKNOWN, Answer.SKIPPED)


def brief(book: Runbook, incident: Incident, entries: Sequence[Entry], now: datetime) -> Brief:
    """The promised shape, from the incident and its journal; times are RFC 3339 in UTC, spans are seconds."""
    said = questions(book, incident, entries)
    return {
        "schema": "incidentctl/brief/1",
        "incident": status(book, incident, now),
        "commanded_since": _maybe(incident.commanded_since),
        "conditions": list(incident.impact.conditions) if incident.impact else [],
        "numbers": list(_numbers(Scene(book, incident, now))),
        "actions": list(_actions(book, incident)),
        "running": _running(incident),
        "mitigation": _mitigation(incident),
        "needs": _needs(book, incident, now),
        "found": [one for one in said if one["answer"] == Answer.YES and not one["before_reopening"]],
        "ruled_out": [one for one in said if one["answer"] == Answer.NO or one["before_reopening"]],
        "open": [one for one in said if one["answer"] in UNSURE and not one["before_reopening"]],
        "due": list(_due(book, incident, now)),
    }


def _maybe(moment: datetime | None) -> str | None:
    return timestamp(moment) if moment else None


# --- condition ---------------------------------------------------------------------------------------------


def _numbers(scene: Scene) -> Iterator[Number]:
    """What is measured, then what was typed about signals that nobody measures."""
    seen = scene.incident.evidence
    for name in evidence.signal_subjects(scene.book):
        for line in evidence.lines(scene, [name]):
            if not line.startswith(" "):
                signal = name.removeprefix("signal/")
                yield {"signal": signal, "said": line, "taken_at": timestamp(seen[name].evidence.taken_at)}
    for number in scene.incident.impact.numbers if scene.incident.impact else ():
        if evidence.subject(number.signal) not in seen:
            yield {"signal": number.signal, "said": f"{number.text} (typed)", "taken_at": None}


# --- actions -----------------------------------------------------------------------------------------------


def _actions(book: Runbook, incident: Incident) -> Iterator[ActionTaken]:
    """What was done in the order in which it ended; what came of it stands with the last one of each step."""
    names, steps = Names(book), incident.tree.steps
    last = {record.step: index for index, record in enumerate(incident.tree.actions)}
    for index, record in enumerate(incident.tree.actions):
        done = steps.get(record.step, Done()) if last[record.step] == index else Done()
        yield {
            **action_line(record),
            "text": names.of(record.step),
            "recovered": str(done.recovered) if done.recovered else None,
            "undo": done.undo or None,
        }


def _running(incident: Incident) -> Runs | None:
    runs = incident.tree.running
    if runs is None:
        return None
    return {
        "step": runs.step,
        "text": runs.text,
        "command": runs.command,
        "started_at": timestamp(runs.started_at),
        "interrupted": runs.interrupted,
    }


def _mitigation(incident: Incident) -> Chosen | None:
    chosen = incident.mitigation
    if chosen is None:
        return None
    return {
        "choice": chosen.choice,
        "step": chosen.step,
        "at": timestamp(chosen.at),
        "blocker": chosen.blocker or None,
        "reason": chosen.reason or None,
        "estimate_s": None if chosen.estimate is None else seconds(chosen.estimate),
    }


# --- needs -------------------------------------------------------------------------------------------------


def _needs(book: Runbook, incident: Incident, now: datetime) -> Needs:
    request = walk.request(book, incident, now)
    offer = incident.handoff if incident.is_open else None
    wishes = incident.comms.requests
    return {
        "prompt": request.prompt if request else None,
        "question": request.text if request else None,
        "vacant": list(_vacant(incident)),
        "not_reached": list(not_reached(incident)),
        "inputs": list(_inputs(book, incident, getattr(request.ask, "step", "") if request else "")),
        "handoff": {"outgoing": offer.outgoing, "incoming": offer.incoming, "at": timestamp(offer.at)}
        if offer
        else None,
        "update_requests": [{"by": one.by, "reason": one.reason, "at": timestamp(one.at)} for one in wishes],
    }


def _vacant(incident: Incident) -> Iterator[str]:
    """The seats that a full incident needs while it is open; engineers come as they are needed."""
    if incident.process == "full" and incident.is_open:
        yield from (role for role in ("ic", "comms-lead") if not incident.holder(role))


def _inputs(book: Runbook, incident: Incident, open_step: str) -> Iterator[Input]:
    """What commands were told, and what the open one still needs."""
    given = incident.tree.inputs
    for step in steps_below(book.tree):
        for need in getattr(step, "needs", ()):
            value = given.get((step.id, need.name))
            if value is not None or step.id == open_step:
                yield {"step": step.id, "name": need.name, "ask": need.ask, "value": value}


# --- the tree ----------------------------------------------------------------------------------------------


def questions(book: Runbook, incident: Incident, entries: Sequence[Entry]) -> list[Question]:
    """Every question that was answered, with who said what and when; last those of before a reopening."""
    spoken: dict[str, Entry] = {}
    for entry in entries:
        match entry.event:
            case TreeAnswered(question=name) | HypothesisNamed(id=name):
                spoken[name] = entry
            case _:
                pass
    now, before = incident.tree.answers, incident.tree.earlier
    both = [*((name, said, False) for name, said in now.items())]
    both += [(name, said, True) for name, said in before.items() if name not in now]
    return [
        {
            "id": name,
            "question": said.text,
            "answer": str(said.answer),
            "reason": said.reason,
            "by": spoken[name].author if name in spoken else "",
            "at": timestamp(spoken[name].occurred_at if name in spoken else said.at),
            "evidence": list(evidence_of(book, incident, name)),
            "before_reopening": earlier,
        }
        for name, said, earlier in both
    ]


# --- what is due -------------------------------------------------------------------------------------------


def _due(book: Runbook, incident: Incident, now: datetime) -> Iterator[Due]:
    """The soonest first."""
    asleep = due.asleep_until(incident, now)
    known: list[tuple[datetime, What]] = [(asleep, "reminder")] if asleep is not None else []
    known += [(one.at, one.what) for one in due.moments(incident, now, book)]
    for at, what in sorted(known):
        yield {"what": what, "at": timestamp(at)}
