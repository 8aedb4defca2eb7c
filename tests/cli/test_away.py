"""What somebody is told who comes back."""

from __future__ import annotations

from datetime import UTC, timedelta

from incidentctl.cli.away import changes
from incidentctl.incident import events as ev
from incidentctl.incident.facts import ActionEnded, EvidenceTaken
from incidentctl.incident.words import Answer, Evidence
from incidentctl.reports.names import Names
from incidentctl.reports.sentences import Sentences
from tests.reports.walked import MINUTE, START, folded, generic, journal


def test_what_people_wrote_is_not_pushed_away_by_what_checks_found() -> None:
    found = [
        (2.0, EvidenceTaken(Evidence(f"signal/{number}", "command", Answer.YES, "12", START))) for number in range(9)
    ]
    entries = journal((1, ev.NoteAdded("Bo is on the bridge")), *found)
    said = list(changes(folded(entries), entries, "Lee", START + MINUTE * 3, Sentences(Names(generic()), UTC)))
    assert "Ada, 2 min ago: Bo is on the bridge" in said
    assert not any("Evidence" in line or "older entries" in line for line in said)


def test_a_signal_that_ended_a_command_is_said_once() -> None:
    took = timedelta(seconds=8)
    ended = ActionEnded("clean", "Clean it", "action", "interrupted", "", "ended by signal 15", None, took, -15)
    entries = journal((1, ended))
    said = list(changes(folded(entries), entries, "Lee", START + MINUTE, Sentences(Names(generic()), UTC)))
    assert said[-1] == "Ada, 0 s ago: Interrupted, it may have run in part: Clean it (took 8 s, ended by signal 15)"
