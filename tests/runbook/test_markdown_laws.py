"""Laws of the import, over generated Markdown: nothing is lost, and everything reads back as it was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentctl.runbook.markdown.blocks import Place, document
from incidentctl.runbook.markdown.convert import Wrong, convert
from incidentctl.runbook.markdown.emit import scalar
from incidentctl.runbook.markdown.loss import lost, lost_lines, said_by, words_of
from incidentctl.runbook.markdown.reader import read
from incidentctl.runbook.nodes import File, Origin, ScalarNode
from incidentctl.runbook.source import Problems, read_source

WORDS = st.sampled_from([
    "if", "then", "otherwise", "the", "queue", "is", "long?", "`kubectl", "get", "pods", "-n", "<ns>`",
    "**Owner:**", "yes:", "no", "12:30", "SEV-1", "P2", "critical", "#", "-", "1.", ">", "|",
    "[a](https://example.com/x)", "https://example.com/y", "[x]:", "<!--", "-->", "<b>", "$NS", "{{", "x",
    "}}", "->", "...", "\u00fcber", "\u2028", "\u200b", "\\", '"', "'", "&", "*", "_", "\u00e9",
])  # fmt: skip
TEXT = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
PREFIX = st.sampled_from([
    "", "# ", "## If ", "## Severity ", "## Rollback ", "## First steps ", "## Contacts ", "## Verification ",
    "## Links ", "- ", "- [ ] ", "1. ", "   ", "    ", "> ", "```bash ", "```", "````", "| a | ", "|---|---|",
    "$ ", "   - ", "<table><tr><td>", "<tr>", "<td>", "</tr></table>",
    "<![x ", "---", "# ShopDown ", "**Alert:** ", "## Alerts ", "| Alert | ",
    "<tr><td colspan=2>", "## Meaning ", "## Communication ", "[x]: ", "\t",
])  # fmt: skip
LINE = st.one_of(st.just(""), st.builds("{}{}".format, PREFIX, TEXT), PREFIX)
MARKDOWN = st.lists(LINE, max_size=25).map("\n".join)


def unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else " "


def nobody(text: str) -> Sequence[Wrong]:
    """A judge who finds nothing."""
    del text
    return ()


@settings(max_examples=150, deadline=None)
@given(MARKDOWN)
def test_generated_markdown_arrives_whole_and_can_be_walked(text: str) -> None:
    one = convert("shop", [("a.md", text)], nobody)
    assert (one.lost, one.misread, one.problems) == ((), (), ())


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_arrives_whole_and_can_be_walked(text: str) -> None:
    one = convert("shop", [("a.md", text)], nobody)
    assert (one.lost, one.misread, one.problems) == ((), (), ())


@settings(max_examples=100, deadline=None)
@given(MARKDOWN)
def test_every_word_of_generated_markdown_stands_in_the_yaml(text: str) -> None:
    # Told apart from the importer's own check: of the YAML only its text is known here.
    one = document("a.md", text)
    yaml = convert("shop", [("a.md", text)], nobody).text
    written = set(words_of(re.sub(r"\\(?:n|t|x(..)|u(.{4}))", unescaped, yaml)))
    assert [line for line in one.lines if not said_by(line) <= written] == []


@settings(max_examples=60, deadline=None)
@given(MARKDOWN)
def test_a_step_that_a_judge_rejects_is_kept_in_its_own_words(text: str) -> None:
    def severe(yaml: str) -> Sequence[Wrong]:
        return [(number, "no") for number, line in enumerate(yaml.split("\n"), 1) if "run:" in line or "url:" in line]

    one = convert("shop", [("a.md", text)], severe)
    assert (one.lost, one.misread, one.problems) == ((), (), ())
    assert not any(step.run for step in one.draft.steps())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(TEXT, max_size=4).map("\n".join)))
def test_a_scalar_reads_back_as_it_was(text: str) -> None:
    line = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "", text)
    problems = Problems()
    source = read_source(File("a.yaml", Origin.SERVICE), f"  key: {scalar(line, 4)}\n".encode(), problems)
    node = source.root.entries["key"][1]
    assert problems.found == []
    assert isinstance(node, ScalarNode)
    assert node.text == line


@pytest.mark.parametrize(
    "text",
    [
        "> " * 50_000 + "x",
        "x" * 5_000_000,
        "| Symptom | Fix |\n|---|---|\n" + "".join(f"| x{one} | `kubectl get {one}` |\n" for one in range(3_000)),
        "| Alert | b |\n|---|---|\n" + "".join(f"| ShopDown{one} | y |\n" for one in range(10_000)),
        "| a | b |\n|---|---|\n" + "| x | y |\n" * 10_000,
        "<table>" + "<a" * 40_000,
        "<table>" + "<tr><td>x<td>y" * 5_000,
        "If x, do y.\n\n" * 3_000,
        "<!-- incidentctl: x\n" * 20_000,
        "# " + "aB" * 100_000,
    ],
    ids=["quotes", "line", "symptoms", "alerts", "rows", "tags", "cells", "questions", "comments", "title"],
)
def test_a_hostile_file_ends_soon_and_arrives_whole(text: str) -> None:
    before = process_time()
    assert convert("shop", [("a.md", text)], nobody, lambda _: "").lost == ()
    assert process_time() - before < 20  # seconds, on the slowest machine; a quadratic one takes minutes


@given(MARKDOWN.filter(lambda text: any(word in text for word in ("queue", "critical"))))
@settings(max_examples=50, deadline=None)
def test_the_check_finds_a_line_that_was_left_out(text: str) -> None:
    one = document("a.md", text)
    draft = read("shop", [one])
    assert lost_lines(draft, one) == []
    found = [number for number, line in enumerate(one.lines) if "queue" in line or "critical" in line]
    assert set(found) <= set(lost(one, [(Place("a.md", 0, len(one.lines)), ["other words"])]))
