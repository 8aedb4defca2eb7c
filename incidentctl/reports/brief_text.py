"""The brief on one screen of 80 x 24, for a person who came in a minute ago (P-ROLE-5, P-COMMS-9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from incidentctl.incident.entry import Entry
from incidentctl.incident.state import Incident
from incidentctl.reports.brief import ActionTaken, Brief, Question, brief
from incidentctl.reports.names import ROLE_NAMES, Names
from incidentctl.reports.paging import answered
from incidentctl.reports.status import (
    LABEL,
    WIDTH,
    due_line,
    handoff_line,
    headline,
    stable_line,
    state_line,
    updates_line,
)
from incidentctl.runbook.model import Runbook
from incidentctl.text.escape import one_line
from incidentctl.text.times import clock_time, span, zone
from incidentctl.walker import people, presence, war_room

_ROOM: Final = 22
"""Lines below the first; one of the 24 is for the prompt of the shell."""
_RECOVERED: Final = {
    "yes": ", numbers came back",
    "no": ", numbers not back",
    "unknown": ", nobody knows whether it helped",
}
_UNDO: Final = {"done": ", undone", "keep": ", kept"}
_BLOCKERS: Final = {"migrated": "data is migrated", "third-party": "a third party knows", "faster": "the fix is faster"}

Section = tuple[str, Sequence[str], int]
"""Label, lines, and how many of them stand there at least."""


def brief_text(book: Runbook, incident: Incident, entries: Sequence[Entry], now: datetime) -> str:
    """`brief` for people: at most 23 lines of 80 columns, without control characters; "and N more" where it is full."""
    sections = list(_Words(book, incident, entries, now).sections())
    drawn = [one_line(headline(incident), WIDTH)]
    for (label, texts, _least), room in zip(sections, _rooms(sections), strict=True):
        shown = list(texts) if len(texts) <= room else [*texts[: room - 1], f"and {len(texts) - room + 1} more"]
        for place, text in enumerate(shown):
            drawn.append(f"{label if place == 0 else '':<{LABEL}}{one_line(text, WIDTH - LABEL)}".rstrip())
    return "\n".join(drawn) + "\n"


def _rooms(sections: Sequence[Section]) -> list[int]:
    """How many lines each section has: its least, and what the others leave over, in their order."""
    rooms = [min(len(texts), least) for _label, texts, least in sections]
    spare = _ROOM - sum(rooms)
    for index, (_label, texts, _least) in enumerate(sections):
        more = min(len(texts) - rooms[index], spare)
        rooms[index] += more
        spare -= more
    return rooms


def _found(answer: str, evidence: Sequence[str]) -> str:
    """What the first check says; the answer before it, where the person said something else."""
    said = next(iter(evidence), "")
    agrees = not said or said.startswith(f"{answer}: ")
    return said if agrees else f"{answer}, though the check says {said}"


class _Words:
    """The shape in words; moments in the incident's time zone."""

    def __init__(self, book: Runbook, incident: Incident, entries: Sequence[Entry], now: datetime) -> None:
        self._incident = incident
        self._names = Names(book)
        self._now = now
        self._shape: Brief = brief(book, incident, entries, now)

    def sections(self) -> Iterator[Section]:
        """In the order in which somebody who comes in asks."""
        shape = self._shape
        yield "Condition", [self._state(), *self._people(), *self._numbers()], 6
        yield "Actions", [*self._now_done(), *map(self._action, reversed(shape["actions"]))] or ["none yet"], 3
        yield "Needs", list(self._needs()) or ["nothing"], 4
        yield "Found", list(map(self._question, shape["found"])), 2
        yield "Ruled out", list(map(self._question, shape["ruled_out"])) or ["nothing yet"], 3
        yield "Open", list(map(self._question, shape["open"])), 2
        yield "Due", list(self._due()) or ["nothing"], 2

    def _at(self, moment: str | datetime) -> str:
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return clock_time(at, zone(self._incident.timezone), seen_from=self._now)

    def _state(self) -> str:
        return f"{self._incident.id}, {self._shape['incident']['phase']}, {state_line(self._incident, self._now)}"

    def _people(self) -> Iterator[str]:
        incident, since = self._incident, self._shape["commanded_since"]
        if incident.process == "full":
            held = {role: incident.holder(role) or "vacant" for role in ROLE_NAMES}
            held["ic"] += f" since {self._at(since)}" if since else ""
            yield ", ".join(f"{ROLE_NAMES[role]} {who}" for role, who in held.items())
        leads = incident.war_room and incident.is_open and incident.process == "full"
        also = f"; also affected: {', '.join(incident.affected)}" if incident.affected and not leads else ""
        yield f"Channel: {incident.channel or 'not open yet'}{also}"
        if leads:
            yield people.authority(incident)
        if said := answered(incident, self._now):
            yield f"Reached: {said}"

    def _numbers(self) -> Iterator[str]:
        if self._shape["conditions"]:
            yield f"People see: {', '.join(self._shape['conditions'])}"
        yield from (number["said"] for number in self._shape["numbers"])

    def _now_done(self) -> Iterator[str]:
        runs, chosen = self._shape["running"], self._incident.mitigation
        if runs is not None:
            how = "may have run in part, from" if runs["interrupted"] else "runs since"
            yield f"{runs['text']}: {how} {self._at(runs['started_at'])}"
        if chosen is not None:
            because = _BLOCKERS.get(chosen.blocker, chosen.blocker) or chosen.reason
            estimate = f", estimate {span(chosen.estimate)}" if chosen.estimate is not None else ""
            what = "Roll back" if chosen.choice == "roll-back" else "Fix forward"
            yield f"Decided at {self._at(chosen.at)}: {what}{estimate}{f' ({because})' if because else ''}"

    def _action(self, action: ActionTaken) -> str:
        took = action["took_s"]
        lasted = f" after {span(timedelta(seconds=took))}" if took is not None else ""
        came = _RECOVERED.get(action["recovered"] or "", "") + _UNDO.get(action["undo"] or "", "")
        return f"{action['text']}: {action['result']}{lasted}{came}"

    def _needs(self) -> Iterator[str]:
        needs, offer = self._shape["needs"], self._incident.handoff
        if needs["question"]:
            yield f"{needs['question']} [{needs['prompt']}]"
        if offer is not None and needs["handoff"]:
            yield f"Hand-off {handoff_line(offer, self._incident.timezone, self._now)}"
        if self._incident.holder("ic") and (gone := presence.without_commander(self._incident)):
            yield gone
        vacant = ", ".join(ROLE_NAMES[role] for role in needs["vacant"])
        named = (("Vacant", vacant), ("Not reached", ", ".join(needs["not_reached"])))
        if any(who for _what, who in named):
            yield "; ".join(f"{what}: {who}" for what, who in named if who)
        if lacking := war_room.missing(self._incident):
            yield f"Not in the war room yet: {', '.join(lacking)}"
        for wish in reversed(needs["update_requests"]):
            reason = f": {wish['reason']}" if wish["reason"] else ""
            yield f"An update, asked for by {wish['by']} at {self._at(wish['at'])}{reason}"
        for one in needs["inputs"]:
            what = f"{one['name']} of '{self._names.of(one['step'])}'"
            yield f"Input {what}: {'not given yet' if one['value'] is None else one['value']}"

    def _question(self, said: Question) -> str:
        """`03:20 CET, Ada: Was there a deploy in the last 6 hours? none since 14:02`"""
        by = f", {said['by']}" if said["by"] else ""
        why = said["reason"] or _found(said["answer"], said["evidence"])
        earlier = f" (before the reopening: {said['answer']})" if said["before_reopening"] else ""
        skipped = " skipped" if said["answer"] == "skipped" else ""
        return f"{self._at(said['at'])}{by}: {said['question']}{skipped}{earlier}{f' {why}' if why else ''}"

    def _due(self) -> Iterator[str]:
        for due in self._shape["due"]:
            at = datetime.fromisoformat(due["at"])
            match due["what"]:
                case "update":
                    yield f"Update: {updates_line(self._incident, self._now)}"
                case "request":
                    pass  # it stands with what is needed
                case "page":
                    yield f"Somebody to answer their page: {due_line(self._incident, at, self._now)}"
                case "triage":
                    yield f"The severity: {due_line(self._incident, at, self._now)}"
                case "stable":
                    yield f"Stable: {stable_line(self._incident, at, self._now)}"
                case "post-mortem":
                    yield f"Post-mortem: {due_line(self._incident, at, self._now)}"
                case "decision":
                    yield f"Roll back? {due_line(self._incident, at, self._now)}"
                case "reminder":
                    yield f"The reminder sleeps until {self._at(at)}"
                case "hand-off":
                    yield f"Hand-off of the command: {due_line(self._incident, at, self._now)}"
