"""One act each, without walking; and which incident it is about."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Answers, Program
from tests.cli.resolved import resolved

WALKS = ROOT / "runbooks/answers"


@pytest.fixture
def open_one(program: Program) -> str:
    """The id of an open incident of checkout."""
    return program("start", "checkout", "--title", "Orders fail").incident


def test_a_note_is_the_note(program: Program, open_one: str) -> None:
    assert program("note", "the [red]database[/red] is slow").status == 0
    entry = program("timeline", "--json").json["entries"][-1]
    assert (entry["kind"], entry["text"], entry["prompt"]) == ("note.added", "the [red]database[/red] is slow", None)


def test_a_note_says_when_it_happened(program: Program, open_one: str) -> None:
    program("note", "paged", "--at", "2026-01-01T02:55:00+01:00")
    entry = program("timeline", "--json").json["entries"][-1]
    assert entry["occurred_at"] == "2026-01-01T01:55:00.000Z"
    assert entry["recorded_at"] > entry["occurred_at"]
    assert program("note", "x", "--at", "2999-01-01T00:00:00Z").status == 2
    assert program("note", "x", "--at", "soon").status == 2


def test_an_empty_note_is_none(program: Program, open_one: str) -> None:
    assert program("note", "  ").status == 2


@pytest.mark.rule("P-ROLE-4")
def test_commander_and_comms_lead_are_two_people(program: Program, open_one: str) -> None:
    assert program("assign", "ic", "Ada").status == 0
    refused = program("assign", "comms-lead", "  ADA ")
    assert refused.status == 2
    assert "P-ROLE-4" in refused.err
    assert program("assign", "comms-lead", "Bob").status == 0
    assert program("status", "--json").json["roles"] == {"ic": "Ada", "comms-lead": "Bob", "engineer": None}
    program("assign", "ic", "vacant")
    assert program("status", "--json").json["roles"]["ic"] is None
    assert program("assign", "king", "Ada").status == 2
    assert program("assign", "ic", " ").status == 2


@pytest.mark.rule("P-SEV-6")
def test_the_severity_goes_up_and_down(program: Program, open_one: str) -> None:
    for level in ("P2", "p1", "P3"):
        assert program("severity", level, "--reason", "we know more").status == 0
        assert program("status", "--json").json["severity"] == level.upper()
    program("severity", "P3")
    assert program("timeline", "--json").json["entries"][-1]["text"] == "Severity stays P3."
    refused = program("severity", "P9")
    assert refused.status == 2
    assert "P1, P2, P3" in refused.err


def test_update_asks_for_one_update(program: Program, open_one: str, answers: Answers) -> None:
    program("severity", "P1")
    done = program("update", "--answers", answers("comms.update: edit", "comms.text: We know it.", "comms.sent"))
    assert done.status == 0
    assert "Asked next: Acknowledge the page" in done.out
    assert program("status", "--json").json["updates"]["sent"] == 1
    nobody = program("update")
    assert nobody.status == 3
    assert "`comms.update`" in nobody.err


@pytest.mark.rule("P-CLEAR-5")
def test_resolve_reopen_and_resolve_again(program: Program, open_one: str, answers: Answers) -> None:
    assert program("reopen").status == 2
    program("severity", "P2")
    yes = answers("clear.verify: yes")
    assert program("resolve", "--answers", yes).status == 0
    assert program("status", "--json").json["state"] == "resolved"
    assert program("reopen", "--reason", "it came back").status == 0
    assert program("status", "--json").json["state"] == "open"
    assert program("resolve", "-i", open_one, "--answers", yes).status == 0
    assert program("status", "--json").json["state"] == "resolved"


def test_resolve_needs_somebodys_word(program: Program, open_one: str) -> None:
    done = program("resolve")
    assert done.status == 3
    assert "`clear.verify`" in done.err


@pytest.mark.rule("P-CLEAR-4")
def test_an_overdue_post_mortem_is_said_at_every_command_until_it_is_done(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    late = resolved(tmp_path / "store.db", timedelta(hours=49))
    resolved(tmp_path / "store.db", timedelta(hours=47))
    for words in (("status", late), ("history", "--json"), ("note", "x", "-i", late)):
        assert f"Post-mortem overdue: {late}. " in " ".join(program(*words).err.split())
    assert program("resume", late, "--answers", answers()).status == 0
    assert "Post-mortem overdue" not in program("status", late).err


@pytest.mark.parametrize("command", ["update", "resolve", "resume"])
def test_no_command_moves_the_clock_of_a_real_incident(
    program: Program, open_one: str, answers: Answers, command: str
) -> None:
    program("severity", "P1")
    rows = answers('{prompt: "*", answer: yes, after: 5 min, repeat: true}', rest=False)
    done = program(command, "--answers", rows)
    assert done.status == 2
    assert "a real incident" in done.err
    assert len(program("timeline", "--json").json["entries"]) == 2


# --- which incident ----------------------------------------------------------------------------------------


def test_without_any_incident_there_is_nothing_to_show(program: Program) -> None:
    for words in (("status",), ("note", "x"), ("timeline",), ("resume",), ("reopen",), ("status", "abc")):
        assert program(*words).status == 4


def test_any_unique_part_of_an_id_is_enough(program: Program, open_one: str) -> None:
    assert program("status", open_one[-3:].upper(), "--json").json["id"] == open_one
    assert program("status", "no-such").status == 4


def test_the_open_one_is_meant_then_the_one_that_ended_last(program: Program) -> None:
    walk = str(WALKS / "checkout.yaml")
    ended = program("start", "checkout", "--title", "x", "--answers", walk).incident
    later = program("start", "checkout", "--title", "y", "--answers", walk).incident
    assert program("status", "--json").json["id"] == later
    still_open = program("start", "payments", "--title", "z").incident
    assert program("status", "--json").json["id"] == still_open
    assert program("status", ended, "--json").json["id"] == ended


@pytest.mark.rule("P-CLEAR-2")
def test_a_walk_that_ends_with_customers_untold_says_so_and_how_to_go_on(program: Program, answers: Answers) -> None:
    told = ("comms.sent", "tree.recent-deploy: yes", "tree.roll-back.recovered: yes", "clear.verify: yes")
    rows = answers("triage.impact: [down]", *told, "comms.sent: no")
    done = program("start", "checkout", "--title", "x", "--no-checks", "--answers", rows)
    wanted = "The update that says it is over is not sent yet. Ask for it with:"
    assert f"{wanted}\nincidentctl update -i {done.incident}\n" in done.out
    assert f"{done.incident}  checkout  P1  resolved after " in done.out
    program("update", "--answers", answers("comms.update", "comms.sent"))
    assert wanted not in program("resume", done.incident, "--answers", answers("clear.customers-told: done")).out


def test_several_open_ones_are_named_or_chosen(program: Program, open_one: str, answers: Answers) -> None:
    other = program("start", "payments", "--title", "Cards fail").incident
    done = program("note", "which?")
    assert done.status == 2
    assert f"  {open_one}  checkout: Orders fail\n" in done.err
    assert f"  {other}  payments: Cards fail\n" in done.err
    assert program("note", "this one", "--answers", answers(f"which.incident: {other}")).status == 0
    assert program("status", other, "--json").json["id"] == other
    entries = program("timeline", other, "--json").json["entries"]
    assert entries[-1]["text"] == "this one"


def test_two_incidents_of_one_service_do_not_touch(program: Program, open_one: str, answers: Answers) -> None:
    rows = answers("start.open-incident: new", "first.acknowledge", rest=False)
    other = program("start", "checkout", "--title", "other", "--answers", rows).incident
    program("note", "only here", "-i", other)
    assert "only here" in program("timeline", other).out
    assert "only here" not in program("timeline", open_one).out
    assert program("status", open_one, "--json").json["open_prompt"] == "first.acknowledge"
    assert program("status", other, "--json").json["open_prompt"] == "first.channel"
