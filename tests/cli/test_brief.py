"""`incidentctl brief`: what someone who comes in needs, before they ask."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Answers, Program

TO_THE_TREE = ("triage.impact: down", "tree.recent-deploy: no", "tree.slow-database: {skip: no access}")
REST = tuple(f"{{prompt: '{family}.*', repeat: true}}" for family in ("first", "triage", "roles", "comms"))


@pytest.mark.rule("P-ROLE-5")
def test_a_brief_names_who_said_what_and_what_is_asked_now(program: Program, answers: Answers) -> None:
    program("start", "checkout", "--title", "Orders fail", "--answers", answers(*TO_THE_TREE, *REST, rest=False))
    told = program("brief")
    assert told.status == 0
    assert len(told.out.splitlines()) < 24
    assert "P1 checkout: Orders fail\n" in told.out
    assert ", Ada: Was there a deploy in the last 6 hours?\n" in told.out
    assert ", Ada: Is a database query slow? skipped no access\n" in told.out
    assert "[tree.queue-backlog]" in told.out
    shape = program("brief", "--json").json
    assert (shape["schema"], shape["incident"]["severity"]) == ("incidentctl/brief/1", "P1")
    assert [(one["id"], one["by"]) for one in shape["ruled_out"]] == [("recent-deploy", "Ada")]
    assert [(one["id"], one["answer"], one["reason"]) for one in shape["open"]] == [
        ("slow-database", "skipped", "no access")
    ]
    assert [one["what"] for one in shape["due"]] == ["decision", "update"]


def test_a_brief_is_about_any_incident_and_there_has_to_be_one(program: Program, answers: Answers) -> None:
    assert program("brief").status == 4
    first = program("start", "checkout", "--title", "x").incident
    program("start", "payments", "--title", "y")
    assert program("brief", first, "--json").json["incident"]["id"] == first
    assert program("brief").status == 2
    assert program("brief", "--answers", answers(f"which.incident: {first}")).status == 0


def test_a_secret_is_in_no_brief(program: Program) -> None:
    program("start", "checkout", "--title", "x", "--severity", "P1")
    program("update", "password=hunter2hunter2", "--request")
    assert "hunter2hunter2" not in program("brief").out + program("brief", "--json").out
