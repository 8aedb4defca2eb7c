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
