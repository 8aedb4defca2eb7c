"""Fix forward or roll back, and the thirty minutes that come back (P-ROLL)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.incident.events import ActionEnded
from incidentctl.walker import due
from incidentctl.walker.replies import Word
from incidentctl.walker.running import Result
from tests.walker.story import BOOK, TREE, Story, at_tree, minutes, opened


def fixing(story: Story | None = None) -> Story:
    """Someone fixes forward in place of the rollback."""
    story = (story or at_tree()).answers(tree__recent_deploy="yes", mitigation__choice="fix-forward")
    return story.answers(mitigation__blocker="migrated", mitigation__estimate="20 min")


@pytest.mark.rule("P-ROLL-1", "P-ROLL-2")
def test_roll_back_is_preselected() -> None:
    story = at_tree().says("yes")
    assert story.request is not None
    assert story.request.default == Word("roll-back")


@pytest.mark.rule("P-ROLL-3", "P-SEV-1")
def test_on_a_p1_fix_forward_costs_a_blocker_and_an_estimate() -> None:
    story = fixing()
    assert story.asked == "tree.roll-back.recovered"
    fix = story.incident.mitigation
    assert fix is not None
    assert (fix.choice, fix.blocker, fix.estimate) == ("fix-forward", "migrated", minutes(20))


@pytest.mark.rule("P-ROLL-3", "P-SEV-2")
def test_on_a_p2_an_estimate_is_enough() -> None:
    story = at_tree(impact=("degraded",)).says("yes").says("fix-forward")
    assert story.asked == "mitigation.estimate"


@pytest.mark.rule("P-ROLL-4")
def test_the_decision_comes_back_thirty_minutes_after_the_severity() -> None:
    story = at_tree()
    story.passes(minutes(29)).says("unknown")
    assert story.asked == "tree.slow-database"
    story.passes(minutes(1))
    assert story.asked == "comms.update", "of what is due at the same moment the update comes first"
    story.says().says()
    assert story.asked == "mitigation.reconsider"


@pytest.mark.rule("P-ROLL-4")
def test_a_fix_that_takes_longer_than_its_estimate_is_asked_about_with_rollback_preselected() -> None:
    story = fixing().passes(minutes(19.9))
    assert story.asked == "tree.roll-back.recovered"
    story.passes(minutes(0.1))
    assert story.asked == "mitigation.reconsider"
    assert story.request is not None
    assert story.request.default == Word("roll-back")
    story.answers(mitigation__reconsider="fix-forward", mitigation__reason="the patch is in review")
    story.answers(mitigation__estimate="2 h")
    assert story.incident.decision_due_at == story.now + minutes(30), "at most 30 minutes"
    assert story.asked == "tree.roll-back.recovered"


@pytest.mark.rule("P-ROLL-4")
def test_rolling_back_after_all_walks_the_rollback_that_was_put_off() -> None:
    story = fixing().passes(minutes(20)).answers(mitigation__reconsider=None, tree__roll_back__run=None)
    story.answers(tree__roll_back__recovered="yes")
    assert story.asked == "clear.verify"
    assert story.passes(minutes(60)).asked == "comms.update"
    story.answers(comms__update=None, comms__sent=None, roles__comms_lead=None)
    assert story.asked == "clear.verify", "a service that has recovered is not rolled back"


@pytest.mark.rule("P-ROLL-4")
def test_the_clock_can_bring_a_rollback_before_its_question_was_reached() -> None:
    story = opened(severity="P2").until("tree.recent-deploy").says("no").passes(minutes(30))
    assert story.asked == "mitigation.reconsider"
    story.says().says().says("no").says()
    assert story.asked == "tree.slow-database"


@pytest.mark.rule("P-ROLL-4")
def test_without_any_rollback_fix_forward_is_preselected_and_rolling_back_by_hand_is_possible() -> None:
    story = opened(replace(BOOK, tree=TREE[1:]), severity="P2").until("tree.slow-database").passes(minutes(30))
    assert story.request is not None
    assert story.request.default == Word("fix-forward")
    story.says("roll-back").answers(tree__roll_back_by_hand__run=None, tree__roll_back_by_hand__recovered="yes")
    assert story.asked == "clear.verify"


@pytest.mark.rule("P-ROLL-5")
def test_a_fix_keeps_its_estimate_and_its_real_duration() -> None:
    story = fixing().passes(minutes(12)).says("yes")
    ended = next(entry.event for entry in story.entries if isinstance(entry.event, ActionEnded))
    assert (ended.kind, ended.estimate, ended.took) == ("fix", minutes(20), minutes(12))


@pytest.mark.rule("P-ROLL-5")
def test_a_rollback_keeps_its_estimate_and_its_real_duration() -> None:
    story = at_tree().says("yes").says().passes(minutes(4)).says()
    ended = story.entries[-1].event
    assert isinstance(ended, ActionEnded)
    assert (ended.kind, ended.estimate, ended.took) == ("rollback", minutes(5), minutes(4))


def test_a_fix_that_did_not_help_leaves_the_rollback_at_hand() -> None:
    story = fixing().says("no")
    assert story.asked == "tree.slow-database"
    story.passes(minutes(20))
    assert story.asked == "mitigation.reconsider"
    story.says()
    assert story.asked == "tree.roll-back.run"


def test_a_fix_chosen_by_the_clock_does_not_answer_the_choice_of_a_later_question() -> None:
    story = opened(severity="P2").until("tree.recent-deploy").passes(minutes(30))
    story.answers(mitigation__reconsider="fix-forward", mitigation__reason="found it", mitigation__estimate="10 min")
    story.answers(tree__recent_deploy="yes")
    assert story.asked == "mitigation.choice"


def test_what_the_runbook_says_to_look_at_first_is_shown_with_the_choice() -> None:
    story = at_tree().says("yes")
    assert story.request is not None
    assert "Before you choose: was data already migrated?" in story.request.shown.said


@pytest.mark.rule("P-ROLL-4", "P-TREE-5")
def test_after_a_long_rollback_whether_it_helped_comes_before_rolling_back_again() -> None:
    story = at_tree().answers(tree__recent_deploy="yes", mitigation__choice="roll-back")
    story.says("run").passes(minutes(29)).waits_at("tree.roll-back.running").passes(minutes(4)).ends()
    assert story.waits_at("tree.roll-back.recovered").passes(minutes(1)).asked == "tree.roll-back.recovered"
    assert not any(one.what == "decision" for one in due.moments(story.incident, story.now))
    assert story.says("no").asked == "mitigation.reconsider", "it was due all the time"


@pytest.mark.rule("P-ROLL-4")
def test_a_rollback_that_failed_after_a_long_time_is_asked_about_at_once() -> None:
    story = at_tree().answers(tree__recent_deploy="yes", mitigation__choice="roll-back")
    story.says("run").passes(minutes(29)).waits_at("tree.roll-back.running").passes(minutes(4))
    story.ends(Result(ok=False, status=1, output=()))
    while story.asked in ("comms.update", "comms.sent"):
        story.says()
    assert story.asked == "mitigation.reconsider"
