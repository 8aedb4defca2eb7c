"""Updates through channels: a server's word counts as sent, everything else is left to a person (P-COMMS-8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from incidentctl.incident.updates import PostEnded, PostStarted, UpdateSent
from incidentctl.runbook.model import Audience
from incidentctl.walker import acts, posting, walk
from tests.walker.story import BOOK, Story, opened

CHANNELS = {"customers": "the status page", "internal": "Slack #incidents"}
WITH_CHANNELS = replace(
    BOOK, comms=replace(BOOK.comms, audiences=(Audience("customers", "statuspage"), Audience("internal", "slack")))
)


def written() -> Story:
    """The first update was let go out."""
    return opened(WITH_CHANNELS, severity="P1").until("comms.update").says("send")


def goes(story: Story) -> Story:
    going = posting.outgoing(story.book, story.incident, CHANNELS)
    story.happens([one.started for one in going])
    return story


def ends(story: Story, audience: str, result: Literal["sent", "failed", "perhaps"], reason: str = "") -> Story:
    story.happens([PostEnded(audience, CHANNELS[audience], result, id="1", thread="t1", reason=reason)])
    story.happens(walk.sent_by_servers(story.book, story.incident, story.now))
    return story


def latest(story: Story) -> UpdateSent:
    sent = [entry.event for entry in story.entries if isinstance(entry.event, UpdateSent)]
    return sent[-1]


def test_nothing_goes_out_before_somebody_has_said_so() -> None:
    story = opened(WITH_CHANNELS, severity="P1").until("comms.update")
    assert posting.outgoing(story.book, story.incident, CHANNELS) == ()
    story.says("edit")
    assert posting.outgoing(story.book, story.incident, CHANNELS) == (), "the words are not written yet"
    story.says("It is the database")
    going = posting.outgoing(story.book, story.incident, CHANNELS)
    assert going[0].text == "It is the database"


def test_a_drill_sends_nothing() -> None:
    story = written()
    story.incident = replace(story.incident, mode="drill")
    assert posting.outgoing(story.book, story.incident, CHANNELS) == ()


@pytest.mark.rule("P-COMMS-6", "P-COMMS-8")
def test_what_every_server_has_is_sent_and_nobody_is_asked() -> None:
    story = goes(written())
    assert story.asked == "comms.sending"
    ends(story, "customers", "sent")
    assert story.asked == "comms.sending"
    ends(story, "internal", "sent")
    assert latest(story).posted == latest(story).audiences == ("customers", "internal")
    assert story.incident.comms.threads == {"customers": "t1", "internal": "t1"}
    assert story.asked == "tree.recent-deploy"


@pytest.mark.rule("P-COMMS-6", "P-COMMS-8")
def test_what_a_channel_did_not_take_is_copied_by_hand() -> None:
    story = goes(written())
    ends(story, "customers", "failed", "invalid key")
    ends(story, "internal", "sent")
    assert story.asked == "comms.sent"
    request = story.request
    assert request is not None
    assert "the status page did not take the text for customers: invalid key. Copy it." in request.shown.said
    assert [text.audience for text in request.shown.texts] == ["customers"]
    story.says("yes")
    assert (latest(story).audiences, latest(story).posted) == (("internal", "customers"), ("internal",))
    assert latest(story).counted


def test_a_no_about_the_rest_keeps_what_a_server_has() -> None:
    story = goes(written())
    ends(story, "customers", "sent")
    ends(story, "internal", "failed", "not in the channel")
    story.says("no")
    assert latest(story).audiences == ("customers",)


def test_what_was_on_its_way_when_the_walk_died_is_asked_about_and_never_sent_again() -> None:
    story = goes(written())
    story.does(acts.Resume())
    assert posting.outgoing(story.book, story.incident, CHANNELS) == ()
    assert [one.started.key for one in posting.unheard_of(story.book, story.incident)] == [
        entry.event.key for entry in story.entries if isinstance(entry.event, PostStarted)
    ]
    ends(story, "customers", "perhaps", "it cannot be told")
    ends(story, "internal", "sent")
    assert story.request is not None
    said = "the status page may have the text for customers: it cannot be told. Look before you copy it."
    assert said in story.request.shown.said


def test_two_days_have_two_keys_and_what_an_older_version_let_go_keeps_its_own() -> None:
    today, tomorrow = written(), written()
    assert tomorrow.incident.comms.pending is not None
    later = replace(
        tomorrow.incident.comms.pending, made_at=tomorrow.incident.comms.pending.made_at + timedelta(days=1)
    )
    assert today.incident.comms.pending is not None
    keys = {posting.key(today.incident, pending, "customers") for pending in (today.incident.comms.pending, later)}
    assert len(keys) == 2
    today.happens([PostStarted("customers", "the status page", "20261123-0312-abc-031200-customers")])
    (waiting,) = posting.unheard_of(today.book, today.incident)
    assert waiting.started.key == "20261123-0312-abc-031200-customers"


def test_nobody_has_to_wait_for_a_channel() -> None:
    story = goes(written()).says("by-hand")
    assert story.asked == "comms.sent"
    assert story.request is not None
    assert len(story.request.shown.texts) == 2


def test_the_next_update_has_another_key_and_names_the_thread() -> None:
    story = ends(ends(goes(written()), "customers", "sent"), "internal", "sent")
    first = {entry.event.key for entry in story.entries if isinstance(entry.event, PostStarted)}
    story.happens([])
    story.passes(story.incident.comms.due_at - story.now).says("send")  # type: ignore[operator]
    second = {one.started.key for one in posting.outgoing(story.book, story.incident, CHANNELS)}
    assert first.isdisjoint(second)
    assert len(first | second) == 4
