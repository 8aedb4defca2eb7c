"""Updates that somebody asks for: asked at once, answered by the next one that is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.errors import Refused, UserError
from incidentctl.walker import acts
from tests.walker.story import BOOK, START, Story, at_tree, minutes, opened

QUIET = ("degraded",)
"""A P2: an update an hour, and no seat to fill after each."""
REQUEST = acts.RequestUpdate("the board meets at four")


def said(story: Story) -> tuple[str, ...]:
    """What stands above the open question."""
    assert story.request is not None
    return story.request.shown.said


def test_a_request_is_asked_at_once_though_no_update_is_due() -> None:
    story = at_tree(impact=QUIET).passes(minutes(10))
    due = story.incident.comms.due_at
    story.does(REQUEST).passes(minutes(1))
    assert story.asked == "comms.update"
    assert said(story) == ("Asked for by ada, 1 min ago: the board meets at four",)
    assert story.request is not None
    assert story.request.text == "Update 2 (investigating), asked for by ada:"
    assert story.incident.comms.due_at == due, "it does not move what was promised"
    story.says("send").says()
    assert story.asked == "tree.recent-deploy"
    assert story.incident.comms.requests == ()


def test_requests_of_one_moment_are_answered_together() -> None:
    story = at_tree(impact=QUIET).passes(minutes(10))
    for reason in ("one", "", "three", "four"):
        story.does(acts.RequestUpdate(reason))
    assert said(story) == (
        "Asked for by ada, 0 s ago.",
        "Asked for by ada, 0 s ago: three",
        "Asked for by ada, 0 s ago: four",
        "Asked for once more before that.",
    )
    assert story.says("send").says().incident.comms.requests == ()


@pytest.mark.parametrize(
    ("after", "asked"), [(0, "tree.recent-deploy"), (1.99, "tree.recent-deploy"), (2, "comms.update")]
)
def test_who_asks_right_after_an_update_waits_for_the_next_one(after: float, asked: str) -> None:
    story = at_tree(impact=QUIET).passes(minutes(after)).does(REQUEST)
    assert story.asked == asked
    assert story.passes(minutes(60)).asked == "comms.update"
    assert any("the board meets" in line for line in said(story))


def test_a_request_while_an_update_is_on_its_way_is_answered_by_it() -> None:
    story = at_tree(impact=QUIET).passes(minutes(10)).does(REQUEST).says("send").does(REQUEST)
    assert story.asked == "comms.sent"
    assert story.says().asked == "tree.recent-deploy"


def test_where_that_update_was_not_sent_the_request_is_asked_in_its_place() -> None:
    story = at_tree(impact=QUIET).passes(minutes(10)).does(REQUEST).says("send").says("no")
    assert story.asked == "tree.recent-deploy"
    assert story.passes(minutes(2)).asked == "comms.update"


@pytest.mark.rule("P-COMMS-8")
def test_a_request_ends_a_snooze_once_and_can_be_snoozed_itself() -> None:
    story = at_tree(impact=QUIET).passes(minutes(60)).says({"snooze": "20 min"}).says("approval")
    story.waits_at("tree.recent-deploy")
    assert story.passes(minutes(5)).does(REQUEST).asked == "comms.update"
    story.says({"snooze": "10 min"}).says("still approval").does(acts.RequestUpdate("and now?"))
    assert story.asked != "comms.update", "those who ask once more do not wake it again"
    story.now = START + minutes(75.1)
    assert story.asked == "comms.update"


def test_a_request_in_the_first_minutes_waits_for_the_severity_and_no_longer() -> None:
    story = opened().does(REQUEST)
    assert story.asked == "first.acknowledge"
    story.does(acts.ChangeSeverity("P1"))
    assert story.asked == "comms.update"


@pytest.mark.rule("P-FIT-2", "P-SEV-3")
def test_where_nobody_is_sent_updates_a_request_is_refused() -> None:
    with pytest.raises(Refused, match="P-FIT-2"):
        opened(replace(BOOK, process="light")).does(REQUEST)
    with pytest.raises(Refused, match="P-SEV-3"):
        opened(severity="P3").does(REQUEST)


def test_a_ticket_is_written_though_somebody_still_asks() -> None:
    story = opened(severity="P1").says().does(REQUEST).does(acts.ChangeSeverity("P3"))
    assert story.until("ticket.reference").incident.comms.requests != ()


def test_what_is_over_has_said_its_last_word() -> None:
    story = at_tree().until("tree.exhausted").says({"hypothesis": "a full disk"}).says().says("yes").says("yes")
    with pytest.raises(UserError, match="is resolved"):
        story.does(REQUEST)


def test_a_long_reason_leaves_room_for_the_update() -> None:
    story = at_tree(impact=QUIET).passes(minutes(10)).does(acts.RequestUpdate("why\n" * 500))
    assert len(said(story)[0]) < 240
    assert "\n" not in said(story)[0]
