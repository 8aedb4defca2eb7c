"""What someone who comes in needs: condition, actions, needs; ruled out, open, due."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from incidentctl.incident import events as ev
from incidentctl.incident.asking import HandoffOffered, UpdateRequested
from incidentctl.incident.entry import Entry
from incidentctl.incident.facts import ActionStarted, EvidenceTaken
from incidentctl.incident.words import Answer, Evidence, Measured
from incidentctl.reports.brief import Brief, brief
from incidentctl.reports.brief_text import brief_text
from incidentctl.runbook.model import Action, Check, Need, Signal
from incidentctl.text.escape import columns
from tests.reports.walked import MINUTE, START, answered, entry, folded, generic, journal, rolled_back, sent, severity
from tests.strategies import journals

BOOK = generic()
NOW = START + MINUTE * 20
TYPED = Measured("error_rate", "error_rate = 12%", 0.12)


def night(*more: tuple[float, ev.Event]) -> list[Entry]:
    """Twenty minutes of an incident."""
    return journal(
        (0, ev.PageAcknowledged("Ada")),
        (1, ev.ChannelOpened("incident-20261025-0050")),
        (
            1,
            ev.ImpactDescribed(
                ("down",), (Measured("error_rate", "error_rate = 12%", 0.12),), unsure=False, proposed="P1"
            ),
        ),
        (2, severity()),
        (2, ev.PeoplePaged("P1", ("lead", "ic-backup"), ("lead",))),
        (3, sent(3)),
        (4, answered("slow-database", Answer.NO)),
        (5, answered("cache-stampede", Answer.SKIPPED, "no access")),
        (6, answered("recent-deploy", Answer.YES)),
        (8, rolled_back()),
        (9, ev.RecoveryJudged("roll-back", Answer.NO)),
        *more,
    )


def text_of(entries: list[Entry], after: timedelta = MINUTE * 20) -> list[str]:
    return brief_text(BOOK, folded(entries), entries, START + after).splitlines()


def shape_of(entries: list[Entry]) -> Brief:
    return brief(BOOK, folded(entries), entries, NOW)


@pytest.mark.rule("P-ROLE-5")
def test_one_screen_holds_condition_actions_needs_ruled_out_open_and_due() -> None:
    lines = text_of(night((11, HandoffOffered("Ada", "Ben")), (12, UpdateRequested("the board meets"))))
    assert [line for line in lines if not line.startswith("Due")] == [
        "P1 checkout: Payments fail",
        "Condition  20261025-0050-abc, first-minutes, open for 20 min, since 02:50 CEST",
        "           IC Ada since 02:50 CEST, comms lead vacant, engineer vacant",
        "           Channel: incident-20261025-0050",
        "           Reached: lead",
        "           People see: down",
        "           error_rate = 12% (typed)",
        "Actions    Roll back the last deploy: done after 4 min, numbers not back",
        lines[8],
        "           Hand-off to Ben, offered at 02:01 CET; not accepted yet",
        "           Vacant: comms lead; Not reached: ic-backup",
        "           An update, asked for by Ada at 02:02 CET: the board meets",
        "Found      02:56 CEST, Ada: Is it recent-deploy?",
        "Ruled out  02:54 CEST, Ada: Is it slow-database?",
        "Open       02:55 CEST, Ada: Is it cache-stampede? skipped no access",
    ]
    assert lines[-1] == "Due        Update: identified, due by 02:23 CET, in 13 min; 1 sent, 0 late"


def test_who_said_it_is_who_said_it_last() -> None:
    entries = night()
    other = entry(len(entries) + 1, answered("slow-database", Answer.NO, "EXPLAIN is clean"), MINUTE * 15, by="Bob")
    (said,) = shape_of([*entries, other])["ruled_out"]
    assert (said["by"], said["reason"], said["at"]) == ("Bob", "EXPLAIN is clean", "2026-10-25T01:05:00.000Z")


def test_what_came_of_an_action_stands_with_its_last_time() -> None:
    again = ((14, rolled_back("failed")), (15, ev.UndoEnded("roll-back", "keep")))
    shape = shape_of(night(*again))
    assert [(one["result"], one["recovered"], one["undo"]) for one in shape["actions"]] == [
        ("done", None, None),
        ("failed", None, "keep"),
    ]


def test_what_runs_and_what_was_chosen_stand_before_what_was_done() -> None:
    started = ActionStarted("restart", "Restart it", "action", "deployctl restart")
    chosen = ev.MitigationChosen("fix-forward", "roll-back", again=False, decision_due_at=START + MINUTE * 40)
    blocked, estimated = ev.MitigationBlocked("migrated"), ev.MitigationEstimated(MINUTE * 20, START + MINUTE * 38)
    lines = text_of(night((16, chosen), (17, blocked), (18, estimated), (19, started)))
    at = next(index for index, line in enumerate(lines) if line.startswith("Actions"))
    assert lines[at] == "Actions    Restart it: runs since 02:09 CET"
    assert lines[at + 1] == "           Decided at 02:06 CET: Fix forward, estimate 20 min (data is migrated)"
    assert "Due        Update: identified, due by 02:23 CET, in 13 min; 1 sent, 0 late" in lines
    assert "           Roll back? due by 02:28 CET, in 18 min" in lines


def test_what_is_measured_stands_with_its_evidence_under_the_question() -> None:
    found = Evidence("recent-deploy/0", "deploys", Answer.YES, "1 deploy in the last 6 h", START + MINUTE * 2)
    assert "Found      02:56 CEST, Ada: Is it recent-deploy? yes: 1 deploy in the last 6 h…" in text_of(
        night((7, EvidenceTaken(found)))
    )


def test_what_a_person_said_stands_before_a_check_that_says_otherwise() -> None:
    failed = Evidence("recent-deploy/0", "deploys", Answer.UNKNOWN, "no answer", START + MINUTE * 2)
    assert "Found      02:56 CEST, Ada: Is it recent-deploy? yes, though the check says unk…" in text_of(
        night((7, EvidenceTaken(failed)))
    )


@pytest.mark.rule("P-SEV-4")
def test_numbers_stand_with_their_thresholds_and_their_age() -> None:
    measured = Signal("error_rate", "ratio", check=Check("prometheus", {"": "sum(rate(errors))"}))
    book = replace(BOOK, signals={"error_rate": measured})
    found = Evidence("signal/error_rate", "prometheus", Answer.YES, "0.062", NOW - MINUTE, number=0.062)
    entries = night((19, EvidenceTaken(found)))
    text = brief_text(book, folded(entries), entries, NOW)
    assert "           error_rate = 6.2%, P1 > 5%, P2 >= 0.5% (prometheus, 1 min ago)\n" in text
    assert "(typed)" not in text, "what is measured takes the place of what was typed"


@pytest.mark.rule("P-ROLE-5")
def test_inputs_that_commands_were_told_are_handed_over() -> None:
    step = Action("restart", "Restart it", needs=(Need("pod", "Which pod?"), Need("zone", "Which zone?")))
    entries = night((16, ev.InputGiven("restart", "pod", "checkout-7")))
    text = brief_text(replace(BOOK, tree=(*BOOK.tree, step)), folded(entries), entries, NOW)
    assert "           Input pod of 'Restart it': checkout-7\n" in text
    assert "zone" not in text


@pytest.mark.rule("P-CLEAR-5")
def test_before_a_reopening_everything_is_ruled_out() -> None:
    over = ((12, ev.AllClearGiven(early=False, stable=None, items=())), (15, ev.IncidentReopened("again")))
    ruled_out = [line for line in text_of(night(*over)) if "before the reopening" in line]
    assert len(ruled_out) == 3
    assert "02:56 CEST, Ada: Is it recent-deploy? (before the reopening: yes)" in ruled_out[-1]


@pytest.mark.rule("P-COMMS-9")
def test_a_long_incident_names_the_time_of_the_hand_off() -> None:
    assert not [line for line in text_of(night(), MINUTE * 119) if "Hand-off" in line]
    assert "           Hand-off of the command: due by 05:50 CET, in 2 h" in text_of(night(), MINUTE * 120)


def test_a_fresh_incident_has_little_to_say() -> None:
    lines = text_of(journal(), MINUTE)
    assert "Actions    none yet" in lines
    assert "Ruled out  nothing yet" in lines
    assert "Due        The severity: due by 02:55 CEST, in 4 min" in lines


def test_the_busiest_night_fits_one_screen() -> None:
    many = [(10 + at, answered(f"question-{at}-{'x' * 70}", list(Answer)[at % 4])) for at in range(40)]
    actions = [(50 + at, replace(rolled_back(), step=f"step-{at}")) for at in range(20)]
    asked = [(90 + at, UpdateRequested("why " * 90)) for at in range(9)]
    lines = text_of(night(*many, *actions, *asked, (99, HandoffOffered("Ada", "Ben"))), MINUTE * 150)
    assert len(lines) < 24
    assert all(columns(line) <= 80 for line in lines)
    assert sum(" more" in line for line in lines) == 5
    labels = [line[:11].strip() for line in lines[1:] if line[:11].strip()]
    assert labels == ["Condition", "Actions", "Needs", "Found", "Ruled out", "Open", "Due"]


def test_foreign_text_cannot_write_on_the_screen() -> None:
    spoiled = "\x1b[2J[red]x\u202e\n\u754c" + "\u754c" * 80
    lines = text_of(night((11, HandoffOffered("Ada", spoiled)), (12, UpdateRequested(spoiled))))
    assert not set("\x1b\u202e") & set("\n".join(lines))
    assert all(columns(line) <= 80 for line in lines)


@given(journals(max_size=12))
def test_any_journal_has_a_brief(entries: list[Entry]) -> None:
    state, now = folded(entries), entries[-1].recorded_at
    assert json.loads(json.dumps(brief(BOOK, state, entries, now)))["schema"] == "incidentctl/brief/1"
    lines = brief_text(BOOK, state, entries, now).splitlines()
    assert len(lines) < 24
    assert all(columns(line) <= 80 for line in lines)
