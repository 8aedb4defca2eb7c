"""Several services affected: who leads, who is paged for it, who is there (P-WAR)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.errors import NotAllowed, Refused, UserError
from incidentctl.incident.alert import AlertLabel, AlertReceived
from incidentctl.incident.events import PeoplePaged, ServicesAffected, WarRoomJoined
from incidentctl.incident.paging import PageStarted
from incidentctl.runbook.model import Person
from incidentctl.walker import acts, paging, war_room
from incidentctl.walker.replies import Several, Word
from incidentctl.walker.requests import Request
from tests.walker.story import BOOK, Story, at_tree, minutes, opened

DEPENDS = replace(BOOK, depends_on=("ledger", "search"))
PEOPLE = {
    "comms-lead": Person("comms-lead", "comms rota", (("phone", "+49 30 1234567"),)),
    "ic-backup": Person("ic-backup", "commanders' rota", (("pagerduty", "PESC001"),)),
    "on-call": Person("on-call", "checkout on-call", (("pagerduty", "PCHK001"),)),
}


def shown(story: Story) -> Request:
    assert story.request is not None
    return story.request


def pages(story: Story) -> list[tuple[str, ...]]:
    """Who was asked for, each time that somebody was."""
    return [entry.event.asked for entry in story.entries if isinstance(entry.event, PeoplePaged)]


def alerted(*labels: tuple[str, str], rows: tuple[str, ...] = (), resolved: bool = False) -> Story:
    """An incident that an alert began, at the question which services are affected."""
    story = opened(DEPENDS, severity="P1")
    pairs = tuple(AlertLabel(name, value) for name, value in labels)
    story.happens([AlertReceived("Alertmanager", "Errors", labels=pairs, rows=rows, resolved=resolved)])
    return story.until("war-room.affected")


# --- who leads it ------------------------------------------------------------------------------------------


@pytest.mark.rule("P-WAR-1")
def test_a_war_room_on_p2_pages_who_leads_it_and_only_them() -> None:
    story = opened(DEPENDS, severity="P2").until("war-room.affected")
    assert pages(story) == [("lead",)]
    story.says(["ledger"])
    request = shown(story)
    assert (request.prompt, request.text) == ("first.page", "War room: page ic-backup and comms-lead. Done?")
    assert request.shown.said[0] == "War room: ada (IC) decides for all teams: checkout, ledger."
    assert "P-WAR-1" in request.why
    story.says(["comms-lead"])
    assert story.incident.paged == {"lead": True, "ic-backup": False, "comms-lead": True}
    assert story.asked == "war-room.joined"
    assert not any("decides for all teams" in line for line in shown(story).shown.said), "it was said just now"


@pytest.mark.rule("P-WAR-1", "P-SEV-1")
def test_on_p1_everybody_is_paged_already_and_nothing_more_is_asked() -> None:
    story = opened(DEPENDS, severity="P1").until("war-room.affected").says(["ledger"])
    assert story.asked == "war-room.joined"
    assert shown(story).shown.said[0] == "War room: ada (IC) decides for all teams: checkout, ledger."
    assert pages(story) == [("lead", "ic-backup", "comms-lead")]


@pytest.mark.rule("P-WAR-1")
def test_who_leads_already_is_not_paged() -> None:
    story = opened(DEPENDS, severity="P2").until("war-room.affected")
    story.does(acts.Assign("comms-lead", "Grace")).says(["ledger"])
    assert shown(story).text == "War room: page ic-backup. Done?"
    other = opened(DEPENDS, severity="P2").until("war-room.affected").does(acts.Assign("ic", "Mara"))
    assert shown(other.says(["ledger"])).text == "War room: page comms-lead. Done?"
    both = opened(DEPENDS, severity="P2").until("war-room.affected").does(acts.Assign("ic", "Mara"))
    both.does(acts.Assign("comms-lead", "Grace")).says(["ledger"])
    assert both.asked == "war-room.joined"


@pytest.mark.rule("P-WAR-1")
def test_the_program_pages_them_only_on_a_persons_word() -> None:
    story = opened(replace(DEPENDS, people=PEOPLE), severity="P2").until("war-room.affected").says(["ledger"])
    request = paging.offered(shown(story), story.book, "PagerDuty")
    assert request.default == Word("done")
    assert not any(isinstance(entry.event, PageStarted) for entry in story.entries)
    story.replies(request, Word("page"))
    assert [entry.event.role for entry in story.entries if isinstance(entry.event, PageStarted)] == ["ic-backup"]
    assert shown(story).text == "War room: page comms-lead. Done?", "who has no id there is paged by hand"


@pytest.mark.rule("P-WAR-1")
def test_paging_them_can_be_skipped_and_is_not_asked_again() -> None:
    story = opened(DEPENDS, severity="P2").until("war-room.affected").says(["ledger"])
    story.says({"skip": "both sit beside me"})
    assert story.asked == "war-room.joined"
    story.passes(minutes(61)).waits_at("tree.recent-deploy")
    assert len(pages(story)) == 2


@pytest.mark.rule("P-WAR-1", "P-TREE-6")
def test_a_war_room_at_the_end_of_the_tree_pages_who_leads_it() -> None:
    story = at_tree(impact=("degraded",))
    while story.asked != "tree.exhausted":
        story.says("no")
    story.says("war-room")
    assert shown(story).text == "War room: page ic-backup and comms-lead. Done?"
    assert story.says().asked == "war-room.joined"


@pytest.mark.rule("P-WAR-1")
def test_a_war_room_known_from_the_start_is_in_the_one_question() -> None:
    story = opened(DEPENDS, severity="P2")
    story.happens([ServicesAffected(("ledger",))])
    assert shown(story.until("first.page")).text == "P2: page lead, ic-backup and comms-lead. Done?"


@pytest.mark.rule("P-WAR-1")
def test_without_a_commander_the_war_room_says_so() -> None:
    story = opened(DEPENDS, severity="P2").until("war-room.affected").does(acts.Assign("ic", "vacant"))
    said = shown(story.answers(roles__ic="vacant", war_room__affected=["ledger"])).shown.said[0]
    assert said == "War room: nobody commands yet; whoever does decides for all teams: checkout, ledger."


# --- which services ----------------------------------------------------------------------------------------


@pytest.mark.rule("P-WAR-2")
def test_a_dependency_that_the_alert_names_is_ticked() -> None:
    story = alerted(("alertname", "Errors"), ("upstream", "Ledger"))
    assert shown(story).default == Several(("ledger",))
    assert [(o.value, o.hint) for o in shown(story).accepts.several] == [
        ("ledger", "the alert names it"),
        ("search", ""),
    ]
    assert story.says().incident.affected == ("ledger",)


@pytest.mark.rule("P-WAR-2")
def test_the_rows_of_a_group_name_services_too() -> None:
    story = alerted(rows=("Errors (service=checkout): x", "Errors (service=web, pod=w-1): y", "Slow (job=search): z"))
    assert [option.value for option in shown(story).accepts.several] == ["ledger", "search", "web"]
    assert shown(story).default == Several(("search",)), "a stranger is offered, and not taken by Enter"


@pytest.mark.parametrize(
    ("labels", "rows", "resolved"),
    [
        ((("service", "checkout-api"),), (), False),  # this service, under another name
        ((("summary", "the ledger is slow"),), (), False),
        ((), ("resolved: Errors (service=ledger): x",), False),
        ((("service", "ledger"),), (), True),
    ],
)
def test_nothing_is_ticked_on_a_guess(
    labels: tuple[tuple[str, str], ...], rows: tuple[str, ...], resolved: bool
) -> None:
    story = alerted(*labels, rows=rows, resolved=resolved)
    assert shown(story).default == Several(())
    assert [option.value for option in shown(story).accepts.several] == ["ledger", "search"]


def test_an_alert_that_comes_later_counts_until_it_is_asked() -> None:
    story = alerted(("service", "checkout"))
    story.does(acts.Receive(AlertReceived("Grafana", "More", labels=(AlertLabel("service", "search"),))))
    assert shown(story).default == Several(("search",))
    assert story.incident.alert is not None
    assert story.incident.alert.source == "Alertmanager"


@pytest.mark.rule("P-WAR-2")
def test_alerts_of_several_services_ask_where_the_runbook_knows_no_dependency() -> None:
    rows = ("Errors (service=checkout): x", "Errors (service=web): y")
    story = opened(severity="P1")
    story.happens([AlertReceived("Alertmanager", "Errors", rows=rows)])
    story.until("war-room.affected")
    assert [option.value for option in shown(story).accepts.several] == ["web"]
    assert shown(story).default == Several(())


@pytest.mark.rule("P-WAR-1")
def test_a_service_that_turns_out_to_be_affected_makes_a_war_room() -> None:
    story = at_tree(impact=("degraded",)).does(acts.TellWarRoom(affects=("ledger", "Checkout", "LEDGER")))
    assert story.incident.affected == ("ledger",)
    assert story.asked == "first.page"
    assert story.says().says(["support"]).asked == "tree.recent-deploy"
    story.does(acts.TellWarRoom(affects=("search",)))
    assert story.incident.affected == ("ledger", "search")
    assert story.asked == "tree.recent-deploy"
    assert war_room.missing(story.incident) == ("ledger on-call", "search on-call", "comms-lead")


# --- who is there ------------------------------------------------------------------------------------------


def joined(*who: str) -> Story:
    """A war room of two services at the first question of the tree; these are there."""
    story = opened(DEPENDS, severity="P1").until("war-room.affected").says(["ledger"])
    return story.says(who).until("tree.recent-deploy")


@pytest.mark.rule("P-WAR-2", "P-WAR-1")
def test_the_question_says_who_must_join_where_and_who_decides() -> None:
    book = replace(DEPENDS, people=PEOPLE)
    request = shown(opened(book, severity="P1").until("war-room.affected").says(["ledger"]))
    assert [option.value for option in request.accepts.several] == ["ledger on-call", "support", "comms-lead"]
    assert request.shown.said == (
        "War room: ada (IC) decides for all teams: checkout, ledger.",
        "Ask them into incident-20261123-0312.",
        "comms-lead: comms rota (phone +49 30 1234567)",
    )


@pytest.mark.rule("P-WAR-2")
def test_who_is_missing_stands_above_each_later_update_until_they_come() -> None:
    story = joined("support")
    story.passes(minutes(30))
    request = shown(story)
    assert request.prompt == "comms.update"
    missing = "Not in the war room yet: ledger on-call, comms-lead. Ask them into incident-20261123-0312 again."
    assert missing in request.shown.said
    (command,) = request.shown.commands
    assert command.line == "incidentctl warroom 20261123-0312-abc --joined 'ledger on-call'"
    story.does(acts.TellWarRoom(joined=("ledger", "Comms Lead")))
    assert shown(story).shown.said == ()
    assert shown(story).shown.commands == ()


@pytest.mark.rule("P-WAR-2")
def test_the_first_update_does_not_say_what_was_just_asked() -> None:
    story = opened(DEPENDS, severity="P1").until("war-room.affected").says(["ledger"]).until("comms.update")
    assert shown(story).shown.said == ()


@pytest.mark.rule("P-WAR-2")
def test_whoever_comes_later_is_added_under_the_name_that_is_expected() -> None:
    story = joined("support").does(acts.TellWarRoom(joined=("ledger", " SUPPORT", "Comms lead", "Lin from Search")))
    (*_, last) = (entry.event for entry in story.entries if isinstance(entry.event, WarRoomJoined))
    assert last.who == ("support", "ledger on-call", "comms-lead", "Lin from Search")
    assert war_room.missing(story.incident) == ()
    before = len(story.entries)
    story.does(acts.TellWarRoom(joined=("LEDGER on-call",)))
    assert len(story.entries) == before, "nothing is written down twice"


@pytest.mark.rule("P-WAR-2", "P-ROLE-2")
def test_whoever_has_the_comms_seat_is_there() -> None:
    story = joined("ledger on-call", "support")
    assert war_room.missing(story.incident) == ("comms-lead",)
    story.does(acts.Assign("comms-lead", "Grace"))
    assert war_room.missing(story.incident) == ()
    assert war_room.there(story.incident) == ("ledger on-call", "support", "comms-lead")


def test_nobody_joins_where_there_is_no_war_room() -> None:
    with pytest.raises(NotAllowed, match="there is no war room"):
        at_tree().does(acts.TellWarRoom(joined=("support",)))
    with pytest.raises(NotAllowed, match="there is no war room"):
        at_tree().does(acts.TellWarRoom(affects=("checkout",), joined=("support",)))


@pytest.mark.rule("P-FIT-2")
def test_a_light_incident_has_none() -> None:
    with pytest.raises(Refused, match="P-FIT-2"):
        opened(replace(BOOK, process="light")).does(acts.TellWarRoom(affects=("ledger",)))


def test_once_it_is_over_nobody_is_missing_and_nobody_joins() -> None:
    story = joined("support").says("yes").says().says("done").says("yes").says("yes")
    assert not story.incident.is_open
    assert war_room.missing(story.incident) == ()
    with pytest.raises(UserError, match="resolved"):
        story.does(acts.TellWarRoom(joined=("ledger",)))


@pytest.mark.rule("P-WAR-3", "P-ROLE-4")
def test_in_a_war_room_the_comms_seat_is_offered_at_every_later_update_whatever_the_level() -> None:
    story = opened(DEPENDS, severity="P2").until("war-room.affected").says(["ledger"]).until("tree.recent-deploy")
    story.passes(minutes(60)).waits_at("comms.update").answers(comms__update=None, comms__sent=None)
    story.waits_at("roles.comms-lead").says("Grace").waits_at("tree.recent-deploy")
    asked = [entry.prompt for entry in story.entries].count("roles.comms-lead")
    assert asked == 2
    story.passes(minutes(60)).waits_at("comms.update").answers(comms__update=None, comms__sent=None)
    story.waits_at("tree.recent-deploy")
    assert [entry.prompt for entry in story.entries].count("roles.comms-lead") == asked
