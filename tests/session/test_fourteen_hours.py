"""Fourteen hours of a P1, with restarts, suspends, a change of the clocks and of the severity.

What ought to have happened is worked out from the test's own script alone, and compared with what the program asked,
what the journal holds, and what the reports say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from incidentctl.incident.events import UpdateSent
from incidentctl.incident.fold import fold
from incidentctl.incident.state import Incident
from incidentctl.journal.sqlite import SqliteJournal
from incidentctl.reports.status import status, status_text
from incidentctl.reports.timeline import timeline_text
from incidentctl.runbook.model import Runbook
from incidentctl.terminal.header import header_text
from incidentctl.terminal.interface import Outcome, Replied, Screen, Withdrawn
from incidentctl.walker import acts
from incidentctl.walker.replies import Raw, read_reply
from incidentctl.walker.requests import Request
from tests.session.people import Person, Watch, opening, pinned, session

BERLIN = ZoneInfo("Europe/Berlin")
AUTUMN = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
SPRING = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
"""Five hours before the clocks in Berlin are put back, and forward."""
LOOK = timedelta(seconds=15)
GRACE = timedelta(seconds=30)
CADENCE = {"P1": timedelta(minutes=30), "P2": timedelta(minutes=60)}


def at(hours: int, minutes: int = 0) -> timedelta:
    return timedelta(hours=hours, minutes=minutes)


@dataclass(frozen=True)
class Happening:
    """`starts` after the beginning: the lid is closed, the process killed for so long, or the severity changed."""

    starts: timedelta
    what: str
    lasts: timedelta = timedelta()


NIGHT = (
    Happening(at(2, 10), "suspended", at(1, 35)),
    Happening(at(5, 3), "killed", at(0, 4)),
    Happening(at(5, 50), "killed", at(0, 55)),
    Happening(at(8, 8), "P2"),
    Happening(at(9, 20), "suspended", at(0, 3)),
    Happening(at(10, 20), "killed", at(0, 1)),
    Happening(at(11, 30), "P1"),
    Happening(at(12, 33), "suspended", at(0, 50)),
)
HESITATES = {at(1, 25): at(0, 4), at(7): at(0, 22)}
"""From when on the person needs so long for one update; they answer all others at once."""
ANSWERS: dict[str, Raw] = {
    "triage.impact": ["critically degraded"],
    "mitigation.reconsider": "fix-forward",
    "mitigation.blocker": "faster",
    "mitigation.reason": "nearly there",
}
LATE = [75, 30, 20, 23]
"""By how many minutes the updates of this night are late: after the first suspend, after the long outage, when the
person thought for 22 minutes, and after the last suspend.
"""
END = at(14)
TO_THE_END: tuple[tuple[str, Raw], ...] = (
    ("mitigation.choice", "roll-back"), ("tree.roll-back.run", "done"), ("tree.roll-back.recovered", "yes"),
    ("clear.verify", "yes"),
)  # fmt: skip


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


@dataclass
class Notes:
    """What the person wrote down themselves: when the severity was decided and changed, when they were asked for an
    update, when they answered that, and what the screen and the text said.
    """

    levels: list[tuple[datetime, str]] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)
    made: list[datetime] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    hesitates: dict[timedelta, timedelta] = field(default_factory=lambda: dict(HESITATES))


class Night(Person):
    """Somebody who sits before the first question of the tree until the end, and answers whatever interrupts it."""

    def __init__(
        self, watch: Watch, begin: datetime, notes: Notes, left: list[Happening], journal: SqliteJournal
    ) -> None:
        super().__init__()
        self._watch, self._begin, self._notes, self._left, self._journal = watch, begin, notes, left, journal
        self._ends = dict(TO_THE_END)
        self._thinks: timedelta | None = None

    def ask(self, request: Request, screen: Screen) -> Outcome:
        if request.prompt.startswith("tree.") and "roll-back" not in request.prompt:
            return self._sits(screen, request)
        if request.prompt == "comms.update":
            return self._writes(request, screen)
        raw = ANSWERS.get(request.prompt, self._ends.get(request.prompt))
        if request.prompt == "triage.severity":
            self._notes.levels.append((self._watch.now(), "P1"))
        if raw is not None:
            return Replied(read_reply(request.prompt, request.accepts, raw))
        assert request.default is not None, request.prompt
        return Replied(request.default)

    def _writes(self, request: Request, screen: Screen) -> Outcome:
        """Sends the text that was drawn last; while they think, it may be made anew."""
        notes, made = self._notes, self._watch.now()
        if self._thinks is None:
            notes.asked.append(made)
            notes.headers.append(header_text(screen.incident, made, 120))
            self._thinks = self._hesitation()
        while self._thinks > timedelta():
            self._watch.move(LOOK)
            self._thinks -= LOOK
            if not screen.still_open():
                return Withdrawn()
        self._thinks = None
        notes.made.append(made)
        notes.texts.append(request.shown.texts[0].text)
        return Replied(read_reply(request.prompt, request.accepts, "send"))

    def _hesitation(self) -> timedelta:
        since = self._watch.now() - self._begin
        due = next((start for start in self._notes.hesitates if start <= since), None)
        return self._notes.hesitates.pop(due) if due is not None else timedelta()

    def _sits(self, screen: Screen, request: Request) -> Outcome:
        """Looks once in a while, until the question is taken away or the end has come."""
        while self._watch.now() - self._begin < END:
            self._watch.move(LOOK)
            self._what_happens(screen.incident)
            if not screen.still_open():
                return Withdrawn()
        return Replied(read_reply(request.prompt, request.accepts, "yes"))

    def _what_happens(self, incident: Incident) -> None:
        if not self._left or self._watch.now() < self._begin + self._left[0].starts:
            return
        happens = self._left.pop(0)
        match happens.what:
            case "suspended":
                self._watch.move(happens.lasts)
            case "killed":
                self._watch.move(happens.lasts)
                raise Killed
            case level:
                self._notes.levels.append((self._watch.now(), level))
                somebody = session(self._journal, Person(), "Grace", self._watch)
                somebody.act(incident.id, acts.ChangeSeverity(level))


def the_night(path: Path, begin: datetime) -> tuple[Notes, str]:
    """Walk it, in a process after the other on one store; the notes of the person, and the incident's id."""
    watch, notes, left = Watch(begin), Notes(), list(NIGHT)
    incident_id = ""
    while True:
        journal = SqliteJournal(path)
        person = Night(watch, begin, notes, left, journal)
        walking = session(journal, person, watch=watch)
        try:
            if not incident_id:
                book, first = opening()
                incident_id = walking.open(replace(book, timezone="Europe/Berlin"), first)
                walking.walk(incident_id)
            else:
                walking.resume(incident_id, ())
        except Killed:
            continue
        finally:
            journal.close()
        return notes, incident_id


