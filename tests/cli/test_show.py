"""`show`: the runbook to read, for a wiki, drawn, as data, and where each value was written."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.tty.screen import Terminal


def test_origin_says_for_every_value_where_it_was_written(program: Program) -> None:
    done = program("show", "checkout", "--origin")
    assert done.status == 0
    lines = {value: (place, layer) for place, layer, value in (line.split(None, 2) for line in done.out.splitlines())}
    assert lines["owner: team-checkout"][1] == "service"
    assert re.search(r"runbooks/checkout\.yaml:6$", lines["owner: team-checkout"][0])
    assert re.search(r"runbooks/_defaults\.yaml:4$", lines["timezone: Europe/Berlin"][0])
    assert lines["timezone: Europe/Berlin"][1] == "organisation"
    assert lines["severity.P1.update_every: 30 min"][1] == "built-in"
    assert lines["severity.P1.update_every: 30 min"][0].startswith("built-in:")
    assert lines["severity.P3.page: []"][1] == "built-in"
    # A step that is used: its own keys from the service, the others from below.
    assert lines["decision_tree[0].within: 6 h"][1] == "built-in"
    assert lines["decision_tree[0].if_yes[0].takes: 5 min"][1] == "service"


def test_it_is_as_wide_as_the_terminal_and_80_columns_at_most() -> None:
    def widest(columns: int) -> int:
        with Terminal("-m", "incidentctl", "--runbooks", "runbooks", "show", "search", columns=columns) as terminal:
            assert terminal.wait_for_end() == 0
            lines = terminal.written.decode().split("\r\n")
        return max(len(line) for line in lines if "{{" not in line and "SELECT" not in line)

    assert 50 < widest(60) <= 60
    assert 70 < widest(120) <= 80


def test_the_place_of_a_value_holds_it(program: Program, tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    text = "format: 1\nservice: shop\nowner: team-shop\npeople:\n  on-call:\n    name: Ada\n    email: a@example.com\n"
    (tmp_path / "books/shop.yaml").write_text(text)
    out = program("--runbooks", str(tmp_path / "books"), "show", "shop", "--origin").out
    for place, layer, value in (line.split(None, 2) for line in out.splitlines()):
        if layer == "service":
            line = text.splitlines()[int(place.rpartition(":")[2]) - 1]
            path, _, said = value.partition(": ")
            assert line.strip() == f"{path.rpartition('.')[2]}: {said}"


def test_json_keeps_its_shape(program: Program) -> None:
    document = program("show", "checkout", "--json").json
    assert set(document) == {
        "schema", "service", "title", "levels", "first_minutes", "tree", "comms", "all_clear", "description", "owner",
        "tier", "process", "timezone", "reviewed", "alerts", "links", "people", "channel", "depends_on", "externals",
        "signals", "sources", "postmortem_due_s", "postmortem_template", "files",
    }  # fmt: skip
    assert document["schema"] == "incidentctl/runbook/1"
    assert document["reviewed"] == "2026-11-02"
    assert document["postmortem_due_s"] == 172800
    assert [file["layer"] for file in document["files"]] == ["built-in", "organisation", "service"]
    deploy = document["tree"][0]
    assert set(deploy) == {"step", "id", "text", "why", "within_s", "look", "checks", "links", "if_yes", "if_no"}
    assert (deploy["step"], deploy["within_s"]) == ("question", 21600)
    rollback = deploy["if_yes"][0]
    assert set(rollback) == {
        "step", "id", "text", "why", "run", "shell", "needs", "target", "expect", "undo", "irreversible", "takes_s",
        "timeout_s", "by", "blocked_by", "end_queries", "http",
    }  # fmt: skip
    assert (rollback["step"], rollback["takes_s"], rollback["by"]) == ("rollback", 300, None)
    assert {step["step"] for step in document["tree"]} == {"question", "omitted"}
    assert document["levels"][0]["update_every_s"] == 1800
    assert document["people"]["on-call"] == {
        "role": "on-call", "name": "checkout on-call", "ways": [["pagerduty", "PCHK001"]],
    }  # fmt: skip
    assert document["levels"][0]["when"][2] == {
        "text": "error_rate > 5%", "signal": "error_rate", "operator": ">", "number": 0.05, "times_baseline": False,
    }  # fmt: skip


def test_json_can_hold_the_origins(program: Program) -> None:
    origins = program("show", "checkout", "--json", "--origin").json["origins"]
    assert {"path": "process", "text": "full", "layer": "built-in", "file": "built-in", "line": 4} in origins


@pytest.mark.parametrize("form", ["markdown", "mermaid"])
@pytest.mark.parametrize("service", ["checkout", "payments", "search", "built-in"])
def test_every_form_of_every_shipped_runbook_is_written(program: Program, service: str, form: str) -> None:
    done = program("show", service, "--format", form)
    assert done.status == 0
    assert done.out.startswith("# " if form == "markdown" else "flowchart TD\n")


def test_a_form_is_written_by_itself(program: Program) -> None:
    assert program("show", "checkout", "--format", "mermaid", "--json").status == 2
    assert program("show", "checkout", "--format", "markdown", "--origin").status == 2
    assert program("show", "checkout", "--format", "html").status == 2


@pytest.mark.parametrize("options", [("--json", "--origin"), ("--origin",), ("--format", "markdown")])
def test_no_secret_is_printed(program: Program, tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "books").mkdir()
    text = "format: 1\nservice: shop\ndescription: 'password: hunter2hunter2'\n"
    (tmp_path / "books/shop.yaml").write_text(text)
    out = program("--runbooks", str(tmp_path / "books"), "show", "shop", *options).out
    assert "<redacted>" in out.replace("\\", "")
    assert "hunter2" not in out


CANARY = "canary7hunter"
PLANTED = f"""\
format: 1
service: shop
title: Shop
description: The password is in the vault
links:
  - {{type: dashboard, title: Overview, url: "https://app:{CANARY}1@grafana.example.com/d/shop"}}
