"""What the program runs itself: a fact before and after, and never twice without a person's word (P-TREE-5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from incidentctl.errors import NotAllowed
from incidentctl.incident.events import TreeAnswered
from incidentctl.incident.facts import ActionEnded, ActionStarted
from incidentctl.incident.words import Answer, Row
from incidentctl.reports.names import Names
from incidentctl.reports.sentences import Sentences
from incidentctl.runbook.model import Action, Check, Item, Need, Question
from incidentctl.walker import acts
from incidentctl.walker.orders import Order, order_of, words
from incidentctl.walker.running import Result
from tests.walker.story import BOOK, STOPPED, Story, at_tree, minutes, opened

FAILED = Result(ok=False, status=1, output=("boom",))


def running(book: object = BOOK) -> Story:
    """A story in which the rollback runs."""
    del book
    return at_tree().says("yes").says().says("run")


def order(story: Story) -> Order:
    started = [entry.event for entry in story.entries if isinstance(entry.event, ActionStarted)]
    return order_of(story.book, story.incident, started[-1], story.now)


def test_what_is_run_is_written_down_before_and_after() -> None:
    story = running()
    assert story.kinds()[-1] == "ActionStarted"
    assert order(story).argv == ("kubectl", "rollout", "undo", "deployment/checkout", "-n", "shop")
    assert story.asked == "tree.roll-back.running"
    story.passes(minutes(2)).ends()
    ended = story.entries[-1].event
    assert isinstance(ended, ActionEnded)
    assert (ended.result, ended.status, ended.took, ended.estimate) == ("done", 0, minutes(2), minutes(5))
    assert ended.output == ("all done",)
    assert story.asked == "tree.roll-back.recovered"


def test_to_run_it_oneself_is_the_default() -> None:
    story = at_tree().says("yes").says()
    assert story.request is not None
    assert [option.value for option in story.request.accepts.words] == ["done", "run", "failed"]
    story.says()
    assert "ActionStarted" not in story.kinds()


def test_a_drill_runs_nothing() -> None:
    story = at_tree()
    story.incident = replace(story.incident, mode="drill")
    story.says("yes").says()
    assert story.request is not None
    assert "run" not in [option.value for option in story.request.accepts.words]


@pytest.mark.rule("P-TREE-5")
def test_a_command_that_failed_counts_as_no_and_its_undo_is_offered() -> None:
    story = running().ends(FAILED)
    assert story.asked == "tree.roll-back.failed"
    assert story.says().asked == "tree.roll-back.undo", "Enter goes on"
    assert story.request is not None
    assert story.request.text == "It failed. Undo: Roll back the last deploy?"
    story.says("run")
    assert story.asked == "tree.roll-back.running"
    story.ends()
    assert story.kinds()[-2:] == ["ActionEnded", "UndoEnded"]
    assert story.asked == "tree.slow-database"


@pytest.mark.rule("P-TREE-5", "P-ROLL-2")
def test_a_rollback_that_failed_is_tried_again_once_a_person_has_seen_it_once_more() -> None:
    story = running().ends(FAILED)
    assert story.request is not None
    assert story.request.text == "It failed. Try again: Roll back the last deploy?"
    assert [option.value for option in story.request.accepts.words] == ["yes", "no"]
    story.says("yes")
    assert story.asked == "tree.roll-back.run"
    assert story.kinds().count("ActionStarted") == 1, "nothing runs before they say so"
    assert story.request.shown.commands[0].line == "kubectl rollout undo deployment/checkout -n shop"
    story.says("run").ends(FAILED)
    assert story.asked == "tree.roll-back.failed", "as often as they want"
    story.says("yes").says("run").ends()
    assert story.asked == "tree.roll-back.recovered"
    ended = [entry.event.result for entry in story.entries if isinstance(entry.event, ActionEnded)]
    assert ended == ["failed", "failed", "done"]


def test_what_was_not_tried_again_stays_so_and_another_round_asks_it_anew() -> None:
    story = running().ends(FAILED).says("no").says("keep")
    assert story.asked == "tree.slow-database"
    story.says("no").says("no").says("no").says("again")
    assert story.asked == "tree.recent-deploy"
    assert story.says("yes").says().asked == "tree.roll-back.run"


def test_the_queries_to_end_are_chosen_anew_for_another_try() -> None:
    ending = Action("end-queries", "End them", end_queries=Check("end_queries", {"dsn": "${DB}"}))
    book = replace(BOOK, tree=(Question("slow-database", "Is it slow?", if_yes=(ending,)),))
    story = at_tree(book).sees("end-queries/rows", "yes", rows=(Row("4711", "4711"),)).says("yes")
    story.says(("4711",)).says("run").ends(FAILED).says("yes")
    assert story.asked == "tree.end-queries.rows", "by now it may be another query"


def test_what_failed_in_an_old_journal_and_was_walked_past_is_not_asked_about() -> None:
    story = at_tree().answers(tree__recent_deploy="no", tree__slow_database="no", tree__queue_backlog="yes")
    story.answers(tree__consumers_restarting="no", tree__restart_consumer__run="failed")
    story.happens([TreeAnswered("external-dependency", "Is an external dependency failing?", Answer.NO, ())])
    assert story.asked == "tree.exhausted"


@pytest.mark.rule("P-TREE-5")
@pytest.mark.parametrize(
    ("seen", "text"),
    [
        ("no", "It did not help. Undo: Roll back the last deploy?"),
        ("unknown", "Nobody knows whether it helped. Undo: Roll back the last deploy?"),
    ],
)
def test_an_undo_is_offered_with_what_was_seen_and_no_more(seen: str, text: str) -> None:
    story = running().ends().says(seen)
    assert story.request is not None
    assert story.request.text == text


@pytest.mark.rule("P-COMMS-3")
def test_a_due_update_is_asked_while_a_command_runs() -> None:
    story = running().passes(minutes(31))
    assert story.asked == "comms.update"
    story.says("send").says("yes").answers(roles__comms_lead=None)
    assert story.asked == "tree.roll-back.running", "whether to roll back is no question while it is done"


def test_peer_defect_09_what_was_interrupted_is_never_run_again_by_itself() -> None:
    story = running()
    story.does(acts.Resume())
    assert story.asked == "tree.roll-back.interrupted"
    assert story.request is not None
    assert story.request.default is None
    assert story.request.shown.commands[0].line == "kubectl rollout undo deployment/checkout -n shop"
    assert story.kinds().count("ActionStarted") == 1


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("done", "tree.roll-back.recovered"),
        ("failed", "tree.roll-back.failed"),
        ("not-run", "tree.roll-back.run"),
        ("again", "tree.roll-back.running"),
    ],
)
def test_what_became_of_an_interrupted_command_is_said_by_a_person(said: str, then: str) -> None:
    story = running().ends(STOPPED)
    assert story.asked == "tree.roll-back.interrupted"
    assert story.request is not None
    assert story.request.shown.output == ("half done",)
    assert story.says(said).asked == then


@pytest.mark.rule("P-TREE-5")
def test_that_an_interrupted_command_failed_is_written_down_as_what_a_person_saw() -> None:
    story = running().does(acts.Resume()).passes(minutes(3)).says("failed")
    ended = story.entries[-1].event
    assert isinstance(ended, ActionEnded)
    sentence = Sentences(Names(story.book), UTC).of(ended, story.now)
    assert sentence == "Failed: Roll back the last deploy (took 3 min, estimate 5 min, as somebody saw)"
    assert story.says("no").asked == "tree.roll-back.undo"


def test_an_undo_that_failed_while_nobody_looked_is_asked_again() -> None:
    story = running().ends().says("no").says("run").ends(STOPPED)
    assert story.asked == "tree.roll-back.interrupted"
    assert story.says("failed").asked == "tree.roll-back.undo"


def test_a_command_of_the_first_minutes_can_be_run_and_is_asked_again_with_its_end() -> None:
    items = (*BOOK.first_minutes[:1], Item("freeze", "Freeze deploys", run="deployctl freeze checkout"))
    story = opened(replace(BOOK, first_minutes=items)).until("first.freeze").says("run")
    assert order(story).argv == ("deployctl", "freeze", "checkout")
    story.ends(Result(ok=False, status=3, output=()))
    assert story.asked == "first.freeze"
    assert story.request is not None
    assert "It ran and ended with 3." in story.request.shown.said


def test_a_request_is_shown_whole_before_it_is_sent() -> None:
    request = Check("http", {"method": "post", "url": "https://flags.example.com/provider", "body": "backup"})
    action = Action("switch", "Switch the provider", http=request)
    story = at_tree(replace(BOOK, tree=(Question("first", "First?", if_yes=(action,)), *BOOK.tree))).says("yes")
    assert story.request is not None
    assert story.request.shown.said == ("Sends POST https://flags.example.com/provider", "with the body: backup")
    story.says("run")
    assert order(story).check == request


# --- what exactly is run -----------------------------------------------------------------------------------


def test_inputs_fill_whole_words_after_the_line_was_split() -> None:
    line = "kubectl delete pod {{ pod }} --now={{ when }} 'a b'"
    inputs = {"pod": "web; rm -rf /", "when": "1 s"}
    assert words(line, inputs) == ("kubectl", "delete", "pod", "web; rm -rf /", "--now=1 s", "a b")


def test_an_input_is_never_taken_for_an_option() -> None:
    with pytest.raises(NotAllowed, match="read as an option"):
        words("kubectl delete pod {{ pod }}", {"pod": "--all"})


@pytest.mark.parametrize("line", ["echo 'half", "", "echo {{ unknown }}"])
def test_what_cannot_be_run_without_guessing_is_refused(line: str) -> None:
    with pytest.raises(NotAllowed):
        words(line, {})


def test_a_line_for_a_shell_stays_one_line_and_takes_no_inputs() -> None:
    def asked(line: str, *needs: Need) -> Story:
        action = Action("pipe", "Pipe it", run=line, shell=bool(line), needs=needs)
        book = replace(BOOK, tree=(Question("first", "First?", if_yes=(action,)), *BOOK.tree))
        return at_tree(book).says("yes")

    story = asked("a | b").says("run")
    assert order(story).argv == ("a | b",)
    assert order(story).shell
    story = asked("a {{ x }} | b", Need("x", "Which x?")).says("1").says("run")
    with pytest.raises(NotAllowed, match="takes no inputs"):
        order(story)
