"""Two programs on one incident, each on a terminal of its own: nothing is lost, nothing is there twice."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.walks import journal
from tests.tty.screen import Terminal
from tests.tty.walk import FIX_FORWARD, FOOT, RESUME, TO_THE_TREE, Place, Step, answer, is_asked, wait_until_asked

DEPLOY = Step("tree.recent-deploy", "Was there a deploy in the last 6 hours?", "n\r")
DATABASE = Step("tree.slow-database", "Is a database query slow?", "n\r")
QUEUE = Step("tree.queue-backlog", "Is the payments queue longer than 10,000?", "n\r")
CACHE = Step("tree.cache-stampede", "Is there a cache stampede?", "n\r")
UPDATE = Step("comms.update", "Update 2 (", "n\r")
SENT = Step("comms.sent", "Copied and sent to customers, internal, support?", "y\r")
HALF_AN_HOUR = replace(FIX_FORWARD[-1], keys="30 min\r", answer="30 min")
NOT_RECOVERED = Step("tree.roll-back.recovered", "Did the numbers come back?", "n\r", "no")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """At the first question of the tree."""
    place = Place(tmp_path)
    place.script(*TO_THE_TREE)
    return place


@contextmanager
def both(place: Place) -> Iterator[tuple[Terminal, Terminal]]:
    """Ada and Bob at the first question of the tree; Ada knows that Bob is there."""
    with place.terminal(*RESUME) as ada:
        wait_until_asked(ada, DEPLOY)
        with place.terminal(*RESUME, me="Bob") as bob:
            wait_until_asked(bob, DEPLOY)
            ada.wait_until(lambda shown: "Bob" in shown and is_asked(shown, DEPLOY), "she is told of him")
            yield ada, bob


def in_order(place: Place) -> bool:
    """Whether each number was given once, and each entry has an id of its own."""
    entries = journal(place.store)
    return [entry.seq for entry in entries] == [*range(1, len(entries) + 1)] and len(
        {entry.id for entry in entries}
    ) == len(entries)


def tree_answers(place: Place) -> list[tuple[str, str]]:
    return [
        (str(entry.prompt), entry.author) for entry in journal(place.store) if str(entry.prompt).startswith("tree.")
    ]


def told(terminal: Terminal) -> str:
    """All that is on the screen, as one line."""
    return " ".join(terminal.shown.split())


def test_what_the_other_answered_is_told_and_the_next_question_asked(place: Place) -> None:
    with both(place) as (ada, bob):
        answer(bob, DEPLOY)
        wait_until_asked(bob, DATABASE)
        wait_until_asked(ada, DATABASE)
        assert "Bob wrote meanwhile: Was there a deploy in the last 6 hours? No" in told(ada)
        answer(ada, DATABASE)
        wait_until_asked(bob, QUEUE)
        assert "Ada wrote meanwhile: Is a database query slow? No" in told(bob)
    assert tree_answers(place) == [("tree.recent-deploy", "Bob"), ("tree.slow-database", "Ada")]
    assert in_order(place)


def test_the_second_writer_is_told_and_asked_again_and_answers_nothing_unseen(place: Place) -> None:
    with both(place) as (ada, bob):
        # Ada's program cannot look: when it runs again, her answer and what Bob wrote are there together.
        ada.send(signal.SIGSTOP)
        answer(bob, DEPLOY)
        wait_until_asked(bob, DATABASE)
        ada.press("y\r")
        ada.send(signal.SIGCONT)
        wait_until_asked(ada, DATABASE)
        assert "Your answer was not recorded, because of that. Please look again." in told(ada)
        assert "hours? yes" not in told(ada)
        assert "Put aside" not in told(ada)
        assert tree_answers(place) == [("tree.recent-deploy", "Bob")]
        answer(ada, DATABASE)
        wait_until_asked(ada, QUEUE)
    assert tree_answers(place) == [("tree.recent-deploy", "Bob"), ("tree.slow-database", "Ada")]
    assert in_order(place)


def test_a_note_of_another_program_comes_in_and_what_is_half_typed_stays(place: Place) -> None:
    with place.terminal(*RESUME) as ada:
        wait_until_asked(ada, DEPLOY)
        ada.press("s\rit is pay")
        ada.wait_for("Why skip it?", "it is pay")
        with place.terminal("note", "the cache was restarted", me="Bob") as note:
            assert note.wait_for_end() == 0
        ada.wait_until(
            lambda shown: "the cache was restarted" in shown and shown.rstrip().endswith(FOOT), "the note comes in"
        )
        assert "Bob wrote meanwhile: " in told(ada)
        shown = ada.wait_for("Why skip it?", "it is pay")
        assert shown.rfind("Why skip it?") > shown.rfind("the cache was restarted")
        ada.press("day\r")
        wait_until_asked(ada, DATABASE)
    assert journal(place.store)[-1].event.reason == "it is payday"  # type: ignore[union-attr]
    assert in_order(place)


def test_half_a_note_goes_on_over_the_next_question_when_the_other_answers_the_one_below_it(place: Place) -> None:
    with both(place) as (ada, bob):
        ada.press("+the graph fa")
        ada.wait_for("A note for the timeline:", "the graph fa")
        answer(bob, DEPLOY)
        # That Bob joined is said in the same words, before he answers.
        ada.wait_for("Bob wrote meanwhile: Was there a deploy", "A note for the timeline:", "the graph fa", FOOT)
        assert "Put aside" not in ada.shown, "Bob has answered it, and it does not come back"
        ada.press("lls\r")
        shown = wait_until_asked(ada, DATABASE)
        assert "Note: the graph falls" in shown
    assert tree_answers(place) == [("tree.recent-deploy", "Bob")]


def test_what_was_typed_below_an_answer_of_the_other_is_said_to_be_lost_and_stands_there_to_copy(place: Place) -> None:
    with both(place) as (ada, bob):
        ada.press("s\rit is pay")
        ada.wait_for("Why skip it?", "it is pay")
        answer(bob, DEPLOY)
        shown = wait_until_asked(ada, DATABASE)
        assert "What you had typed there was not recorded:\nit is pay\n" in shown
        assert "Put aside" not in shown


def test_of_two_who_answer_in_the_same_moment_one_is_recorded_and_the_other_looks_again(place: Place) -> None:
    questions = (DEPLOY, DATABASE, QUEUE, CACHE)
    with both(place) as (ada, bob):
        for question in questions:
            for terminal in (ada, bob):
                wait_until_asked(terminal, question)
            for terminal in (ada, bob):
                terminal.press(question.keys)
        for terminal in (ada, bob):
            terminal.wait_for("? The tree has found no cause.", FOOT)
    assert [prompt for prompt, _ in tree_answers(place)] == [question.prompt for question in questions]
    assert in_order(place)


@pytest.mark.rule("P-ROLE-2", "P-COMMS-3")
def test_an_update_is_asked_of_the_comms_lead_and_covered_after_two_minutes(place: Place) -> None:
    place.clock.set(timedelta(minutes=5))
    place.script(*FIX_FORWARD[:-1], HALF_AN_HOUR, NOT_RECOVERED)
    with place.terminal("assign", "comms-lead", "Carla") as assign:
        assert assign.wait_for_end() == 0
    with place.terminal(*RESUME) as ada:
        wait_until_asked(ada, DATABASE)
        with place.terminal(*RESUME, me="Carla") as carla:
            wait_until_asked(carla, DATABASE)
            ada.wait_until(lambda _shown: "Carla wrote meanwhile: Joined" in told(ada), "she is told of her")
            place.clock.set(timedelta(minutes=30))
            wait_until_asked(carla, UPDATE)
            ada.wait_for("next update 00:00 · Carla is asked, you in 02:00", DATABASE.question)
            place.clock.set(timedelta(minutes=31, seconds=59))
            ada.wait_for("OVERDUE 01:59 · Carla is asked, you in 00:01", DATABASE.question)
            assert is_asked(ada.shown, DATABASE)
            place.clock.set(timedelta(minutes=32))
            answer(ada, UPDATE)
            wait_until_asked(ada, SENT)
            wait_until_asked(carla, DATABASE)  # what Ada has begun is hers
            answer(ada, SENT)
            wait_until_asked(ada, DATABASE)
            carla.press("\x03")
            assert carla.wait_for_end() == 130
            ada.wait_until(lambda _shown: "Carla wrote meanwhile: Left" in told(ada), "she is told that she went")
        wait_until_asked(ada, DATABASE)
        place.clock.set(timedelta(minutes=62))
        wait_until_asked(ada, Step("comms.update", "Update 3 ("))
    assert in_order(place)
