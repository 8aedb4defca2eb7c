"""`incidentctl warroom`: who leads it, who is there, who is missing; and saying it (P-WAR)."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Answers, Program


@pytest.fixture
def affected(program: Program) -> str:
    """The id of an open incident of two services, which Ada commands."""
    name = program("start", "checkout", "--title", "Orders fail", "--severity", "P2", "--affects", "search").incident
    program("assign", "ic", "Ada")
    return name


@pytest.mark.rule("P-WAR-1", "P-WAR-2")
def test_it_says_who_leads_who_is_there_and_who_is_missing(program: Program, affected: str) -> None:
    assert program("warroom").out.splitlines() == [
        "War room: Ada (IC) decides for all teams: checkout, search.",
        "Channel: not open yet",
        "There: nobody, as far as anybody said",
        "Missing: search on-call, support, comms-lead",
    ]
    done = program("warroom", affected[-3:], "--joined", "search", "--joined", "Support")
    assert done.out.splitlines()[-2:] == ["There: search on-call, support", "Missing: comms-lead"]
    (*_, last) = program("timeline", "--json").json["entries"]
    assert (last["kind"], last["data"]) == ("war-room.joined", {"who": ["search on-call", "support"]})
    assert program("status", "--json").json["war_room"] == {
        "there": ["search on-call", "support"],
        "missing": ["comms-lead"],
    }
    assert "search; war room without: comms-lead" in program("status").out
    assert "Not in the war room yet: comms-lead" in program("brief").out
    program("assign", "comms-lead", "Grace")
    assert "Not in the war room yet" not in program("brief").out


@pytest.mark.rule("P-WAR-1")
def test_a_service_that_turns_out_to_be_affected_makes_one(program: Program) -> None:
    program("start", "checkout", "--title", "Orders fail", "--severity", "P2")
    said = " ".join(program("warroom").out.split())
    assert "has no war room: one service is affected, and its team handles it (P-WAR-1)." in said
    assert "`incidentctl warroom --affects SERVICE`" in said
    done = program("warroom", "--affects", "paymets", "--affects", "checkout")
    said = " ".join(done.out.split())
    assert "There is no runbook for paymets; it is recorded as affected. Did you mean `payments`?" in said
    assert "Missing: paymets on-call, support, comms-lead" in said
    assert program("status", "--json").json["affected"] == ["paymets"]


@pytest.mark.rule("P-WAR-1")
def test_the_walk_pages_who_leads_it_and_asks_who_is_there(program: Program, affected: str, answers: Answers) -> None:
    rows = answers("first.page: [lead, comms-lead]", "war-room.joined: [support]", rest=True)
    done = program("resume", "--answers", rows)
    assert "P2: page lead, ic-backup and comms-lead. Done?" in done.out
    assert "War room: Ada (IC) decides for all teams: checkout, search." in done.out
    assert "Not reached: ic-backup" in program("brief").out
    assert program("status", "--json").json["war_room"]["there"] == ["support"]


def test_who_cannot_join(program: Program) -> None:
    program("start", "checkout", "--title", "Orders fail", "--severity", "P2")
    done = program("warroom", "--joined", "support")
    assert done.status == 2
    assert "there is no war room: one service is affected" in done.err
    assert "incidentctl warroom --affects SERVICE" in done.err


def test_names_are_cleaned_and_hold_no_secrets(program: Program, affected: str) -> None:
    token = "xoxb-" + "1234567890-" * 2 + "abcdefghijklmnop"
    done = program("warroom", "--joined", f"ben \x1b[31m{token}\n", "--affects", " ")
    assert token not in done.out + program("timeline", "--json").out
    assert "\x1b[31m" not in done.out
    assert program("status", "--json").json["affected"] == ["search"]


@pytest.mark.rule("P-ROLE-1")
def test_an_incident_without_a_commander_says_so_whatever_is_asked_of_it(program: Program, affected: str) -> None:
    taken = "Nobody is incident commander; any responder may take it: `incidentctl assign ic NAME`."
    said = [program(*words).out for words in (("assign", "ic", "vacant"), ("note", "x"), ("warroom", "--joined", "y"))]
    assert all(taken in " ".join(one.split()) for one in said)
    assert "nobody commands yet" in program("warroom").out
    assert "Vacant: IC, comms lead" in program("brief").out
    assert "IC vacant" in program("status").out
    assert "Nobody is" not in program("assign", "ic", "Ben").out
