"""The command changes hands on a real terminal; a request for an update reaches whoever walks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from incidentctl.incident.asking import HandoffAccepted
from tests.crash.walks import journal
from tests.tty.walk import RESUME, TO_THE_TREE, Place, Step, answer, wait_until_asked

ACCEPTED = Step("handoff.accepted", "Ben, do you take over as incident commander?", "Ben\r")
DEPLOY = Step("tree.recent-deploy", "Was there a deploy in the last 6 hours?", "n\r")
UPDATE = Step("comms.update", "Update 2 (investigating), asked for by Carla:", "s\r")
SEAT = Step("roles.comms-lead", "Who is comms lead?")
SENT = Step("comms.sent", "Copied and sent to customers, internal, support?", "y\r")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """At the first question of the tree."""
    place = Place(tmp_path)
    place.script(*TO_THE_TREE)
    return place


@pytest.mark.rule("P-ROLE-5")
def test_the_other_side_reads_the_brief_and_types_their_name(place: Place) -> None:
    with place.terminal("handoff", "Ben") as terminal:
        shown = wait_until_asked(terminal, ACCEPTED)
        assert "Hand-off to Ben, offered at" in shown
        answer(terminal, ACCEPTED)
        assert terminal.wait_for_end() == 0
        assert "Asked next: Was there a deploy in the last 6 hours?" in terminal.shown
    assert journal(place.store)[-1].event == HandoffAccepted("Ada", "Ben")


@pytest.mark.rule("P-ROLE-5")
def test_another_name_is_asked_again_and_ctrl_c_says_who_commands(place: Place) -> None:
    with place.terminal("handoff", "Ben") as terminal:
        wait_until_asked(terminal, ACCEPTED)
        terminal.press("Carla\r")
        terminal.wait_until(lambda shown: "`Carla` is another name" in shown, "it says why")
        wait_until_asked(terminal, ACCEPTED)
        terminal.press("\x03")
        assert terminal.wait_for_end() == 130
        said = " ".join(terminal.shown.split())
    assert "Stopped. Ada is still incident commander; the hand-off to Ben stays open." in said
    assert "Go on with: incidentctl handoff Ben -i 20261123-0312-" in said


def test_an_offer_that_somebody_ended_meanwhile_is_not_said_to_be_open(place: Place) -> None:
    with place.terminal("handoff", "Ben") as terminal:
        wait_until_asked(terminal, ACCEPTED)
        with place.terminal("assign", "ic", "Carla", me="Dora") as dora:
            assert dora.wait_for_end() == 0
        assert terminal.wait_for_end() == 2
        said = " ".join(terminal.shown.split())
    assert "no hand-off is open any more; incident commander is Carla (P-ROLE-5)" in said
    assert "still incident commander" not in said


def test_whoever_walks_is_asked_for_the_update_that_somebody_wants(place: Place) -> None:
    place.clock.set(timedelta(minutes=10))
    with place.terminal(*RESUME) as ada:
        wait_until_asked(ada, DEPLOY)
        with place.terminal("update", "--request", "the board meets", me="Carla") as carla:
            assert carla.wait_for_end() == 0
        wait_until_asked(ada, UPDATE)
        assert "Asked for by Carla" in ada.shown
        answer(ada, UPDATE, SENT, SEAT)
        wait_until_asked(ada, DEPLOY)
