"""The order in which things are asked, from the page to the all-clear (*The order*, P-FIRST)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.incident.events import SeverityChanged, StepTaken, UpdateWritten
from incidentctl.walker import acts
from incidentctl.walker.replies import Word
from incidentctl.walker.requests import Phase
from tests.walker.story import BOOK, Story, at_tree, minutes, opened


@pytest.mark.rule("P-FIRST-1", "P-FIRST-2", "P-FIRST-3", "P-FIRST-4", "P-FIRST-5")
def test_a_p1_is_asked_in_the_order_of_the_process() -> None:
    story = opened(title="")
    story.answers(first__acknowledge=None)
    story.answers(first__channel="incident-x", first__dashboards=None, triage__title="Nobody can pay")
    story.answers(triage__impact=("down",), triage__severity=None, first__page=None, first__freeze_deploys=None)
    story.answers(roles__comms_lead=None, comms__update=None, comms__sent=None)
    assert story.asked == "tree.recent-deploy"
    assert story.incident.title == "Nobody can pay"
    assert story.incident.channel == "incident-x"


@pytest.mark.rule("P-FIRST-4")
def test_a_title_that_was_given_is_not_asked() -> None:
    story = opened(title="Payments fail").answers(first__acknowledge=None, first__channel="c", first__dashboards=None)
    assert story.asked == "triage.impact"


def test_affected_services_are_asked_where_the_runbook_has_dependencies() -> None:
    story = opened(replace(BOOK, depends_on=("ledger",)), severity="P1").until("war-room.affected")
    story.says(["ledger"])
    assert story.asked == "war-room.joined"
    story.says(["ledger on-call"])
    assert story.asked == "comms.update"
    assert story.incident.war_room
    assert story.incident.joined == ("ledger on-call",)


@pytest.mark.rule("P-WAR-1")
def test_one_service_alone_makes_no_war_room() -> None:
    story = opened(replace(BOOK, depends_on=("ledger",)), severity="P1").until("war-room.affected").says()
    assert story.asked == "comms.update"
    assert not story.incident.war_room


def test_from_start_to_the_tree_enter_is_enough_on_a_p1() -> None:
    story, prompts = opened(severity="P1"), 0
    while story.asked != "tree.recent-deploy":
        story.says()
        prompts += 1
    assert prompts <= 10


@pytest.mark.rule("P-FIRST-6")
def test_a_long_triage_is_recorded() -> None:
    story = opened()
    story.answers(first__acknowledge=None, first__channel="c", first__dashboards=None, triage__impact=("down",))
    story.passes(minutes(7)).says()
    decided = next(entry.event for entry in story.entries if isinstance(entry.event, SeverityChanged))
    assert decided.took == minutes(7)


def test_a_step_is_skipped_with_its_reason() -> None:
    story = opened().says().says({"skip": "chat is down"})
    assert story.asked == "first.dashboards"
    assert story.entries[-1].event == StepTaken("channel", "Open the incident channel", "skipped", "chat is down")


@pytest.mark.rule("P-SEV-3")
def test_a_p3_becomes_a_ticket_and_ends() -> None:
    story = _to_impact(opened())
    story.answers(triage__impact=("cosmetic",), triage__severity=None)
    assert story.asked == "ticket.reference"
    story.says("OPS-12")
    assert story.asked is None
    assert story.incident.condition == "closed"
    assert "UpdateWritten" not in story.kinds()
    assert "PeoplePaged" not in story.kinds()


def test_down_to_p3_after_customers_were_told_asks_one_last_update_then_the_ticket() -> None:
    story = at_tree().does(acts.ChangeSeverity("P3"))
    assert story.asked == "comms.update"
    story.says("send").says()
    assert story.incident.comms.due_at is None
    assert story.asked == "ticket.reference"
    story.says("OPS-13")
    assert story.incident.condition == "closed"


@pytest.mark.rule("P-FIT-2", "P-FIT-1")
def test_a_light_incident_has_the_tree_and_a_closing_note() -> None:
    story = opened(replace(BOOK, process="light"))
    story.answers(first__acknowledge=None, first__dashboards=None, first__freeze_deploys=None)
    story.answers(tree__recent_deploy="no", tree__slow_database="yes", tree__end_queries__run=None)
    story.answers(tree__end_queries__recovered="yes", clear__verify="yes", clear__note="a forgotten index")
    assert story.asked is None
    assert story.incident.condition == "closed"
    assert story.incident.severity is None


@pytest.mark.rule("P-FIT-2", "P-SEV-6")
def test_a_severity_makes_a_light_incident_full_and_asks_only_what_is_missing() -> None:
    story = opened(replace(BOOK, process="light")).until("tree.recent-deploy").does(acts.ChangeSeverity("P1"))
    story.answers(first__channel="c", first__page=None, roles__comms_lead=None, comms__update=None, comms__sent=None)
    assert story.asked == "tree.recent-deploy"


@pytest.mark.rule("P-CLEAR-1", "P-CLEAR-2")
def test_verify_then_the_resolved_update_then_the_checklist() -> None:
    story = _recovered(at_tree())
    story.passes(minutes(11)).answers(clear__verify="yes", comms__update=None, comms__sent=None)
    assert story.incident.condition == "resolved"
    story.answers(clear__customers_told=None, clear__post_mortem="later")
    assert story.asked is None
    assert story.incident.condition == "resolved"
    assert not story.incident.clear.early
    story.does(acts.Resume())
    assert story.asked == "clear.post-mortem"
    story.says()
    assert story.incident.condition == "closed"


def test_verified_before_it_was_stable_is_taken_and_recorded_as_early() -> None:
    story = _recovered(at_tree()).passes(minutes(3)).says("yes")
    assert story.incident.clear.early
    assert not story.incident.is_open


@pytest.mark.rule("P-CLEAR-1", "P-TREE-5")
def test_a_verification_that_says_no_goes_on_with_the_tree() -> None:
    story = _recovered(at_tree()).says("no")
    assert story.asked == "tree.roll-back.undo"
    story.says()
    assert story.asked == "tree.slow-database"
    assert story.incident.is_open


@pytest.mark.rule("P-CLEAR-5")
def test_reopening_owes_an_update_at_once_and_asks_the_tree_from_its_first_question() -> None:
    story = _recovered(at_tree()).says("yes").until("clear.customers-told").says().says()
    assert story.incident.condition == "closed"
    story.passes(minutes(60)).does(acts.Reopen("it is back"))
    assert story.incident.condition == "open"
    story.answers(comms__update="send", comms__sent=None, roles__comms_lead=None)
    assert story.asked == "tree.recent-deploy"
    assert story.request is not None
    assert "Before the incident was reopened" in " ".join(story.request.shown.said)


@pytest.mark.rule("P-CLEAR-2")
def test_enter_never_says_that_customers_were_told_while_nothing_is_sent() -> None:
    story = _recovered(at_tree()).says("yes")
    assert story.asked == "comms.update"
    story.says("send").says("no")
    assert story.asked == "clear.customers-told"
    assert story.request is not None
    assert story.request.default == Word("later")
    assert story.request.shown.said[0] == "The update that says so is not sent yet; you are asked for it again."
    story.says().says()
    assert story.incident.condition == "resolved"
    assert story.passes(minutes(2)).asked == "comms.update"


def test_peer_defect_13_states_go_back_and_forth() -> None:
    story = _recovered(at_tree()).says("yes").until("clear.customers-told").says().says()
    story.does(acts.Reopen()).does(acts.ChangeSeverity("P2")).does(acts.ChangeSeverity("P1"))
    story.until("tree.recent-deploy").says("yes").says().says().says("yes").says("yes")
    story.until("clear.customers-told").says().says()
    assert story.incident.condition == "closed"
    assert story.kinds().count("AllClearGiven") == 2


def test_resolving_without_the_walk_leaves_the_rest_for_later() -> None:
    from incidentctl.walker import walk

    story = at_tree()
    story.replies(walk.resolve_now(story.book, story.incident, story.now), Word("yes"))
    assert story.incident.condition == "resolved"
    assert set(story.incident.clear.items.values()) == {"later"}
    story.does(acts.Resume())
    assert story.asked == "comms.update"


def test_the_phases_follow_the_walk() -> None:
    story = opened()
    assert story.phase is Phase.FIRST_MINUTES
    assert _to_impact(story).phase is Phase.TRIAGE
    story.says(("down",)).until("tree.recent-deploy")
    assert story.phase is Phase.TREE
    story.says("yes")
    assert story.phase is Phase.MITIGATION
    story.says().says().says("yes")
    assert story.phase is Phase.VERIFY
    story.says("yes")
    assert story.phase is Phase.ALL_CLEAR
    story.until("clear.customers-told").says().says()
    assert story.phase is Phase.DONE


def _to_impact(story: Story) -> Story:
    return story.answers(first__acknowledge=None, first__channel="c", first__dashboards=None)


def _recovered(story: Story) -> Story:
    story.answers(tree__recent_deploy="yes", mitigation__choice=None, tree__roll_back__run=None)
    return story.answers(tree__roll_back__recovered="yes")


@pytest.mark.rule("P-WAR-3")
def test_in_a_war_room_one_update_is_written_for_all_services() -> None:
    story = opened(replace(BOOK, depends_on=("ledger", "search")), severity="P1").until("war-room.affected")
    story.says(["ledger", "search"]).until("tree.recent-deploy")
    written = [entry.event for entry in story.entries if isinstance(entry.event, UpdateWritten)]
    assert [[text.audience for text in update.texts] for update in written] == [["customers", "internal"]]
