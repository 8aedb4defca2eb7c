"""The decision tree, asked strictly in order (P-TREE)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from incidentctl.incident.events import ActionEnded
from incidentctl.incident.words import Answer
from incidentctl.runbook.model import Action, Need, Note, Question
from tests.walker.story import BOOK, TREE, Story, at_tree, minutes, opened

QUESTIONS = ["tree.recent-deploy", "tree.slow-database", "tree.queue-backlog", "tree.external-dependency"]


def at_exhausted() -> Story:
    """A story at the end of the tree with nothing found."""
    story = at_tree()
    for _ in QUESTIONS:
        story.says("no")
    return story


@pytest.mark.rule("P-TREE-1", "P-TREE-2", "P-TREE-3", "P-TREE-4")
def test_the_questions_come_in_their_order() -> None:
    story = at_tree()
    for question in QUESTIONS:
        assert story.asked == question
        story.says("no")
    assert story.asked == "tree.exhausted"


@pytest.mark.rule("P-TREE-7")
@pytest.mark.parametrize("reply", ["unknown", {"skip": "no access"}, "no"])
def test_whatever_is_not_a_yes_moves_on_and_is_remembered(reply: str | dict[str, str]) -> None:
    story = at_tree().says(reply)
    assert story.asked == "tree.slow-database"
    said = story.incident.tree.answers["recent-deploy"]
    assert said.answer is (Answer.SKIPPED if isinstance(reply, dict) else Answer(reply))
    assert said.reason == ("no access" if isinstance(reply, dict) else "")


@pytest.mark.rule("P-TREE-1", "P-TREE-5", "P-ROLL-2")
def test_a_recent_deploy_is_rolled_back_first() -> None:
    story = at_tree().says("yes")
    assert story.asked == "mitigation.choice"
    story.says().says()
    assert story.asked == "tree.roll-back.recovered"
    story.says("yes")
    assert story.asked == "clear.verify"


@pytest.mark.rule("P-TREE-5")
@pytest.mark.parametrize("recovered", ["no", "unknown"])
def test_numbers_that_did_not_come_back_offer_the_undo_then_the_next_question(recovered: str) -> None:
    story = at_tree().answers(tree__recent_deploy="yes", mitigation__choice=None, tree__roll_back__run=None)
    story.says(recovered)
    assert story.asked == "tree.roll-back.undo"
    assert story.says().asked == "tree.slow-database"


@pytest.mark.rule("P-TREE-5")
def test_an_action_that_failed_counts_as_no() -> None:
    story = at_tree().answers(tree__recent_deploy="no", tree__slow_database="yes", tree__end_queries__run="failed")
    assert story.asked == "tree.end-queries.failed", "nobody has to try it again"
    assert story.says().asked == "tree.end-queries.undo"


@pytest.mark.rule("P-TREE-5")
def test_what_a_person_did_and_failed_is_offered_once_more() -> None:
    story = at_tree().answers(tree__recent_deploy="no", tree__slow_database="yes", tree__end_queries__run="failed")
    assert story.says("yes").asked == "tree.end-queries.run"
    assert story.says("done").asked == "tree.end-queries.recovered"


def test_peer_defect_03_a_skipped_action_is_recorded_as_skipped_and_asks_nothing_about_it() -> None:
    story = at_tree().answers(tree__recent_deploy="no", tree__slow_database="yes")
    story.answers(tree__end_queries__run={"skip": "not allowed to"})
    assert story.asked == "tree.queue-backlog"
    ended = story.entries[-1].event
    assert isinstance(ended, ActionEnded)
    assert (ended.result, ended.reason, ended.took) == ("skipped", "not allowed to", None)


@pytest.mark.rule("P-TREE-7")
def test_sub_questions_are_asked_under_their_question() -> None:
    story = at_tree().answers(tree__recent_deploy="no", tree__slow_database="no", tree__queue_backlog="yes")
    story.answers(tree__consumers_restarting="no", tree__restart_consumer__run=None)
    assert story.asked == "tree.restart-consumer.recovered"
    story.says("no")
    assert story.asked == "tree.external-dependency"


def test_a_yes_that_has_only_notes_asks_what_was_done_about_it() -> None:
    story = at_tree()
    story.says("no").says("no").says("no").says("yes")
    assert story.asked == "tree.external-dependency.run"
    assert story.request is not None
    assert "Look at its page." in story.request.shown.said
    story.says()
    assert story.asked == "tree.external-dependency.recovered"


@pytest.mark.rule("P-TREE-6")
def test_another_round_asks_what_is_open_or_older_than_thirty_minutes() -> None:
    story = at_tree().says("no").passes(minutes(10)).says("unknown").says("no").says({"skip": "later"})
    story.says("again")
    assert story.asked == "tree.slow-database"
    assert "recent-deploy" in story.incident.tree.answers
    story.says("no").says("no")
    assert story.asked == "tree.exhausted"


@pytest.mark.rule("P-TREE-6")
def test_another_round_never_has_nothing_to_ask() -> None:
    assert at_exhausted().says("again").asked == "tree.recent-deploy"


@pytest.mark.rule("P-TREE-6", "P-WAR-2")
def test_the_war_room_is_opened_once_and_is_no_dead_end() -> None:
    story = at_exhausted().says("war-room")
    assert story.asked == "war-room.joined"
    story.says()
    assert story.asked == "tree.exhausted"
    assert story.request is not None
    assert [option.value for option in story.request.accepts.words] == ["again"]


@pytest.mark.rule("P-TREE-6")
def test_a_hypothesis_becomes_a_question_of_its_own_answered_yes() -> None:
    story = at_exhausted().says({"hypothesis": "a certificate expired"})
    story.answers(tree__hypothesis_1__run=None, tree__hypothesis_1__recovered="no")
    assert story.asked == "tree.exhausted"
    story.says({"hypothesis": "the clock is wrong"})
    story.answers(tree__hypothesis_2__run=None, tree__hypothesis_2__recovered="yes")
    assert story.asked == "clear.verify"


def test_inputs_fill_whole_words_of_the_command_that_is_shown() -> None:
    restart = Action(
        "restart", "Restart it", run="kubectl delete pod {{ pod }} -n shop", needs=(Need("pod", "Which?"),)
    )
    question = Question("stuck", "Is a pod stuck?", if_yes=(restart,))
    story = opened(replace(BOOK, tree=(question,)), severity="P1").until("tree.stuck").says("yes")
    story.answers(tree__restart__input__pod="a b; rm -rf /")
    assert story.request is not None
    assert [command.line for command in story.request.shown.commands] == [
        "kubectl delete pod 'a b; rm -rf /' -n shop",
    ]


def test_what_a_step_has_to_say_is_read_before_it_is_done_and_once() -> None:
    steps = (
        Note("n1", "Before."),
        Action("a1", "One"),
        Note("n2", "Between."),
        Action("a2", "Two"),
        Note("n3", "After."),
    )
    story = opened(replace(BOOK, tree=(Question("q", "Q?", if_yes=steps),)), severity="P1").until("tree.q").says("yes")
    read = []
    while story.asked and story.asked.startswith("tree.a"):
        assert story.request is not None
        read.append((story.asked, story.request.shown.said))
        story.says("no" if story.asked.endswith("recovered") else None)
    assert read == [
        ("tree.a1.run", ("Before.",)),
        ("tree.a1.recovered", ()),
        ("tree.a2.run", ("Between.",)),
        ("tree.a2.recovered", ("After.",)),
    ]


def test_an_omitted_question_is_shown_with_its_reason_and_not_asked() -> None:
    book = replace(BOOK, tree=(TREE[4], TREE[1]))
    story = opened(book, severity="P1").until("tree.slow-database")
    assert story.request is not None
    assert story.request.shown.said == ("Left out here: Is there a cache stampede? (it has no cache)",)


def test_notes_under_a_no_are_read_with_the_next_question() -> None:
    first = Question("q1", "One?", if_no=(Note("n", "So it is not one."),))
    story = opened(replace(BOOK, tree=(first, TREE[1])), severity="P1").until("tree.q1").says("no")
    assert story.request is not None
    assert story.request.shown.said == ("So it is not one.",)


@pytest.mark.rule("P-TREE-1")
def test_a_window_of_its_own_is_said_with_the_question() -> None:
    window = replace(TREE[0], within=timedelta(hours=2))
    story = opened(replace(BOOK, tree=(window,)), severity="P1").until("tree.recent-deploy")
    assert story.request is not None
    assert "What counts: the last 2 h." in story.request.shown.said
    usual = at_tree().request
    assert usual is not None
    assert usual.shown.said == ()


def test_a_note_behind_the_last_question_is_read_at_the_end_of_the_tree() -> None:
    book = replace(BOOK, tree=(TREE[1], Note("n", "Ask the vendor's hotline.")))
    story = opened(book, severity="P1").until("tree.slow-database").says("no")
    assert story.request is not None
    assert "Ask the vendor's hotline." in story.request.shown.said
