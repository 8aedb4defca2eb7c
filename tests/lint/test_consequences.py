"""One mistake is told once: what is wrong only because of it is not; what is wrong beside it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from incidentctl.runbook.nodes import File, ListNode, MappingNode, Node, Origin, ScalarNode
from incidentctl.runbook.source import Problems, read_source
from tests.lint.linting import MINIMAL, ROOT, findings_of, report_of, rules_of

FILES = {name: (ROOT / "runbooks" / name).read_text() for name in ("checkout.yaml", "payments.yaml", "_defaults.yaml")}
TAKES = "takes: 5 min"
URL = ', url: "https://grafana.example.com/d/shop"'
RULES_OF_ITS_OWN = {"unit-mismatch", "unused-ignore"}
"""What a unit, and a comment that ignores something, were right about before is asked anew."""


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (TAKES, "takes: 5", "bare-number"),
        (TAKES, "takes: soon", "bad-value"),
        (TAKES, "takes: [5 min]", "wrong-type"),
        (TAKES, "take: 5 min", "unknown-key"),
        (URL, "", "missing-key"),
        (URL, ', url: ""', "missing-key"),
        (URL, ', ulr: "https://grafana.example.com/d/shop"', "unknown-key"),
        (URL, ", url: [a]", "wrong-type"),
        ("name: shop on-call, pagerduty: PSHOP01", "name: shop on-call, pagerdty: PSHOP01", "unknown-key"),
        ("name: shop on-call, ", "nam: shop on-call, ", "unknown-key"),
        ("name: shop on-call, ", "", "missing-key"),
        ("people:", "peopel:", "unknown-key"),
        ("type: dashboard", "type: [dashboard]", "wrong-type"),
        ("owner: team-shop", "owner: [team-shop]", "wrong-type"),
        ("use: slow-database", "use: slow-databse", "unknown-use"),
        ("- use: slow-database", "- uses: slow-database", "missing-key"),
        ("rollback: Roll back", "rolback: Roll back", "missing-key"),
        ("id: roll-back", "id: [roll-back]", "wrong-type"),
        ("stable_for: 10 min", "stable_for: 10", "bare-number"),
        ("all_clear:", "all_claer:", "unknown-key"),
    ],
)
def test_one_mistake_is_one_finding(before: str, after: str, rule: str) -> None:
    assert before in MINIMAL
    found = findings_of(MINIMAL.replace(before, after, 1))
    assert [one.rule for one in found] == [rule], [(one.rule, one.path) for one in found]


@pytest.mark.parametrize(
    ("edits", "rules"),
    [
        # Another key of the same step, the same key of another step.
        (
            {TAKES: "takes: 5", "-n shop\n        undo": "-n <ns>\n        undo"},
            {"bare-number", "undefined-placeholder"},
        ),
        ({TAKES: "timeout: 5"}, {"bare-number", "missing-duration"}),
        # A link without an address hides neither its own type nor the next link's address.
        ({URL: "", "type: dashboard": "type: dashbord"}, {"missing-key", "unknown-link-type", "no-dashboard"}),
        ({URL: "}\n  - {type: doc, url: x"}, {"missing-key", "bad-url"}),
        # A mistake deep inside the tree says nothing of the questions that it lacks.
        ({TAKES: "takes: 5", "  - use: slow-database\n": ""}, {"bare-number", "missing-question"}),
        ({"id: roll-back": "id: [a]", "rollback: Roll": "action: Roll"}, {"wrong-type", "no-rollback"}),
        # One person's name and another's pager.
        ({"name: shop on-call, ": "", ', slack: "@shop-lead"': ""}, {"missing-key", "unreachable-person"}),
        # Beside the misspelt key stands the right one.
        ({"owner: team-shop": "ownr: x\nowner: TODO"}, {"unknown-key", "placeholder-text"}),
    ],
)
def test_what_is_wrong_beside_it_is_told_as_well(edits: dict[str, str], rules: set[str]) -> None:
    text = MINIMAL
    for before, after in edits.items():
        assert before in text
        text = text.replace(before, after, 1)
    assert rules_of(text) == rules


def test_what_is_not_asked_for_hides_nothing() -> None:
    text = MINIMAL.replace(TAKES, "takes: 5")
    assert rules_of(text, chosen=frozenset({"missing-duration"})) == {"missing-duration"}


def test_a_mistake_in_the_defaults_hides_nothing_at_the_same_place_of_a_service() -> None:
    """Templates add up: the first of one file is not the first of the other."""
    shared = "format: 1\ncomms:\n  templates:\n    - {audience: customers, text: [a]}\n"
    text = MINIMAL.replace("placing orders", 'orders\n  templates:\n    - {audience: customers, text: "{{ x }}"}')
    found = report_of({"shop.yaml": text.encode(), "_defaults.yaml": shared.encode()}).findings
    assert {"wrong-type", "undefined-variable"} <= {one.rule for one in found}


def scalars(text: str) -> Iterator[ScalarNode]:
    """Every value of a file that stands on one line."""

    def below(node: Node) -> Iterator[ScalarNode]:
        if isinstance(node, ListNode):
            for item in node.items:
                yield from below(item)
        elif isinstance(node, MappingNode):
            for _, value in node.entries.values():
                yield from below(value)
        elif isinstance(node, ScalarNode) and node.span.line == node.span.end_line:
            yield node

    yield from below(read_source(File("x", Origin.SERVICE), text.encode(), Problems()).root)


@pytest.mark.parametrize("name", FILES)
def test_every_value_of_another_kind_is_one_finding(name: str) -> None:
    """The shipped files are clean, so whatever is found beside the mistake follows from it."""
    for node in scalars(FILES[name]):
        lines = FILES[name].splitlines(keepends=True)
        line, span = lines[node.span.line - 1], node.span
        lines[span.line - 1] = f"{line[: span.column - 1]}[]{line[span.end_column - 1 :]}"
        texts = {**FILES, name: "".join(lines)}
        found = report_of({file: text.encode() for file, text in texts.items()}).findings
        if any(one.severity == "error" for one in found):
            told = [one.rule for one in found if one.rule not in RULES_OF_ITS_OWN]
            assert len(told) == 1, (f"{name}:{span.line}:{span.column}", [(one.rule, one.path) for one in found])