def ought(notes: Notes) -> Iterator[tuple[datetime, timedelta | None]]:
    """When each update was due, and how late it was: from the notes and the words of the process alone."""
    decided = notes.levels[0][0]
    yield decided, None if notes.made[0] <= decided + timedelta(minutes=5) else notes.made[0] - decided
    for before, made in pairwise(notes.made):
        level = [level for moment, level in notes.levels if moment <= before][-1]
        due = before + CADENCE[level]
        for moment, after in notes.levels:
            if before < moment <= made and after < level:  # raised: P1 is shorter than P2
                due = min(due, max(moment, before + CADENCE[after]))
            level = after if before < moment <= made else level
        yield due, made - due if made > due + GRACE else None


def here(moment: datetime) -> str:
    local = moment.astimezone(BERLIN)
    return f"{local:%H:%M} {local.tzname()}"


def absent(begin: datetime) -> Iterator[tuple[datetime, datetime]]:
    """While the lid was closed or no process ran, nobody could be asked."""
    for one in NIGHT:
        if one.what in ("suspended", "killed"):
            yield begin + one.starts, begin + one.starts + one.lasts + LOOK


def stand(path: Path, incident_id: str) -> tuple[Runbook, Incident, str, list[UpdateSent]]:
    journal = SqliteJournal(path)
    entries = journal.read(incident_id)
    journal.close()
    incident = fold(incident_id, entries)
    book = pinned(incident)
    sent = [entry.event for entry in entries if isinstance(entry.event, UpdateSent)]
    return book, incident, timeline_text(entries, incident, book), sent


@pytest.mark.rule("P-COMMS-1", "P-COMMS-3", "P-COMMS-8", "P-COMMS-9")
@pytest.mark.parametrize(("begin", "zones"), [(AUTUMN, ("CEST", "CET")), (SPRING, ("CET", "CEST"))])
def test_every_update_is_asked_when_it_is_due_none_twice_and_the_reports_name_the_late_ones(
    tmp_path: Path, begin: datetime, zones: tuple[str, str]
) -> None:
    notes, incident_id = the_night(tmp_path / "store.db", begin)
    book, incident, told, sent = stand(tmp_path / "store.db", incident_id)
    expected = list(ought(notes))[: len(notes.made)]
    *cadence, last = expected

    # Each was asked once, when it was due or as soon as anybody could be asked again.
    assert len(notes.asked) == len(sent) == len(expected)
    for (due, _), asked in zip(cadence[1:], notes.asked[1:], strict=False):
        gone = [until for since, until in absent(begin) if since <= due < until]
        could = max([due, *gone])
        assert due <= asked <= could + LOOK, here(due)

    # What the journal holds is what the script makes of it; the last one was due with the all clear.
    assert [(update.made_at, update.due_at) for update in sent[:-1]] == [
        (made, due) for made, (due, _) in zip(notes.made, cadence, strict=False)
    ]
    assert [update.late for update in sent] == [late is not None for _, late in (*cadence, (last[0], None))]

    # Exactly the late ones are named, with by how much; the script alone says which those are.
    late = [late for _, late in cadence if late is not None]
    assert [round(span.total_seconds() / 60) for span in late] == LATE
    said = re.findall(r"Update \(\w+\) sent (?:(\d+) h (\d+) min|(\d+) h|(\d+) min) late", re.sub(r"\s+", " ", told))
    minutes = [60 * int(h or whole or 0) + int(rest or only or 0) for h, rest, whole, only in said]
    assert minutes == [int(span.total_seconds() // 60) for span in late]
    counts = status(book, incident, begin + END)["updates"]
    assert counts == {"sent": len(sent), "due": len(sent), "late": len(late)}
    assert f"{len(sent)} sent, {len(late)} late" in status_text(book, incident, begin + END)

    # What was overdue said so with by how much, on the screen, when it was asked.
    assert sum("OVERDUE" in line for line in notes.headers) == sum(
        asked > due for (due, _), asked in zip(cadence[1:], notes.asked[1:], strict=False)
    )

    # Every text named the next one by the clocks of Berlin, which changed in that night.
    levels = [[level for moment, level in notes.levels if moment <= made][-1] for made in notes.made[:-1]]
    for made, level, text in zip(notes.made, levels, notes.texts, strict=False):
        assert here(made + CADENCE[level]) in text
    assert [name for name in zones if any(f" {name}" in text for text in notes.texts)] == list(zones)
    assert f"From here on times are {zones[1]}" in told
