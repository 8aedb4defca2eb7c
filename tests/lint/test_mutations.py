"""Each edit of a good runbook that would mislead at 3 AM is found, by its rule, on its line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from incidentctl.lint.finding import Finding
from incidentctl.runbook.nodes import File, ListNode, MappingNode, Node, Origin, ScalarNode
from incidentctl.runbook.source import Problems, read_source
from tests.lint.linting import ROOT, report_of

CHECKOUT = (ROOT / "runbooks/checkout.yaml").read_text()
DEFAULTS = (ROOT / "runbooks/_defaults.yaml").read_text()
ROLLBACK = "run: kubectl rollout undo deployment/checkout -n shop\n        target"


def findings(checkout: str, defaults: str = DEFAULTS) -> list[Finding]:
    """What is found in either file."""
    return list(report_of({"checkout.yaml": checkout.encode(), "_defaults.yaml": defaults.encode()}).findings)


# What is edited (the first place where it stands), what it becomes, and the rule that has to see it on that line.
EDITS = [
    ("format: 1", "format: 2", "unsupported-format"),
    ("service: checkout", "service: chekcout", "service-name"),
    ("reviewed: 2026-11-02", "reviewed: 2026-02-11", "stale-review"),
    ("reviewed: 2026-11-02", "reviewed: 2027-11-02", "future-date"),
    ("title: Checkout", "title: TODO", "placeholder-text"),
    ("{type: dashboard, title: Database", "{type: dashbord, title: Database", "unknown-link-type"),
    ("https://grafana.example.com/d/checkout?", "grafana.example.com/d/checkout?", "bad-url"),
    ("https://git.example.com/shop/checkout", "http://git.example.com/shop/checkout", "insecure-link"),
    (
        "on-call: {name: checkout on-call, pagerduty: PCHK001}",
        "on-call: {name: checkout on-call}",
        "unreachable-person",
    ),
    ("check: {signal: queue > 10000}", "check: {signal: queue > 10 s}", "unit-mismatch"),
    ("check: {signal: queue > 10000}", "check: {signal: quue > 10000}", "unknown-signal"),
    ("omit: checkout calls no one outside; payments does", "omit:", "missing-key"),
    ("use: external-dependency", "use: external-dependancy", "unknown-use"),
    ("id: consumers-restarting", "id: queue-backlog", "duplicate-id"),
    ("takes: 5 min", "takes: 45 min", "rollback-too-long"),
    ("takes: 5 min", "takes: 5", "bare-number"),
    (ROLLBACK, ROLLBACK.replace("run: ", "run: $ "), "shell-prompt"),
    (ROLLBACK, ROLLBACK.replace("shop\n", "shop | tee out\n"), "shell-syntax"),
    (ROLLBACK, ROLLBACK.replace("-n shop", "-n <namespace>"), "undefined-placeholder"),
    (ROLLBACK, ROLLBACK.replace(" -n shop", ""), "no-target"),
    ("run: kubectl delete pod {{ pod }} -n shop", "run: kubectl delete pod {{ pood }} -n shop", "undefined-input"),
    ("{{ next_update_at }}", "{{ next_udpate_at }}", "undefined-variable"),
    ("audience: customers", "audience: custmers", "unknown-audience"),
]


@pytest.mark.parametrize(
    ("before", "after", "rule"), EDITS, ids=[f"{rule}-{n}" for n, (_, _, rule) in enumerate(EDITS)]
)
def test_an_edit_that_misleads_is_found_on_its_line(before: str, after: str, rule: str) -> None:
    assert before in CHECKOUT
    line = CHECKOUT[: CHECKOUT.index(before)].count("\n") + 1
    found = [one for one in findings(CHECKOUT.replace(before, after, 1)) if one.rule == rule]
    assert any(one.line <= line <= one.end_line for one in found)


@pytest.mark.parametrize(
    ("section", "rule"),
    [
        ("owner", "missing-owner"),
        ("reviewed", "missing-reviewed"),
        ("people", "no-on-call"),
        ("decision_tree", "no-rollback"),
    ],
)
def test_what_is_taken_out_is_missed(section: str, rule: str) -> None:
    lines = CHECKOUT.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{section}:"))
    end = next((number for number in range(start + 1, len(lines)) if lines[number][0] not in " \n#"), len(lines))
    text = "".join(lines[:start] + lines[end:])
    if section == "decision_tree":  # the built-in tree has a rollback without a command: nobody has written one
        text += "decision_tree:\n  - use: recent-deploy\n    if_yes: [{note: Think., id: think}]\n"
    assert rule in {one.rule for one in findings(text)}


def test_the_runbook_as_it_is_shipped_is_clean() -> None:
    assert findings(CHECKOUT) == []


# --- every key --------------------------------------------------------------------------------------------

NAMED_BY_AUTHORS = {"people", "signals", "severity", "audiences", "needs", "headers"}


def keys(text: str, origin: Origin) -> Iterator[ScalarNode]:
    """Every key of a file that the format defines; names that its author chose are left out."""

    def below(node: Node) -> Iterator[ScalarNode]:
        if isinstance(node, ListNode):
            for item in node.items:
                yield from below(item)
        elif isinstance(node, MappingNode):
            for key, value in node.entries.values():
                if not node.route or node.route[-1] not in NAMED_BY_AUTHORS:
                    yield key
                yield from below(value)

    yield from below(read_source(File("x", origin), text.encode(), Problems()).root)


def misspelt(text: str, key: ScalarNode) -> str:
    """The file with one key written wrong, in place, as long as before."""
    lines = text.splitlines(keepends=True)
    line, at = lines[key.span.line - 1], key.span.column - 1
    wrong = f"{key.text[:-1]}{'q' if key.text[-1] != 'q' else 'x'}" if len(key.text) > 2 else "qq"
    lines[key.span.line - 1] = line[:at] + wrong + line[at + len(key.text) :]
    return "".join(lines)


@pytest.mark.parametrize("name", ["checkout.yaml", "_defaults.yaml"])
def test_every_misspelt_key_is_an_error_on_the_key(name: str) -> None:
    """Peer defect 11: a misspelt key is dropped, and the job runs in the wrong place."""
    texts = {"checkout.yaml": CHECKOUT, "_defaults.yaml": DEFAULTS}
    origin = Origin.ORGANISATION if name.startswith("_") else Origin.SERVICE
    for key in keys(texts[name], origin):
        wrong = {**texts, name: misspelt(texts[name], key)}
        found = [
            one
            for one in findings(wrong["checkout.yaml"], wrong["_defaults.yaml"])
            if one.severity == "error" and (one.line, one.column) == (key.span.line, key.span.column)
        ]
        assert found, f"{name}:{key.span.line}:{key.span.column} {key.text}"
        if len(key.text) > 3:
            assert any("Did you mean" in one.hint or "One of" in one.hint for one in found), (key.text, found)
