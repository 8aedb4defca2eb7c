"""Whatever a file holds: findings with places, soon, and never a traceback."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentctl.lint.finding import Finding
from incidentctl.lint.formats import github, junit, sarif, text
from incidentctl.lint.formats import json as json_format
from incidentctl.lint.registry import CATALOGUE
from tests.lint.linting import MINIMAL, ROOT, report_of

GOOD = [MINIMAL, *(path.read_text() for path in sorted((ROOT / "runbooks").glob("*.yaml")))]
WORDS = sorted({word for one in GOOD for word in one.replace(":", " ").split()})
PIECES = [
    "\n", "  ", "\t", ": ", "- ", "[", "]", "{", "}", "&a ", "*a", "!!str ", "? ", "| ", "> ", "'", '"', "---\n", "%",
    "<<: ", "use: ", "id: ", "\u0085", "\u2028", "\ufeff", "\U0001f525", "\\", "#", "10", "5 min", "> 5%", "null", "\0",
    "# incidentctl: ignore[no-rollback]", "# incidentctl:", "{{ x", "{% if", "${X}", "$(", "`", "${",
    "http://", "||", "<x>",
]  # fmt: skip
quickly = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def linted(service: bytes, defaults: bytes = b"", seconds: float = 5) -> tuple[Finding, ...]:
    """The findings, which every format must be able to write."""
    before = process_time()
    report = report_of({"shop.yaml": service, **({"_defaults.yaml": defaults} if defaults else {})}, environment={})
    for form in (json_format, github, junit, sarif):
        form.written(report)
    list(text.lines(report, 80))
    assert process_time() - before < seconds
    for finding in report.findings:
        assert (1, 1) <= (finding.line, finding.column) <= (finding.end_line, finding.end_column)
        assert finding.rule in CATALOGUE
        assert finding.message
        assert finding.file != "built-in"
    return report.findings


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good file with some of its parts taken out, doubled, replaced or moved."""
    one = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(one)))
        end = draw(st.integers(start, min(len(one), start + 60)))
        other = draw(st.sampled_from(["", one[start:end] * 2, *PIECES, *WORDS]))
        one = one[:start] + other + one[end:]
    return one.encode()


@quickly
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda one: one.encode("utf-8", "surrogatepass")))
def test_any_bytes(data: bytes) -> None:
    linted(data)


@quickly
@given(st.lists(st.sampled_from([*PIECES, *WORDS]), max_size=60).map("".join))
def test_any_words(one: str) -> None:
    linted(one.encode())


@quickly
@given(mutated())
def test_a_damaged_file(data: bytes) -> None:
    linted(data)


@quickly
@given(mutated(), mutated())
def test_damaged_layers(service: bytes, defaults: bytes) -> None:
    linted(service, defaults)


@quickly
@given(st.sampled_from(WORDS), st.sampled_from([*PIECES, *WORDS]) | st.text(max_size=40))
def test_a_word_that_stands_for_another(word: str, other: str) -> None:
    for one in GOOD:
        if word in one:
            linted(one.replace(word, other, 1).encode("utf-8", "surrogatepass"))


LONG = 300_000
HOSTILE = {
    "billion laughs": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(12)),
    "brackets": "a: " + "[" * 100_000,
    "braces": "a: " + "{a: " * 50_000,
    "indents": "\n".join(f"{' ' * n}a:" for n in range(900)),
    "a long line": MINIMAL + f"description: '{'x' * LONG}'\n",
    "a long command": MINIMAL.replace("run: kubectl", f"run: {'$(' * 9_000} kubectl"),
    "long commands": MINIMAL.replace("run: kubectl", f"run: {'a|' * 9_000} kubectl"),
    "quotes": MINIMAL.replace("run: kubectl", f"run: kubectl {chr(34) * 9_001}"),
    "blanks": MINIMAL.replace("run: kubectl", f"run: kubectl{' ' * 15_000}x"),
    "braces in a text": MINIMAL.replace("feature: placing orders", f"feature: '{'{{ ' * 5_000}'"),
    "a template": MINIMAL + f"comms: {{templates: [{{audience: customers, text: '{'{% if a %}' * 1_900}'}}]}}\n",
    "a power": MINIMAL.replace("feature: placing orders", "feature: '{{ 9 ** 9 ** 9 }}{{ range(10**9) | list }}'"),
    "an address": MINIMAL.replace("https://grafana.example.com/d/shop", f"https://{'a.' * 9_000}{'[' * 9}"),
    "placeholders": MINIMAL.replace("title: Shop", f"title: '{'<' * 9_000}{'>' * 9_000}'"),
    "comments": MINIMAL + "# incidentctl: ignore[no-rollback]\n" * 20_000,
    "number signs": MINIMAL + "#" * LONG + " incidentctl: " + " #" * 100_000 + "\n",
    "steps": MINIMAL + "".join(f"  - {{note: n{n}}}\n" for n in range(9_000)),
    "questions": MINIMAL.replace(
        "decision_tree:\n", "decision_tree:\n" + "".join(f"  - {{ask: Is it {n}?}}\n" for n in range(1_900))
    ),
    "services": MINIMAL + f"depends_on: [{', '.join(f'{{service: s{n}}}' for n in range(4_000))}]\n",
    "conditions": MINIMAL + f"severity: {{P1: {{when: [{', '.join(['latency_p99 > 1 s'] * 3_000)}]}}}}\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_quickly(name: str) -> None:
    linted(HOSTILE[name].encode(), seconds=10)
