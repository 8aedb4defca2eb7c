"""Earlier incidents, newest first as they are given, and what ended each."""

from __future__ import annotations

import pytest

from incidentctl.incident import events as ev
from incidentctl.incident.words import Answer
from incidentctl.reports.history import history, history_text
from incidentctl.reports.status import status
from tests.reports.walked import ID, MINUTE, START, answered, folded, generic, journal, rolled_back, severity

BOOK = generic()
OVER = folded(
    journal(
        (1, severity()),
        (2, answered("recent-deploy", Answer.YES)),
        (9, rolled_back()),
        (70, ev.AllClearGiven(early=False, stable=None, items=())),
    )
)
OPEN = folded(journal((1, severity("P2", 1))))
NOW = START + MINUTE * 90


def test_the_promised_shape_holds_a_status_for_each() -> None:
    assert history([(BOOK, OPEN), (BOOK, OVER)], NOW) == {
        "schema": "incidentctl/history/1",
        "incidents": [status(BOOK, OPEN, NOW), status(BOOK, OVER, NOW)],
    }


@pytest.mark.rule("P-LEARN-1")
def test_each_tells_how_long_it_was_and_which_branch_ended_it() -> None:
    assert history_text([(BOOK, OPEN), (BOOK, OVER)], NOW).split("\n") == [
        f"{ID}, 2026-10-25 00:50 UTC, open for 1 h 30 min, no IC",
        "  P2 checkout: Payments fail",
        "",
        f"{ID}, 2026-10-25 00:50 UTC, resolved, lasted 1 h 10 min",
        "  P1 checkout: Payments fail",
        "  Is it recent-deploy? -> Roll back the last deploy",
        "",
    ]


@pytest.mark.rule("P-SEV-3")
def test_a_ticket_is_what_ended_a_small_one() -> None:
    small = folded(journal((1, severity("P3", 2)), (2, ev.TicketWritten("OPS-7"))))
    assert "  ticket OPS-7\n" in history_text([(BOOK, small)], NOW)


def test_without_incidents_it_says_so() -> None:
    assert history_text([], NOW) == "No incidents yet.\n"
    assert history([], NOW)["incidents"] == []
