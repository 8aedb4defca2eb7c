"""A long incident: the cadence stays; shifts, a hand-off and a summary are proposed (P-COMMS-9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.walker import acts, shifts
from tests.walker.story import BOOK, START, Story, at_tree, minutes, opened


def proposed(story: Story) -> tuple[str, ...]:
    """What stands above the update that is asked now."""
    assert story.waits_at("comms.update").request is not None
    return story.request.shown.said if story.request else ()


def updates_until(story: Story, at: float) -> Story:
    """Every update is sent as it falls due."""
    while story.now < START + minutes(at):
        story.passes(minutes(30)).waits_at("comms.update")
        if story.now < START + minutes(at):
            story.says("no-progress").says()
    return story


@pytest.mark.rule("P-COMMS-9")
def test_after_two_hours_shifts_a_hand_off_and_a_summary_are_proposed_once() -> None:
    story = updates_until(at_tree(), 90)
    assert proposed(story) == ()
    story.says("no-progress").says().passes(minutes(30))
    assert proposed(story) == (
        "Open for 2 h: plan shifts, and wake who takes the next one (P-COMMS-9).",
        "ada has commanded for 2 h: agree on a hand-off within 2 h.",
    )
    assert story.request is not None
    assert [command.line for command in story.request.shown.commands] == [
        f"incidentctl brief {story.incident.id}",
        f"incidentctl handoff NAME -i {story.incident.id}",
    ]
    story.says("no-progress").says()
    assert story.incident.comms.due_at == START + minutes(150), "the cadence stays"
    assert proposed(story.passes(minutes(30))) == (), "once, not with every update"


@pytest.mark.rule("P-COMMS-9")
def test_after_two_more_hours_it_is_time_to_hand_over() -> None:
    story = updates_until(at_tree(), 240)
    assert proposed(story)[1] == "ada has commanded for 4 h: hand over now."
    story.does(acts.Assign("ic", "vacant"))
    assert proposed(story)[1] == "Nobody is incident commander: name one."


@pytest.mark.rule("P-COMMS-9")
def test_what_was_not_sent_proposes_it_again() -> None:
    story = updates_until(at_tree(), 120).says("send").says("no")
    assert proposed(story.passes(minutes(2)))[0].startswith("Open for 2 h 2 min")


@pytest.mark.rule("P-COMMS-9", "P-CLEAR-5")
def test_what_came_back_is_short_again() -> None:
    story = at_tree().until("tree.exhausted").says({"hypothesis": "a full disk"}).says().says("yes").says("yes")
    story.passes(minutes(600)).does(acts.Reopen())
    assert proposed(story) == ()
    assert shifts.hand_over_by(story.incident, story.now) is None


@pytest.mark.rule("P-FIT-2", "P-COMMS-9")
def test_a_light_incident_has_no_shifts() -> None:
    story = opened(replace(BOOK, process="light")).says().passes(minutes(300))
    assert not shifts.is_long(story.incident, story.now)