sources:
  prometheus: {{url: "https://p.example.com", headers: {{Authorization: "Bearer {CANARY}2", X-Api-Key: {CANARY}3}}}}
signals:
  down: {{http: {{url: "https://x.example.com", headers: {{token: "{CANARY}4"}}}}}}
first_five_minutes:
  - {{do: Log in, id: log-in, run: "shopctl login --password {CANARY}5"}}
decision_tree:
  - use: slow-database
    check: {{postgres: {{dsn: "postgresql://app:{CANARY}6@db/shop"}}}}
    look: psql "password={CANARY}7 host=db"
    why: >-
      The token:
      {CANARY}8a
  - use: recent-deploy
    if_yes:
      - action: Switch it off, password={CANARY}9
        id: off
        http: {{url: "https://x.example.com/off", headers: {{Private-Token: glpat-{CANARY}0123456789}}}}
comms:
  audiences:
    chat: {{webhook: {{url: "https://hooks.slack.com/services/T0/B0/{CANARY}", headers: {{secret: {CANARY}b}}}}}}
  templates:
    - {{audience: chat, text: "Log in with api_key={CANARY}c"}}
"""
FORMS = [
    (), ("--json",), ("--origin",), ("--json", "--origin"), ("--format", "markdown"), ("--format", "mermaid"),
]  # fmt: skip


@pytest.mark.parametrize("options", FORMS)
def test_no_planted_secret_is_printed_in_any_form(program: Program, tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "shop.yaml").write_text(PLANTED)
    done = program("--runbooks", str(tmp_path), "show", "shop", *options)
    assert done.status == 0, done.err
    assert CANARY not in done.out + done.err
    assert "redacted" in done.out
    assert "Log in" in done.out or "mermaid" in options


def test_the_digest_is_that_of_the_file_as_it_is(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(PLANTED)
    files = program("--runbooks", str(tmp_path), "show", "shop", "--json").json["files"]
    assert files[-1]["digest"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_what_is_wrong_with_a_runbook_is_told_without_its_secrets(program: Program, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(PLANTED.replace("use: recent-deploy", f"use: password={CANARY}"))
    done = program("--runbooks", str(tmp_path), "show", "shop")
    assert done.status == 4
    assert "there is no step" in done.err
    assert CANARY not in done.out + done.err
