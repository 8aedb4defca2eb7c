"""An incident whose commander has left says so on every screen, with how to take the role."""

from __future__ import annotations

import pytest

from incidentctl.reports.brief_text import brief_text
from incidentctl.reports.history import history_text
from incidentctl.reports.status import status_text
from incidentctl.text.escape import columns
from incidentctl.walker import acts
from tests.walker.story import Story, minutes, opened


def deserted(commander: str = "Ada") -> Story:
    """Bob is there; the commander was, too, and has left."""
    story = opened(severity="P1").until("tree.recent-deploy").does(acts.Assign("ic", commander))
    for who, act in (
        (commander, acts.Resume(commander)),
        ("Bob", acts.Resume("Bob")),
        (commander, acts.Leave(commander)),
    ):
        story.author = who
        story.does(act)
    return story


@pytest.mark.rule("P-ROLE-1")
def test_that_the_commander_left_stands_in_status_brief_and_history() -> None:
    story = deserted()
    now = story.now + minutes(1)
    status = status_text(story.book, story.incident, now)
    assert "No IC      Ada has left; any responder: incidentctl assign ic NAME\n" in status
    brief = brief_text(story.book, story.incident, story.entries, now)
    assert "IC Ada has left; any responder may take it: " in brief
    assert ", IC Ada has left" in history_text([(story.book, story.incident)], now)
    taken = story.does(acts.Assign("ic", "Bob"))
    assert "has left" not in status_text(taken.book, taken.incident, now)


def test_how_to_take_the_role_fits_whatever_the_commander_is_called() -> None:
    story = deserted("Ada " * 20)
    status = status_text(story.book, story.incident, story.now)
    assert "any responder: incidentctl assign ic NAME\n" in status
    assert max(map(columns, status.splitlines())) <= 80


@pytest.mark.rule("P-ROLE-2")
def test_status_says_that_the_comms_lead_is_asked_first() -> None:
    story = opened(severity="P1").until("tree.recent-deploy").does(acts.Assign("ic", "Ada"))
    story.does(acts.Assign("comms-lead", "Carla"))
    story.author = "Carla"
    story.does(acts.Resume("Carla")).passes(minutes(31))
    line = "Open       Carla is asked: Update 2 (investigating): [comms.update]\n"
    assert line in status_text(story.book, story.incident, story.now)
    assert line not in status_text(story.book, story.incident, story.now + minutes(1))
