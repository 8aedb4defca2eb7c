"""`incidentctl handoff NAME`: the brief, and the other side's word."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Answers, Program


@pytest.fixture
def commanded(program: Program) -> str:
    """The id of an open incident that Ada commands."""
    name = program("start", "checkout", "--title", "Orders fail", "--severity", "P1").incident
    program("assign", "ic", "Ada")
    return name


def commander(program: Program) -> str:
    """Who commands by now."""
    return str(program("status", "--json").json["roles"]["ic"])


@pytest.mark.rule("P-ROLE-5")
def test_a_hand_off_prints_the_brief_and_is_complete_when_the_other_side_accepts(
    program: Program, commanded: str, answers: Answers
) -> None:
    done = program("handoff", "Ben", "--answers", answers("handoff.accepted: ben", rest=False))
    assert done.status == 0
    brief, _, after = done.out.partition("Ben, do you take over as incident commander?")
    assert "Condition  " + commanded in brief
    assert "Hand-off to Ben, offered at" in brief
    assert f"incidentctl resume {commanded}" in after
    assert commander(program) == "ben"
    *_, offered, accepted = program("timeline", "--json").json["entries"]
    assert (offered["kind"], offered["data"]) == ("handoff.offered", {"outgoing": "Ada", "incoming": "Ben"})
    assert (accepted["kind"], accepted["data"]) == ("handoff.accepted", {"outgoing": "Ada", "incoming": "ben"})
    assert (offered["prompt"], accepted["prompt"]) == (None, "handoff.accepted")


@pytest.mark.rule("P-ROLE-5")
def test_where_nobody_can_accept_the_offer_stays_open_and_is_gone_on_with(
    program: Program, commanded: str, answers: Answers
) -> None:
    nobody = program("handoff", "Ben")
    assert nobody.status == 3
    assert "`handoff.accepted`" in nobody.err
    still = "Ada is still incident commander; the hand-off to Ben stays open. Go on with:"
    assert f"{still}\nincidentctl handoff Ben -i {commanded}\n" in nobody.err
    assert commander(program) == "Ada"
    for shown in (program("status").out, program("brief").out):
        assert "to Ben, offered at" in shown
        assert "not accepted yet" in shown
    entries = len(program("timeline", "--json").json["entries"])
    assert program("handoff", " ben ", "--answers", answers("handoff.accepted: Ben", rest=False)).status == 0
    assert len(program("timeline", "--json").json["entries"]) == entries + 1
    assert commander(program) == "Ben"


@pytest.mark.rule("P-ROLE-5")
def test_a_script_cannot_accept_by_enter_or_in_another_name(program: Program, commanded: str, answers: Answers) -> None:
    assert program("handoff", "Ben", "--answers", answers()).status == 3
    wrong = program("handoff", "Ben", "--answers", answers("handoff.accepted: Carla", rest=False))
    assert wrong.status == 2
    assert "the command was offered to Ben, and `Carla` is another name" in wrong.err
    assert commander(program) == "Ada"


@pytest.mark.rule("P-ROLE-4", "P-ROLE-5")
def test_who_cannot_take_over_is_told_before_anybody_is_asked(program: Program, commanded: str) -> None:
    program("assign", "comms-lead", "Dora")
    assert "P-ROLE-4" in program("handoff", "dora").err
    assert "Ada is incident commander already (P-ROLE-5)" in program("handoff", "ada").err
    program("assign", "ic", "vacant")
    refused = program("handoff", "Ben")
    assert refused.status == 2
    assert "`incidentctl assign ic NAME`" in refused.err
    assert program("status").out.count("Hand-off") == 0


def test_somebody_else_may_type_it_and_is_recorded(program: Program, commanded: str, answers: Answers) -> None:
    accept = answers("handoff.accepted: Ben", rest=False)
    assert program("handoff", "Ben", "--me", "Carla", "--answers", accept).status == 0
    assert {entry["author"] for entry in program("timeline", "--json").json["entries"][-2:]} == {"Carla"}
    assert commander(program) == "Ben"
