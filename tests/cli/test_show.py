"""`show`: the runbook to read, for a wiki, drawn, as data, and where each value was written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Program


def test_origin_says_for_every_value_where_it_was_written(program: Program) -> None:
    done = program("show", "checkout", "--origin")
    assert done.status == 0
    lines = {value: (place, layer) for place, layer, value in (line.split(None, 2) for line in done.out.splitlines())}
    assert lines["owner: team-checkout"][1] == "service"
    assert re.search(r"runbooks/checkout\.yaml:5$", lines["owner: team-checkout"][0])
    assert re.search(r"runbooks/_defaults\.yaml:3$", lines["timezone: Europe/Berlin"][0])
    assert lines["timezone: Europe/Berlin"][1] == "organisation"
    assert lines["severity.P1.update_every: 30 min"][1] == "built-in"
    assert lines["severity.P1.update_every: 30 min"][0].startswith("built-in:")
    assert lines["severity.P3.page: []"][1] == "built-in"
    # A step that is used: its own keys from the service, the others from below.
    assert lines["decision_tree[0].within: 6 h"][1] == "built-in"
    assert lines["decision_tree[0].if_yes[0].takes: 5 min"][1] == "service"


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
