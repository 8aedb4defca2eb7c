"""The reading commands: their promised shapes, their texts, and the runbook as it would be walked."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from incidentctl.incident.words import Layer
from incidentctl.journal.sqlite import SqliteJournal
from tests.cli.conftest import ROOT, Program
from tests.session.people import Person, opening, session

STATUS = {
    "schema", "id", "service", "title", "mode", "state", "severity", "phase", "comms_phase", "channel", "opened_at",
    "roles", "open_prompt", "next_update_due_at", "updates", "tree", "actions", "affected",
}  # fmt: skip
ENTRY = {"seq", "occurred_at", "recorded_at", "kind", "author", "role", "prompt", "text", "data"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
WALK = str(ROOT / "runbooks/answers/checkout.yaml")


@pytest.fixture
def walked(program: Program) -> str:
    """The id of an incident that was walked to its end."""
    return program("start", "checkout", "--title", "Orders fail", "--answers", WALK).incident


def shaped(status: dict[str, Any]) -> None:
    assert set(status) >= STATUS
    assert status["schema"] == "incidentctl/status/1"
    assert set(status["roles"]) == {"ic", "comms-lead", "engineer"}
    assert set(status["updates"]) >= {"sent", "due", "late"}
    assert all(set(line) >= {"id", "question", "answer", "evidence"} for line in status["tree"])
    assert all(set(line) >= {"step", "kind", "result", "estimate_s", "took_s"} for line in status["actions"])
    assert MOMENT.fullmatch(status["opened_at"])


def test_status_keeps_its_shape(program: Program, walked: str) -> None:
    status = program("status", "--json").json
    shaped(status)
    assert status["tree"][0] == {
        "id": "recent-deploy", "question": "Was there a deploy in the last 6 hours?", "answer": "yes", "evidence": [],
    }  # fmt: skip
    assert status["actions"][0]["estimate_s"] == 300


def test_timeline_keeps_its_shape(program: Program, walked: str) -> None:
    timeline = program("timeline", "--json").json
    assert set(timeline) >= {"schema", "incident", "entries"}
    assert timeline["schema"] == "incidentctl/timeline/1"
    shaped(timeline["incident"])
    assert [entry["seq"] for entry in timeline["entries"]] == list(range(1, len(timeline["entries"]) + 1))
    for entry in timeline["entries"]:
        assert set(entry) >= ENTRY
        assert MOMENT.fullmatch(entry["occurred_at"])
        assert MOMENT.fullmatch(entry["recorded_at"])
        assert "/" not in entry["kind"]
    kinds = [entry["kind"] for entry in timeline["entries"]]
    promised = {"incident.opened", "severity.changed", "update.sent", "tree.answered", "mitigation.chosen",
                "action.ended", "all-clear.given"}  # fmt: skip
    assert promised <= set(kinds)
    assert [entry["kind"] for entry in timeline["entries"] if entry["prompt"] is None] == ["incident.opened"]


def test_history_keeps_its_shape_the_latest_first(program: Program, walked: str) -> None:
    later = program("start", "payments", "--title", "Cards fail").incident
    history = program("history", "--json").json
    assert history["schema"] == "incidentctl/history/1"
    assert [one["id"] for one in history["incidents"]] == [later, walked]
    for one in history["incidents"]:
        shaped(one)


def test_history_of_nothing_is_empty(program: Program) -> None:
    assert program("history", "--json").json["incidents"] == []
    assert program("history").out == "No incidents yet.\n"


def test_json_is_what_format_json_prints(program: Program, walked: str) -> None:
    assert program("timeline", "--json").json["entries"] == program("timeline", "--format", "json").json["entries"]
    assert program("timeline", "--format", "xml").status == 2


def test_a_timeline_can_be_written_to_a_file(program: Program, walked: str, tmp_path: Path) -> None:
    file = tmp_path / "timeline.json"
    done = program("timeline", "--json", "--output", str(file))
    assert (done.status, done.out) == (0, "")
    assert json.loads(file.read_text())["incident"]["id"] == walked
    refused = program("timeline", "--output", str(tmp_path))
    assert refused.status == 4
    assert str(tmp_path) in refused.err


def test_what_was_sent_and_run_stands_bare_in_the_timeline(program: Program, walked: str) -> None:
    lines = program("timeline").out.splitlines()
    assert "kubectl rollout undo deployment/checkout -n shop" in lines
    assert "The problem with paying and placing orders is resolved. We are sorry for the trouble it caused." in lines


def test_reading_asks_nobody_and_writes_nothing(program: Program, walked: str) -> None:
    before = program("timeline", "--json").json["entries"]
    for words in (("status",), ("status", "--json"), ("timeline",), ("history",), ("show", "checkout")):
        assert program(*words).status == 0
    assert program("timeline", "--json").json["entries"] == before


def test_show_prints_the_merged_runbook(program: Program) -> None:
    out = program("show", "checkout").out
    assert "kubectl rollout undo deployment/checkout -n shop" in out.splitlines()
    assert "Was there a deploy in the last 6 hours?" in out
    assert "incident commanders' rota" in out


def test_show_guesses_a_misspelt_service(program: Program) -> None:
    done = program("show", "chekout")
    assert done.status == 4
    assert "Did you mean `checkout`" in done.err


def test_show_of_a_broken_runbook_names_every_place(program: Program, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("format: 1\nservice: shop\nownr: me\ntitel: Shop\n")
    done = program("--runbooks", str(tmp_path), "show", "shop")
    assert done.status == 4
    assert {"3:1", "4:1"} == {found[1] for found in re.finditer(r"shop\.yaml:(\d+:\d+):", done.err)}


def test_a_pinned_runbook_that_cannot_be_read_gives_way_to_the_built_in_one(program: Program, tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "store.db")
    book, wanted = opening()
    broken = replace(wanted, layers=(*wanted.layers, Layer("search.yaml", "format: 99\nservce: search\n", "0")))
    session(journal, Person()).open(book, broken)
    journal.close()
    done = program("status", "--json")
    assert done.status == 0
    assert done.json["open_prompt"] == "first.acknowledge"
    assert "search.yaml:2:1" in done.err
    assert "built-in" in done.err


def test_a_damaged_incident_does_not_take_the_others_with_it(program: Program, walked: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db")) as database:
        database.execute("UPDATE entry SET recorded_at = 'soon' WHERE incident = ?", (walked,))
        database.commit()
    done = program("start", "payments", "--title", "Cards fail")
    assert done.status == 3
    assert f"an entry of {walked} is damaged" in done.err
    assert program("note", "still here").status == 0
    assert program("timeline", done.incident, "--json").json["entries"][-1]["text"] == "still here"
