"""The bell rings once for each thing that falls due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from incidentctl.terminal.bell import Bell
from incidentctl.terminal.interface import Screen
from incidentctl.walker import acts, due
from incidentctl.walker.requests import Request
from tests.walker.story import BOOK, WELL, Story, at_tree, minutes, opened

HOUR = timedelta(hours=1)
RUNS = replace(BOOK, tree=BOOK.tree[:1])


def screen(story: Story) -> Screen:
    """What the prompter is given."""

    def moments() -> tuple[due.Due, ...]:
        return due.moments(story.incident, story.now, story.book, story.phase)

    return Screen(story.incident, lambda: story.now, lambda: True, due=moments)


class Ear:
    """Hears what the bell does for a story, question after question."""

    def __init__(self, story: Story) -> None:
        self.story, self._bell = story, Bell()
        self._open: Request | None = None
        self.asks()

    def asks(self) -> bool:
        """Whether it rings as the question comes that is asked now, while the one before it is still open."""
        request = self.story.request
        assert request is not None
        before, self._open = self._open, request
        return self._bell.rings(before, request, screen(self.story))

    def answers(self, *replies: str | None) -> list[bool]:
        """The same, where the person answers one after the other."""
        heard = []
        for reply in replies:
            self.story.says(reply)
            self._open = None
            heard.append(self.asks())
        return heard

    def looks(self) -> bool:
        """Whether it rings though the question stays."""
        return self._bell.fell_due(screen(self.story))


@pytest.mark.rule("P-COMMS-3")
def test_it_rings_when_an_update_takes_the_question_away_and_not_when_it_comes_back() -> None:
    ear = Ear(at_tree())
    ear.story.passes(minutes(30))
    assert ear.asks()
    assert not ear.asks(), "the same question once more"
    assert not any(ear.answers("send", "yes", None)), "whoever answers is there"


@pytest.mark.rule("P-COMMS-3")
def test_what_falls_due_twice_because_the_clock_was_put_back_rings_once() -> None:
    ear = Ear(at_tree().waits_at("tree.recent-deploy"))
    ear.story.passes(minutes(30))
    assert ear.asks()
    ear.story.passes(minutes(-1))
    ear.asks()
    ear.story.passes(minutes(1))
    assert ear.story.asked == "comms.update"
    assert not ear.asks()


@pytest.mark.rule("P-COMMS-8")
def test_the_end_of_a_snooze_rings_again_and_so_does_the_next_update() -> None:
    ear = Ear(at_tree())
    ear.story.passes(minutes(30))
    assert ear.asks()
    ear.story.answers(comms__update={"snooze": "10 min"}, comms__snooze_reason="a call")
    ear.answers("fix-forward")
    ear.story.waits_at("tree.recent-deploy")
    ear.asks()
    ear.story.passes(minutes(10))
    assert ear.asks()


@pytest.mark.rule("P-ROLL-4")
def test_of_two_that_are_due_at_once_each_rings_where_it_takes_a_question_away() -> None:
    ear = Ear(at_tree())
    ear.story.passes(minutes(29)).does(acts.RequestUpdate("the board meets"))
    assert ear.asks(), "somebody waits"
    assert ear.answers("send", "yes", None) == [False, False, False]
    ear.story.passes(minutes(1))
    assert ear.story.asked == "mitigation.reconsider"
    assert ear.asks()


@pytest.mark.rule("P-COMMS-8")
def test_the_first_update_rings_where_it_comes_before_its_place() -> None:
    ear = Ear(opened(severity="P1"))
    ear.story.passes(minutes(5))
    assert ear.story.asked == "comms.update"
    assert ear.asks()


def test_a_command_that_runs_is_taken_away_with_the_bell_and_ends_without_it() -> None:
    ear = Ear(at_tree(RUNS))
    ear.story.passes(minutes(25))
    ear.answers("yes", None, "run")
    assert ear.story.asked == "tree.roll-back.running"
    ear.story.passes(minutes(5))
    assert ear.story.asked == "comms.update"
    assert ear.asks()
    ear.answers("send", "yes")
    ear.story.until("tree.roll-back.running")
    ear.asks()
    ear.story.ends(WELL)
    assert ear.story.asked == "tree.roll-back.recovered"
    assert not ear.asks()


def test_what_somebody_else_wrote_rings_where_it_takes_the_question_away() -> None:
    ear = Ear(at_tree(impact=["degraded"]).waits_at("tree.recent-deploy"))
    ear.story.does(acts.ChangeSeverity("P1"))
    assert ear.story.asked == "first.page"
    assert ear.asks()


@pytest.mark.rule("P-FIRST-6", "P-CLEAR-1")
def test_what_asks_nothing_rings_once_too() -> None:
    ear = Ear(opened())
    assert not ear.looks()
    ear.story.passes(minutes(5))
    assert [ear.looks(), ear.looks()] == [True, False], "the triage should be over"
    ear = Ear(at_tree().says("yes").says().says().says("yes"))
    assert ear.story.asked == "clear.verify"
    ear.story.passes(minutes(9))
    assert not ear.looks()
    ear.story.passes(minutes(1))
    assert [ear.looks(), ear.looks()] == [True, False], "quiet for as long as the runbook asks"
