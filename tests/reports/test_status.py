"""Where an incident stands, for scripts and for somebody who was asleep four minutes ago."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given

from incidentctl.incident import events as ev
from incidentctl.incident.entry import Entry
from incidentctl.incident.words import Answer
from incidentctl.reports.status import Status, status, status_text
from incidentctl.text.escape import columns
from tests.reports.walked import (
    ID,
    MINUTE,
    START,
    answered,
    folded,
    generic,
    journal,
    rolled_back,
    sent,
    severity,
)
from tests.strategies import journals

BOOK = generic()


def shape_after(minutes: float, *events: tuple[float, ev.Event]) -> Status:
    return status(BOOK, folded(journal(*events)), START + MINUTE * minutes)


def test_the_promised_shape_of_a_fresh_incident() -> None:
    shape = shape_after(1)
    assert shape | {"tree": []} == {
        "schema": "incidentctl/status/1",
        "id": ID,
        "service": "checkout",
        "title": "Payments fail",
        "mode": "real",
        "state": "open",
        "severity": None,
        "phase": "first-minutes",
        "comms_phase": "investigating",
        "channel": None,
        "opened_at": "2026-10-25T00:50:00.000Z",
        "roles": {"ic": None, "comms-lead": None, "engineer": None},
        "open_prompt": "first.acknowledge",
        "next_update_due_at": None,
        "updates": {"sent": 0, "due": 0, "late": 0},
        "tree": [],
        "actions": [],
        "affected": [],
        "war_room": None,
        "paged": [],
    }
    assert [line["id"] for line in shape["tree"]][:1] == ["recent-deploy"]
    assert {line["answer"] for line in shape["tree"]} == {None}


def test_the_tree_keeps_the_runbooks_order_and_what_was_named_beside_it() -> None:
    shape = shape_after(
        9,
        (1, ev.HypothesisNamed("hypothesis-1", "The certificate expired")),
        (2, answered("slow-database", Answer.UNKNOWN)),
        (3, answered("recent-deploy", Answer.SKIPPED, "no access")),
    )
    lines = {line["id"]: line for line in shape["tree"]}
    assert list(lines) == ["recent-deploy", "slow-database", "external-dependency", "cache-stampede", "hypothesis-1"]
    assert lines["recent-deploy"]["answer"] == "skipped"
    assert lines["recent-deploy"]["evidence"] == ["no access"]
    assert lines["slow-database"]["answer"] == "unknown"
    assert lines["hypothesis-1"]["answer"] == "yes"


@pytest.mark.rule("P-ROLL-5")
def test_actions_keep_estimate_and_real_duration_in_seconds() -> None:
    assert shape_after(9, (5, rolled_back()))["actions"] == [
        {"step": "roll-back", "kind": "rollback", "result": "done", "estimate_s": 300, "took_s": 240}
    ]


@pytest.mark.rule("P-COMMS-8")
def test_updates_count_what_was_sent_what_fell_due_and_what_was_late() -> None:
    assert shape_after(3, (1, severity()))["updates"] == {"sent": 0, "due": 1, "late": 0}
    assert shape_after(7, (1, severity()))["updates"] == {"sent": 0, "due": 1, "late": 1}
    two = ((1, severity()), (2, sent(2)), (33, sent(33, late=True)))
    assert shape_after(40, *two)["updates"] == {"sent": 2, "due": 2, "late": 1}
    assert shape_after(40, *two)["next_update_due_at"] == "2026-10-25T01:53:00.000Z"
    assert shape_after(63, *two)["updates"] == {"sent": 2, "due": 3, "late": 1}
    assert shape_after(64, *two)["updates"] == {"sent": 2, "due": 3, "late": 2}


@pytest.mark.rule("P-CLEAR-5")
def test_what_was_answered_before_a_reopening_is_evidence_and_no_answer() -> None:
    shape = shape_after(
        30,
        (2, answered("recent-deploy", Answer.NO)),
        (10, ev.AllClearGiven(early=False, stable=None, items=())),
        (20, ev.IncidentReopened("again")),
    )
    assert shape["state"] == "open"
    assert shape["tree"][0]["answer"] is None
    assert shape["tree"][0]["evidence"] == ["before the reopening: no"]


def test_one_screen_says_where_it_stands() -> None:
    entries = journal(
        (0, ev.PageAcknowledged("Ada")),
        (1, ev.ChannelOpened("incident-20261025-0050")),
        (2, severity()),
        (3, sent(3)),
        (4, answered("recent-deploy", Answer.YES)),
        (5, answered("slow-database", Answer.NO)),
        (6, answered("cache-stampede", Answer.UNKNOWN)),
        (7, ev.ServicesAffected(("ledger", "search"))),
        (8, rolled_back()),
    )
    text = status_text(BOOK, folded(entries), START + MINUTE * 20)
    assert text.startswith("P1 checkout: Payments fail\n")
    for line in (
        "State      open for 20 min, since 02:50 CEST",
        "Channel    incident-20261025-0050",
        "Roles      IC Ada, comms lead vacant, engineer vacant",
        "Updates    identified, due by 02:23 CET, in 13 min; 1 sent, 0 late",
        "Affected   ledger, search",
        "Actions    Roll back the last deploy: done, took 4 min (estimate 5 min)",
    ):
        assert line in text
    assert "identified, OVERDUE by 7 min, since 02:23 CET; 1 sent, 1 late" in status_text(
        BOOK, folded(entries), START + MINUTE * 40
    )


@pytest.mark.rule("P-COMMS-1")
def test_an_update_that_could_not_be_sent_says_when_it_is_asked_for_again() -> None:
    entries = journal((2, severity()), (9, ev.UpdateNotSent(START + MINUTE * 11)))
    text = status_text(BOOK, folded(entries), START + MINUTE * 10)
    assert "Updates    OVERDUE since 02:52 CEST, asked again at 02:01 CET; 0 sent, 1 late\n" in text
    later = status_text(BOOK, folded(entries), START + MINUTE * 11)
    assert "asked again" not in later


def test_what_is_asked_again_soon_is_not_called_nothing_when_all_else_is_done() -> None:
    entries = journal(
        (2, severity()),
        (3, sent(3)),
        (60, ev.AllClearGiven(early=False, stable=None, items=())),
        (61, ev.UpdateNotSent(START + MINUTE * 63)),
    )
    text = status_text(BOOK, folded(entries), START + MINUTE * 62)
    assert "Open       nothing now; the update is asked again at 02:53 CET\n" in text


def test_an_incident_that_is_over_says_how_long_it_was_and_what_is_left() -> None:
    entries = journal(
        (70, ev.AllClearGiven(early=False, stable=None, items=("post-mortem",))),
        (71, ev.ItemAnswered("post-mortem", "The post-mortem document was created", "later")),
    )
    text = status_text(BOOK, folded(entries), START + MINUTE * 90)
    assert "State      resolved at 03:00 CET, after 1 h 10 min" in text
    assert "Later      The post-mortem document was created" in text


def test_the_busiest_night_fits_one_screen() -> None:
    many = [(at, answered(f"question-{at}-{'x' * 70}", list(Answer)[at % 4])) for at in range(40)]
    actions = [(50 + at, replace(rolled_back(), step=f"step-{at}")) for at in range(20)]
    affected = (90, ev.ServicesAffected(tuple(f"service-{n}" for n in range(40))))
    state = folded(journal((0, severity()), *many, *actions, affected, (91, ev.ItemAnswered("a", "a", "later"))))
    lines = status_text(BOOK, state, START + MINUTE * 99).splitlines()
    assert len(lines) < 24
    assert all(columns(line) <= 80 for line in lines)
    assert sum("more" in line for line in lines) == 4


def test_foreign_text_cannot_write_on_the_screen() -> None:
    title = "\x1b[2J[red]x[/api/v1]\u202e \u4f60\u597d" + "\u754c" * 80
    state = replace(folded(journal((1, ev.PageAcknowledged("\x1b]0;me\x07Ada")))), title=title)
    text = status_text(BOOK, state, START)
    assert text.startswith("checkout: [red]x[/api/v1]")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "IC Ada" in text
    assert all(columns(line) <= 80 for line in text.splitlines())


@given(journals(max_size=12))
def test_any_journal_has_a_status(entries: list[Entry]) -> None:
    state = folded(entries)
    now = entries[-1].recorded_at
    assert json.loads(json.dumps(status(BOOK, state, now)))["id"] == ID
    lines = status_text(BOOK, state, now).splitlines()
    assert len(lines) < 24
    assert all(columns(line) <= 80 for line in lines)
