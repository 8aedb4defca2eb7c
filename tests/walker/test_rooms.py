"""The incident's channel, where the program opens it: never without a person's word, and a typed name always goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.errors import NotAllowed
from incidentctl.incident.events import ChannelOpened
from incidentctl.incident.rooms import RoomEnded, RoomStarted
from incidentctl.walker import acts, rooms
from incidentctl.walker.replies import Typed, Word
from tests.walker.story import Story, opened, with_drafts

NAME = "incident-20261123-0312"
OPENED = RoomEnded(NAME, "Slack", "opened", id="C0123456789", url="https://slack.com/app_redirect?channel=C0123456789")


def creating() -> Story:
    """The channel is being opened."""
    story = opened().until("first.channel")
    assert story.request is not None
    return story.replies(with_drafts(rooms.offered(story.request, "Slack")), Word("create"))


def hears(story: Story, ended: RoomEnded) -> Story:
    story.happens(list(rooms.news(story.incident, [ended])))
    return story


@pytest.mark.rule("P-FIRST-2")
def test_the_program_offers_to_open_it_and_enter_types_the_name() -> None:
    request = opened().until("first.channel").request
    assert request is not None
    assert rooms.offered(request, "") == request
    offered = with_drafts(rooms.offered(request, "Slack"))
    assert [(word.value, word.label) for word in offered.accepts.words] == [("create", "create it in Slack")]
    assert offered.default == Typed(NAME)


@pytest.mark.rule("P-FIRST-2")
def test_the_walk_goes_on_while_it_is_opened_and_its_name_is_the_channel() -> None:
    story = creating()
    assert story.entries[-1].event == RoomStarted(NAME, "Slack")
    assert story.asked == "first.dashboards"
    hears(story, OPENED)
    assert (story.incident.channel, story.incident.room) == (NAME, OPENED)
    assert story.asked == "first.dashboards"


def test_where_it_was_not_opened_the_name_is_typed() -> None:
    story = hears(creating(), RoomEnded(NAME, "Slack", "failed", reason="the Slack app lacks a scope"))
    assert story.request is not None
    assert story.asked == "first.channel"
    said = f"Slack did not open {NAME}: the Slack app lacks a scope. Open it yourself, or use another name."
    assert said in story.request.shown.said
    assert story.says("war-room").incident.channel == "war-room"


def test_what_arrives_late_does_not_rename_the_channel() -> None:
    story = hears(creating(), RoomEnded(NAME, "Slack", "perhaps", reason="the connection broke")).says("war-room")
    assert hears(story, OPENED).incident.channel == "war-room"


def test_after_a_crash_a_person_says_what_became_of_it() -> None:
    story = creating().does(acts.Resume())
    story.happens(rooms.given_up(story.incident))
    assert story.asked == "first.channel"
    assert not any(isinstance(entry.event, ChannelOpened) for entry in story.entries)
    assert rooms.given_up(story.incident) == []


def test_a_drill_opens_nothing() -> None:
    story = opened().until("first.channel")
    story.incident = replace(story.incident, mode="drill")
    assert story.request is not None
    with pytest.raises(NotAllowed, match="a drill opens no channel"):
        story.replies(with_drafts(rooms.offered(story.request, "Slack")), Word("create"))


def test_its_topic_follows_severity_and_commander() -> None:
    story = hears(creating(), OPENED)
    assert rooms.topic(story.incident) == ("", ""), "as long as there is no severity"
    story.does(acts.ChangeSeverity("P1", "nobody can pay"))
    assert rooms.topic(story.incident) == ("C0123456789", "P1 checkout: Payments fail | IC ada")
    assert rooms.topic(opened(severity="P1").until("first.page").incident) == ("", "")


@pytest.mark.rule("P-WAR-1")
def test_in_a_war_room_the_topic_says_for_whom_the_commander_decides() -> None:
    story = hears(creating(), OPENED).does(acts.ChangeSeverity("P1", "nobody can pay"))
    story.does(acts.TellWarRoom(affects=("ledger", "search")))
    head = "P1 checkout: Payments fail | IC ada, for all teams: checkout, ledger, search"
    assert rooms.topic(story.incident) == ("C0123456789", head)
