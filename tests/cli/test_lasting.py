"""What a step really took in earlier incidents, as the next walk of the same service tells it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from incidentctl.cli.past import Past
from incidentctl.clock import SystemClock
from incidentctl.incident.fold import fold
from incidentctl.incident.words import Mode
from incidentctl.journal.memory import MemoryJournal
from incidentctl.journal.sqlite import SqliteJournal
from incidentctl.terminal.interface import Outcome, Replied, Screen
from incidentctl.walker.replies import Skip, Word
from incidentctl.walker.requests import Request
from tests.cli.conftest import Answers, Program
from tests.session.people import FIRST_MINUTES, Person, Watch, opening, session

DAY = timedelta(days=1)
ROLLED_BACK = (
    "start.open-incident: new",
    "triage.impact: [critically degraded]",
    *("tree.recent-deploy: yes", "tree.roll-back.recovered: yes", "clear.verify: yes"),
)


def happened(
    store: Path,
    ago: timedelta,
    minutes: float,
    *,
    service: str = "search",
    mode: Mode = "real",
    reply: Word | Skip | None = Word("done"),  # noqa: B008 - a record, which nobody can change
) -> str:
    """An incident so long ago, in which that was said of the rollback after so many minutes, or nothing yet."""
    watch = Watch(SystemClock().now() - ago)

    def after_a_while(request: Request, screen: Screen) -> Outcome:
        del screen
        assert request.prompt == "tree.roll-back.run"
        if reply is None:
            raise KeyboardInterrupt
        watch.move(timedelta(minutes=minutes))
        return Replied(reply)

    with closing(SqliteJournal(store)) as journal:
        desk = session(journal, Person(*FIRST_MINUTES, "yes", "roll-back", after_a_while), watch=watch)
        book, first = opening(service)
        incident = desk.open(book, replace(first, mode=mode))
        with pytest.raises(KeyboardInterrupt):
            desk.walk(incident)
    return incident


def told(program: Program, answers: Answers, *words: str) -> str:
    """What the next incident of `search` shows, on one line."""
    done = program("start", "search", "--title", "x", *words, "--answers", answers(*ROLLED_BACK))
    assert done.status == 0, done.err
    return " ".join(done.out.split())


@pytest.mark.rule("P-ROLL-1")
def test_the_next_walk_tells_how_long_it_really_took(program: Program, answers: Answers, tmp_path: Path) -> None:
    for ago, minutes in ((9, 4), (8, 7), (7, 6)):
        happened(tmp_path / "store.db", ago * DAY, minutes)
    took = "took 4 min, 7 min and 6 min the last times (median 6 min)."
    for words in ((), ("--drill",)):
        said = told(program, answers, *words)
        assert f"Rolling back {took}" in said
        assert f"It {took}" in said, "worked out in the first walk, remembered in the second"
        took = "took 4 min, 7 min, 6 min and less than 1 s the last times (median 5 min)."


def test_drills_other_services_and_what_was_not_done_do_not_count(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    store = tmp_path / "store.db"
    happened(store, 9 * DAY, 10, mode="drill")
    happened(store, 8 * DAY, 20, service="payments")
    happened(store, 7 * DAY, 30, reply=Word("failed"))
    happened(store, 6 * DAY, 40, reply=Skip("somebody else does it"))
    assert "took" not in told(program, answers)


def test_whoever_goes_on_is_told_of_the_incidents_before_it_alone(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    store = tmp_path / "store.db"
    happened(store, 9 * DAY, 4)
    open_one = happened(store, 8 * DAY, 0, reply=None)
    happened(store, 7 * DAY, 20)
    done = program("resume", open_one, "--answers", answers("mitigation.reconsider: roll-back"))
    assert "Rolling back took 4 min the last time." in done.out


def test_what_is_remembered_is_what_would_be_worked_out(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    name = happened(store, 9 * DAY, 4)
    with closing(SqliteJournal(store)) as journal:
        entries = journal.read(name)
    kept = MemoryJournal()
    kept.append(name, entries, expected_seq=0)
    expected = {("roll-back", "done"): (timedelta(minutes=4),)}
    for _ in range(2):
        past = Past(kept, lambda one: fold(one, kept.read(one)), lambda _: timedelta())
        assert past.took("search") == expected
        assert past.took("search", name) == {}
        past.remember()
