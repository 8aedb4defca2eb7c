"""A runbook for a wiki, and its tree drawn: nothing is lost, and nothing that was written is markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.reports.runbook_json import runbook_json
from incidentctl.reports.runbook_markdown import block, code, runbook_markdown, said
from incidentctl.reports.runbook_mermaid import label, runbook_mermaid
from incidentctl.runbook.load import load_service
from incidentctl.runbook.model import Action, Note, Omitted, Question, Runbook, steps_below
from tests.reports.walked import generic

ROOT = Path(__file__).parents[2]
EDGE = re.compile(r'(\w+)(?: -- "([\w ]+)")? --> (\w+)')
TREE = (
    Question("a", "Is it A?", if_yes=(Action("x", "Do X"), Note("n", "Tell them"), Action("y", "Do Y"))),
    Omitted("o", "Is it O?", "there is none"),
    Question("b", "Is it B?", if_no=(Question("c", "Is it C?"),)),
)


def shipped(service: str) -> Runbook:
    """A runbook of the repository."""
    book = load_service(ROOT / "runbooks", service).book
    assert book is not None
    return book


def edges(book: Runbook) -> set[tuple[str, str, str]]:
    """From, answer and to, by the texts of the steps."""
    lines = runbook_mermaid(book).splitlines()
    found = (re.fullmatch(r'\s+(\w+)\W+"(.*)"\W+', line) for line in lines)
    names = {node[1]: node[2] for node in found if node}
    return {(names[edge[1]], edge[2] or "", names[edge[3]]) for line in lines if (edge := EDGE.fullmatch(line.strip()))}


def test_the_tree_is_drawn_as_it_is_walked() -> None:
    end = "End of the tree: go round again, open<br/>the war room, or name a hypothesis"
    clear = "Verify, then the all clear"
    assert edges(replace(generic(), title="Shop", tree=TREE)) == {
        ("Shop", "", "Is it A?"),
        ("Is it A?", "yes", "Do X"),
        ("Is it A?", "no", "Is it B?"),
        ("Do X", "better", clear),
        ("Do X", "not better", "Tell them"),
        ("Tell them", "", "Do Y"),
        ("Do Y", "better", clear),
        ("Do Y", "not better", "Is it B?"),
        ("Is it B?", "yes", end),
        ("Is it B?", "no", "Is it C?"),
        ("Is it C?", "yes", end),
        ("Is it C?", "no", end),
    }


def test_what_is_left_out_stands_there_with_its_reason() -> None:
    assert '"Left out: Is it O? (there is none)"' in runbook_mermaid(replace(generic(), tree=TREE))


def test_the_documented_json_is_the_json() -> None:
    page = (ROOT / "docs/json.md").read_text()
    shapes = map(json.loads, re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    shown = next(shape for shape in shapes if shape["schema"] == "incidentctl/runbook/1")
    restart = Action("restart", "Restart it")
    database = Question("slow-database", "Is a database query slow?", if_yes=(restart,))
    loaded = load_service(ROOT / "runbooks", "search")
    made: Any = runbook_json(replace(shipped("search"), tree=(database,)), loaded)
    assert shown.keys() == made.keys()
    for name in ("comms", "all_clear"):
        assert shown[name].keys() == made[name].keys()
    for name in ("links", "levels", "tree", "files"):
        assert shown[name][0].keys() == made[name][0].keys()
    assert shown["levels"][0]["when"][0].keys() == made["levels"][0]["when"][0].keys()
    assert shown["tree"][0]["if_yes"][0].keys() == made["tree"][0]["if_yes"][0].keys()
    assert shown["people"]["on-call"].keys() == made["people"]["on-call"].keys()


def test_a_tree_without_questions_leads_to_its_end() -> None:
    assert "start --> exhausted" in runbook_mermaid(replace(generic(), tree=()))


@given(st.text())
def test_a_label_holds_nothing_that_is_read_as_anything_else(text: str) -> None:
    drawn = label(text)
    assert not re.search(r"[\"`\\<>\[\]{}|;#&*_]", re.sub(r"<br/>|#\d+;", "", drawn).replace("_", ""))
    assert not re.search(r"(?:^|<br/>)(?:-|\d{1,2}[.)])", drawn)


@pytest.mark.parametrize("service", ["checkout", "payments", "search"])
def test_every_step_command_and_address_is_on_the_page(service: str) -> None:
    book, page = shipped(service), runbook_markdown(shipped(service))
    lines = {line.strip() for line in page.splitlines()}
    for step in steps_below(book.tree):
        assert said(step.text) in page
        if isinstance(step, Action):
            assert {step.run, step.undo} - {""} <= lines
            assert code(step.id) in page
        elif isinstance(step, Question):
            assert step.look in lines | {""}
            assert all(check.kind in page for check in step.checks)
    assert all(link.url in page for link in book.links)
    assert all(template.text.rstrip("\n").splitlines()[0] in lines for template in book.comms.templates)
    assert all(f"| {said(name)} |" in page for name in book.signals)


def test_the_page_has_its_sections_in_the_order_of_the_walk() -> None:
    assert re.findall(r"^## (.+)$", runbook_markdown(shipped("payments")), re.MULTILINE) == [
        "Links", "Severity", "People", "First five minutes", "Decision tree", "Depends on", "Signals", "Comms",
        "All clear",
    ]  # fmt: skip


def test_a_question_within_a_branch_stands_below_it() -> None:
    lines = runbook_markdown(shipped("checkout")).splitlines()
    at = lines.index("1. **Question:** Are the consumers restarting?")
    assert "   **If yes:**" in lines[at:]
    assert "   1. **Action:** Raise their memory limit (about 3 min) `raise-memory`" in lines[at:]
    assert "      deployctl memory payments-consumer 2Gi" in lines[at:]


def test_foreign_text_is_no_markup() -> None:
    assert said("# *a* [b](c) <d> | `e` \x1b[31mf") == r"\# \*a\* \[b\](c) \<d\> \| \`e\` f"
    assert said("1. one") == r"1\. one"
    assert said("- one") == r"\- one"


@given(st.text())
def test_code_ends_where_it_ends(text: str) -> None:
    inner = code(f"x{text}x")
    fence = re.match(r"`+", inner)
    assert fence is not None
    runs = re.findall(r"`+", inner)
    assert runs.count(fence[0]) == 2
    first, *body, last = block(text, "sh").split("\n")
    assert first == f"{last}sh"
    assert not any(line.strip().startswith(last) for line in body)
