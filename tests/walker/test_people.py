"""Who is paged and who holds which role (P-ROLE, P-FIRST-5)."""

from __future__ import annotations

import pytest

from incidentctl.errors import NotAllowed, Refused
from incidentctl.walker import acts
from tests.walker.story import CALM, START, at_tree, minutes, opened


@pytest.mark.rule("P-ROLE-1", "P-FIRST-1")
def test_who_acknowledges_is_incident_commander() -> None:
    assert opened().says().incident.holder("ic") == "ada"


@pytest.mark.rule("P-ROLE-1")
def test_without_an_acknowledgement_the_commander_is_asked_for() -> None:
    story = opened(severity="P1").says({"skip": "it was never paged"}).until("roles.ic").says("grace")
    assert story.incident.holder("ic") == "grace"


@pytest.mark.rule("P-FIRST-5")
def test_everyone_but_the_one_who_acknowledged_is_paged_in_one_question() -> None:
    story = opened(severity="P1").until("first.page")
    assert story.request is not None
    assert story.request.text == "P1: page lead, ic-backup and comms-lead. Done?"
    story.says(["lead"])
    assert story.incident.paged == {"lead": True, "ic-backup": False, "comms-lead": False}
    assert story.asked == "first.freeze-deploys"


@pytest.mark.rule("P-SEV-2")
def test_a_p2_pages_the_lead() -> None:
    story = opened(severity="P2").until("first.page")
    assert story.request is not None
    assert story.request.text == "P2: page lead. Done?"


@pytest.mark.rule("P-ROLE-4")
@pytest.mark.parametrize("name", ["ada", "  ADA ", "Ada"])
def test_commander_and_comms_lead_are_two_people(name: str) -> None:
    story = opened(severity="P1").until("roles.comms-lead")
    before = story.incident
    with pytest.raises(Refused, match="P-ROLE-4"):
        story.says(name)
    with pytest.raises(Refused, match="P-ROLE-4"):
        story.does(acts.Assign("comms-lead", name))
    assert story.incident == before


@pytest.mark.rule("P-ROLE-4", "P-ROLE-2")
def test_someone_alone_goes_on_with_the_seat_vacant_and_is_asked_at_every_update() -> None:
    story = opened(severity="P1").until("roles.comms-lead").says("vacant")
    story.until("tree.recent-deploy")
    asked = []
    for at in (30, 60):
        story.now = START + minutes(at)
        while story.asked != "tree.recent-deploy":
            asked.append(story.asked)
            story.says(CALM.get(story.asked or ""))
    assert asked.count("roles.comms-lead") == 2
    story.does(acts.Assign("comms-lead", "grace")).passes(minutes(30))
    while story.asked != "tree.recent-deploy":
        assert story.asked != "roles.comms-lead"
        story.says(CALM.get(story.asked or ""))


@pytest.mark.rule("P-ROLE-4")
def test_on_a_p2_the_seat_is_offered_once() -> None:
    story = at_tree(impact=("degraded",))
    asked = sum(entry.prompt == "roles.comms-lead" for entry in story.entries)
    story.passes(minutes(60)).answers(comms__update=None, comms__sent=None)
    assert asked == 1
    assert story.asked != "roles.comms-lead"


@pytest.mark.rule("P-ROLE-1", "P-ROLE-3")
def test_roles_are_assigned_and_vacated_by_name() -> None:
    story = at_tree().does(acts.Assign("engineer", "lin")).does(acts.Assign("ic", "vacant"))
    assert story.incident.holder("engineer") == "lin"
    assert story.incident.holder("ic") == ""
    with pytest.raises(NotAllowed, match="scribe"):
        story.does(acts.Assign("scribe", "lin"))


@pytest.mark.rule("P-ROLE-4", "P-SEV-6")
def test_raised_to_the_highest_level_the_seat_is_offered_again_and_then_at_every_update() -> None:
    story = at_tree(impact=("degraded",)).does(acts.ChangeSeverity("P1", "it is down"))
    assert [story.until(prompt).asked for prompt in ("first.page", "roles.comms-lead")]
    story.until("tree.recent-deploy").passes(minutes(30)).answers(comms__update=None, comms__sent=None)
    story.waits_at("roles.comms-lead").says("Grace").waits_at("tree.recent-deploy")
    assert story.incident.holder("comms-lead") == "Grace"


@pytest.mark.rule("P-ROLE-1", "P-ROLE-4")
@pytest.mark.parametrize("impact", ["down", "degraded"])
def test_a_vacant_command_is_asked_about_after_each_later_update_until_somebody_takes_it(impact: str) -> None:
    story = at_tree(impact=(impact,)).does(acts.Assign("comms-lead", "Grace")).does(acts.Assign("ic", "vacant"))
    assert story.asked == "roles.ic", "who leaves it says so, and whoever walks is asked at once"
    assert story.says("vacant").asked == "tree.recent-deploy"
    every = story.incident.severity.update_every if story.incident.severity else None
    assert every is not None
    story.passes(every).waits_at("comms.update").answers(comms__update=None, comms__sent=None)
    story.waits_at("roles.ic").says("vacant").waits_at("tree.recent-deploy")
    story.passes(every).waits_at("comms.update").answers(comms__update=None, comms__sent=None)
    assert story.waits_at("roles.ic").says().incident.holder("ic") == "ada", "Enter takes it"
    story.waits_at("tree.recent-deploy").passes(every).waits_at("comms.update")
    asked = len([entry for entry in story.entries if entry.prompt == "roles.ic"])
    story.answers(comms__update=None, comms__sent=None).waits_at("tree.recent-deploy")
    assert [entry.prompt for entry in story.entries].count("roles.ic") == asked
