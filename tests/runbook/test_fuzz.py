"""Whatever a file holds: no exception, an answer soon, and a book or a reason why there is none."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.runbook.load import Loaded, RunbookText, built_in, from_texts
from incidentctl.runbook.nodes import File, Origin
from incidentctl.runbook.source import ENOUGH, Problems, read_source

ROOT = Path(__file__).parents[2]
BUILT_IN = built_in("shop").texts[0]
GOOD = [path.read_text() for path in sorted((ROOT / "runbooks").glob("*.yaml"))] + [BUILT_IN.text]
WORDS = sorted({word for text in GOOD for word in text.replace(":", " ").split()})
PIECES = [
    "\n", "  ", "\t", ": ", "- ", "[", "]", "{", "}", "&a ", "*a", "!!str ", "? ", "| ", "> ", "'", '"', "---\n", "%",
    "<<: ", "use: ", "id: ", "\u0085", "\u2028", "\ufeff", "\U0001f525", "\\", "#", "10", "5 min", "> 5%", "null",
]  # fmt: skip


def decoded(service: str, defaults: str = "") -> Loaded:
    before = process_time()
    layers = [BUILT_IN, RunbookText("_defaults.yaml", defaults), RunbookText("shop.yaml", service)]
    result = from_texts("shop", layers)
    assert process_time() - before < 5
    assert (result.book is None) == bool(result.problems)
    return result


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good file with some of its parts taken out, doubled, replaced or moved."""
    text = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 60)))
        other = draw(st.sampled_from(["", text[start:end] * 2, *PIECES, *WORDS]))
        text = text[:start] + other + text[end:]
    return text


def lines_swapped(text: str, first: int, second: int) -> str:
    """`text` with two of its lines exchanged."""
    lines = text.splitlines(keepends=True)
    first, second = first % len(lines), second % len(lines)
    lines[first], lines[second] = lines[second], lines[first]
    return "".join(lines)


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read(data: bytes) -> None:
    problems = Problems()
    source = read_source(File("shop.yaml", Origin.SERVICE), data, problems)
    assert source.readable or problems.found


@given(st.text(st.characters(), max_size=200))
def test_any_text_is_read(text: str) -> None:
    decoded(text)


@given(st.lists(st.sampled_from([*PIECES, *WORDS]), max_size=60).map("".join))
def test_any_words_are_read(text: str) -> None:
    decoded(text)


@given(mutated())
def test_a_damaged_file_is_read(text: str) -> None:
    result = decoded(text)
    lines = text.count("\n") + 1
    for problem in result.problems:
        assert (problem.line, problem.column) >= (1, 1)
        assert (problem.line, problem.column) <= (problem.end_line, problem.end_column)
        if problem.file != "built-in" and "\u0085" not in text and "\u2028" not in text:
            assert problem.line <= lines + 1


@given(st.sampled_from(GOOD), st.integers(0, 300), st.integers(0, 300))
def test_a_file_with_two_lines_exchanged_is_read(text: str, first: int, second: int) -> None:
    decoded(lines_swapped(text, first, second))


@given(mutated(), mutated())
def test_damaged_layers_are_merged(service: str, defaults: str) -> None:
    decoded(service, defaults)


LONG = 400_000
HOSTILE = {
    "digits": f"all_clear: {{stable_for: '{'1' * LONG}!'}}",
    "commas": f"severity: {{P1: {{when: ['down > {'1,' * LONG} !']}}}}",
    "baseline": f"signals: {{queue: {{baseline: '{'1,' * LONG} !'}}}}",
    "conditions": f"severity: {{P1: {{when: [&a '{'a ' * LONG}'{', *a' * 9_000}]}}}}",
    "slugs": f"decision_tree: [&a {{action: '{'x ' * LONG}'}}{', *a' * 9_000}]",
    "words": f"process: '{'full' * LONG}'",
    "zone": f"timezone: '{'a/' * LONG}'",
    "keys": "\n".join(f"key{n}: 1" for n in range(20_000)),
    "steps": "decision_tree:\n" + "\n".join(f"  - use: step{n}" for n in range(20_000)),
    "templates": f"comms: {{templates: [&a {{phase: '{'x' * LONG}'}}{', *a' * 9_000}]}}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_runbook_ends_quickly(name: str) -> None:
    steps = "\n".join(f"  - {{note: n, id: id{n}}}" for n in range(5_000))
    result = decoded(HOSTILE[name], f"decision_tree:\n{steps}\n")
    assert 1 <= len(result.problems) <= ENOUGH
    assert all(len(problem.message) < 500 for problem in result.problems)
