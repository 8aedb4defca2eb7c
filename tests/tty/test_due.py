"""What falls due takes the open question away, with no key pressed, and gives it back: the real program."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from incidentctl.incident.events import TreeAnswered, UpdateSent
from tests.clocked import BEGIN
from tests.crash.walks import answered, journal
from tests.tty.walk import FIX_FORWARD, RESUME, TO_THE_TREE, Place, Step, answer, is_asked, wait_until_asked

UPDATE = Step("comms.update", "Update 2 (", "n\r")
SENT = Step("comms.sent", "Copied and sent to customers, internal, support?", "y\r")
SEAT = Step("roles.comms-lead", "Who is comms lead?")
DEPLOY = Step("tree.recent-deploy", "Was there a deploy in the last 6 hours?")
DATABASE = Step("tree.slow-database", "Is a database query slow?")
QUEUE = Step("tree.queue-backlog", "Is the payments queue longer than 10,000?")
HALF_AN_HOUR = replace(FIX_FORWARD[-1], keys="30 min\r", answer="30 min")
RECOVERED = Step("tree.roll-back.recovered", "Did the numbers come back?", "n\r", "no")
ESTIMATE_OVER = Step("mitigation.reconsider", "The estimate is over and it is not fixed. Roll back?", "f\r")
DECISION_DUE = Step("mitigation.reconsider", "The 30 minutes are over and it is not fixed. Roll back?", "f\r")
REASON = Step("mitigation.reason", "What makes you sure that it is nearly fixed?", "half done\r")


def at(minutes: int, seconds: int = 0) -> timedelta:
    return timedelta(minutes=minutes, seconds=seconds)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """At the first question of the tree of a P1; the next update and the decision are due in thirty minutes."""
    place = Place(tmp_path)
    place.script(*TO_THE_TREE)
    return place


@pytest.mark.rule("P-COMMS-1", "P-COMMS-3")
def test_peer_defect_08_at_thirty_minutes_to_the_second_the_update_comes_and_gives_back_half_a_word(
    place: Place,
) -> None:
    place.clock.set(at(5))
    place.script(*FIX_FORWARD[:-1], HALF_AN_HOUR, RECOVERED)
    with place.terminal(*RESUME) as terminal:
        wait_until_asked(terminal, DATABASE)
        terminal.press("s\rit is pay")
        terminal.wait_for("Why skip it?", "it is pay", "next update 25:00")
        place.clock.set(at(29, 59))
        # The header is drawn after each look at whether something is due.
        terminal.wait_for("P1 · 29:59 · next update 00:01", "Why skip it?", "it is pay")
        place.clock.set(at(30))
        shown = wait_until_asked(terminal, UPDATE)
        assert "Put aside for now, as you left it: Is a database query slow?" in shown
        assert "P1 · 30:00 · next update 00:00" in shown
        answer(terminal, UPDATE, SENT, SEAT)
        terminal.wait_for("Back to: Is a database query slow?", "Why skip it?", "it is pay", "next update 30:00")
        terminal.press("day\r")
        wait_until_asked(terminal, QUEUE)
    assert answered(place.store)[-4:] == ["comms.update", "comms.sent", "roles.comms-lead", "tree.slow-database"]
    last = journal(place.store)[-1].event
    assert isinstance(last, TreeAnswered)
    assert last.reason == "it is payday"


@pytest.mark.rule("P-ROLL-4")
def test_when_the_estimate_is_over_roll_back_is_asked_and_half_a_note_is_given_back(place: Place) -> None:
    place.script(*FIX_FORWARD)
    with place.terminal(*RESUME) as terminal:
        wait_until_asked(terminal, RECOVERED)
        terminal.press("n+the graph fa")
        place.clock.set(at(19, 59))
        terminal.wait_for("decide in 00:01", "A note for the timeline:", "the graph fa")
        place.clock.set(at(20))
        shown = wait_until_asked(terminal, ESTIMATE_OVER)
        assert "❯ r  roll back" in shown
        assert "Put aside for now, as you left it: Did the numbers come back?" in shown
        answer(terminal, ESTIMATE_OVER, REASON, FIX_FORWARD[-1])
        terminal.wait_for("Back to: Did the numbers come back?", "A note for the timeline:", "the graph fa")
        terminal.press("lls\r")
        shown = wait_until_asked(terminal, RECOVERED)
        assert "❯ n  no" in shown


@pytest.mark.rule("P-COMMS-3")
def test_half_a_note_waits_while_an_update_is_due_and_is_the_same_at_every_question(place: Place) -> None:
    with place.terminal(*RESUME) as terminal:
        wait_until_asked(terminal, DEPLOY)
        terminal.press("+the graph fa")
        terminal.wait_for("A note for the timeline:", "the graph fa")
        place.clock.set(at(30))
        shown = wait_until_asked(terminal, UPDATE)
        assert "+ your note" in shown
        terminal.press("+")
        terminal.wait_for("A note for the timeline:", "the graph fa")
        terminal.press("lls\r")
        shown = wait_until_asked(terminal, UPDATE)
        assert "Note: the graph falls" in shown
        answer(terminal, UPDATE, SENT)
        assert "+ your note" not in wait_until_asked(terminal, DECISION_DUE)


@pytest.mark.rule("P-ROLL-4", "P-COMMS-3")
def test_of_two_that_fall_due_at_once_the_update_comes_first(place: Place) -> None:
    with place.terminal(*RESUME) as terminal:
        wait_until_asked(terminal, DEPLOY)
        place.clock.set(at(30))
        answer(terminal, UPDATE, SENT, DECISION_DUE, REASON)


@pytest.mark.rule("P-COMMS-8")
def test_a_snoozed_update_comes_by_itself_when_the_snooze_is_over(place: Place) -> None:
    place.script(*FIX_FORWARD[:-1], HALF_AN_HOUR)
    with place.terminal(*RESUME) as terminal:
        wait_until_asked(terminal, RECOVERED)
        place.clock.set(at(30))
        wait_until_asked(terminal, UPDATE)
        terminal.press("l\r")
        terminal.wait_for("Remind me again in")
        terminal.press("10 min\r")
        wait_until_asked(terminal, Step("comms.snooze-reason", "Why must the update wait?"))
        terminal.press("no hand is free\r")
        wait_until_asked(terminal, ESTIMATE_OVER)
        place.clock.set(at(39, 59))
        assert is_asked(terminal.wait_for("OVERDUE 09:59"), ESTIMATE_OVER)
        place.clock.set(at(40))
        shown = wait_until_asked(terminal, UPDATE)
        assert "OVERDUE 10:00" in shown
        # On a small screen it has scrolled up by now.
        assert (
            b"Put aside for now, as you left it: The estimate is over" in terminal.written.rpartition(b"OVERDUE 09")[2]
        )


def test_the_time_left_runs_in_the_header_while_nobody_touches_a_key(place: Place) -> None:
    with place.terminal(*RESUME) as terminal:
        wait_until_asked(terminal, DEPLOY)
        for minutes, seconds, left in ((0, 1, "29:59"), (12, 30, "17:30")):
            place.clock.set(at(minutes, seconds))
            assert is_asked(terminal.wait_for(f"next update {left}"), DEPLOY)


def test_peer_defect_06_killed_between_two_updates_the_next_is_due_when_it_was(place: Place) -> None:
    place.clock.set(at(10))
    with place.terminal(*RESUME) as first:
        assert "next update 20:00" in wait_until_asked(first, DEPLOY)
        first.kill()
    place.clock.set(at(29, 59))
    with place.terminal(*RESUME) as second:
        assert "next update 00:01" in wait_until_asked(second, DEPLOY)
        place.clock.set(at(30))
        wait_until_asked(second, UPDATE)
        second.kill()
    place.clock.set(at(30, 40))
    with place.terminal(*RESUME) as third:
        assert "OVERDUE 00:40" in wait_until_asked(third, UPDATE)
        answer(third, UPDATE, SENT)
        third.wait_for("next update 30:00")
    sent = [entry.event for entry in journal(place.store) if isinstance(entry.event, UpdateSent)]
    assert [(update.next_update_at, update.late) for update in sent] == [
        (BEGIN + at(30), False),
        (BEGIN + at(60, 40), True),
    ]
