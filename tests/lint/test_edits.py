"""For every rule there is an edit of the shipped runbooks, which are clean, that it finds on the line of the edit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from incidentctl.lint.registry import CATALOGUE
from incidentctl.runbook.tree import Tree
from tests.lint.linting import ROOT, report_of
from tests.lint.test_mutations import EDITS

CHECKOUT, PAYMENTS, SHARED = "checkout.yaml", "payments.yaml", "_defaults.yaml"
SHIPPED = {name: (ROOT / "runbooks" / name).read_text() for name in (CHECKOUT, PAYMENTS, SHARED)}
SECTIONS = {"missing-owner", "missing-reviewed", "no-on-call", "no-rollback"}
"""What `test_mutations` finds where a whole section is taken out."""
CALLED = {"dead-link"}
"""What is asked of the network, and only where somebody wants it."""
FALLBACK = PAYMENTS, SHIPPED[PAYMENTS][SHIPPED[PAYMENTS].index("    fallback:") : SHIPPED[PAYMENTS].index("\nsignals:")]
TREE = "decision_tree:\n  - use: recent-deploy\n"
FREEZE = "run: deployctl freeze checkout"
OMITTED = "  - use: external-dependency\n    omit: checkout calls no one outside; payments does\n"
CHECK = '    check:\n      statuspage: {url: "https://stripe-status.example.com", components: [API, Checkout]}\n'
STATUS = f"  - use: external-dependency\n{CHECK}"
CACHE = SHIPPED[CHECKOUT][SHIPPED[CHECKOUT].index("  - use: cache-stampede") : SHIPPED[CHECKOUT].index("\ncomms:")]
LATE = "  - ask: Late?\n    id: late\n    if_yes: [{note: x}]\n"
STABLE = "all_clear: {stable_for: 10 min}\n"
KEPT = "            irreversible: its unfinished messages are delivered again\n"
REASON = "  # incidentctl: ignore[unknown-dependency] its team keeps that runbook elsewhere"
ONCE = "first_five_minutes:\n"

# The rule; the file, what stands there and what it becomes; and, where the finding stands elsewhere, what is there.
FOUND: list[tuple[str, str, str, str, str]] = [
    ("bad-value", CHECKOUT, "reviewed: 2026-11-02", "reviewed: last week", ""),
    ("blame-words", CHECKOUT, "is failing for some customers.", "is failing through human error.", "text: >-"),
    ("blanket-ignore", CHECKOUT, "owner: team-checkout", "owner: team-checkout  # incidentctl: ignore", ""),
    ("empty-file", CHECKOUT, SHIPPED[CHECKOUT], "# Checkout\n", ""),
    ("cadence-too-slow", CHECKOUT, ONCE, f"severity: {{P1: {{update_every: 2 h}}}}\n{ONCE}", ""),
    ("conflicting-keys", CHECKOUT, "action: Raise their", "note: x\n            action: Raise their", ""),
    ("deploy-not-first", CHECKOUT, TREE, TREE.replace("\n", f"\n{LATE}", 1), "use: recent-deploy"),
    ("deploy-window", CHECKOUT, TREE, f"{TREE}    within: 2 h\n", "within: 2 h"),
    ("destructive-without-undo", CHECKOUT, KEPT, "", "kubectl delete pod"),
    ("duplicate-key", CHECKOUT, "tier: 1", "owner: team-shop", ""),
    ("encoding", CHECKOUT, "title: Checkout", r'title: "Check\eout"', ""),
    ("external-without-fallback", *FALLBACK, "", "external: Stripe"),
    ("external-without-status", PAYMENTS, "    status: https://stripe-status.example.com\n", "", "external: Stripe"),
    ("implicit-type", CHECKOUT, "tier: 1", "tier: 010", ""),
    ("interactive-command", CHECKOUT, FREEZE, "run: vim /etc/deploys.conf", ""),
    ("internal-detail-to-customers", CHECKOUT, "for some customers", "since db-7.shop.svc.cluster.local is down",
     "text: >-"),
    ("missing-baseline", CHECKOUT, "    baseline: 180 ms\n", "", "checkout:latency_p99"),
    ("missing-checklist-item", CHECKOUT, "    - use: post-mortem\n", "", "checklist:"),
    ("missing-duration", CHECKOUT, "            takes: 3 min\n        if_no", "        if_no", "action: Raise"),
    ("missing-id", CHECKOUT, "            id: raise-memory\n", "", "action: Raise"),
    ("missing-next-update", CHECKOUT, " Next update by\n        {{ next_update_at }}.", "", "text: >-"),
    ("missing-question", CHECKOUT, OMITTED, "", "decision_tree:"),
    ("nobody-paged", CHECKOUT, ONCE, f"severity: {{P1: {{page: []}}}}\n{ONCE}", ""),
    ("postmortem-too-late", CHECKOUT, "due: 48 h", "due: 90 h", ""),
    ("same-person-ic-and-comms", SHARED, "pagerduty: PCOM001", "pagerduty: PIC0001", ""),
    ("secret-in-file", CHECKOUT, FREEZE, f"{FREEZE} --token=hunter2hunter", ""),
    ("severity-gap", PAYMENTS, "error_rate >= 0.5%", "error_rate < 0.5%", ""),
    ("severity-order", PAYMENTS, "error_rate >= 0.5%", "error_rate >= 7%", ""),
    ("shell-true", CHECKOUT, "consumer 2Gi\n", "consumer 2Gi\n            shell: true\n", "shell: true"),
    ("syntax", CHECKOUT, "people:\n", "people\n", "on-call: {"),
    ("template-syntax", CHECKOUT, "{{ next_update_at }}", "{{ next_update_at }", "text: >-"),
    ("too-large", CHECKOUT, "title: Checkout", f"title: {'x' * 20_001}", ""),
    ("too-long-for-channel", SHARED, "max_length: 500", "max_length: 50", ""),
    ("unhandled-answer", CHECKOUT, "    if_yes:\n      - ask: Are", "    if_no:\n      - ask: Are",
     "ask: Is the payments"),
    ("unknown-channel", CHECKOUT, '"#support-desk"', "support desk", ""),
    ("unknown-dependency", PAYMENTS, REASON, "", "service: ledger"),
    ("unknown-ignore", PAYMENTS, "ignore[unknown-dependency]", "ignore[unknown-dependancy]", ""),
    ("unknown-key", CHECKOUT, "owner:", "ownr:", ""),
    ("unreachable-step", PAYMENTS, STATUS, "  - {use: external-dependency, omit: no}\n", "    fallback:"),
    ("unreasoned-ignore", PAYMENTS, " its team keeps that runbook elsewhere", "", ""),
    ("unsafe-expansion", CHECKOUT, FREEZE, 'run: rm -rf "$CACHE_DIR/"', ""),
    ("unused-ignore", CHECKOUT, "owner: team-checkout", "owner: team-checkout  # incidentctl: ignore[bad-url] old", ""),
    ("unused-input", CHECKOUT, "delete pod {{ pod }}", "delete pod payments-0", "pod: {ask"),
    ("wrong-type", CHECKOUT, "alerts: [CheckoutErrors, CheckoutLatency]", "alerts: CheckoutErrors", ""),
]  # fmt: skip
# The same, where one edit is not enough: what is edited in each file, then the file and what stands where it is found.
TOGETHER: list[tuple[str, dict[str, dict[str, str]], str, str]] = [
    ("dependency-cycle", {CHECKOUT: {"signals:\n": "depends_on: [{service: payments}]\nsignals:\n"},
                          PAYMENTS: {"service: ledger": "service: checkout", REASON: ""}}, PAYMENTS, "service: check"),
    ("duplicate-service", {PAYMENTS: {"service: payments": "service: checkout"}}, PAYMENTS, "service: checkout"),
    ("no-backup", {SHARED: {"  ic-backup:": "  ic-second:"}}, CHECKOUT, "on-call: {"),
    ("no-dashboard", {CHECKOUT: {"type: dashboard": "type: doc"}, SHARED: {"type: dashboard": "type: doc"}},
     CHECKOUT, "format: 1"),
    ("no-stability-window", {PAYMENTS: {"stable_for: 15 min": "checklist: []"}, SHARED: {STABLE: ""}},
     PAYMENTS, "checklist"),
    ("no-timezone", {SHARED: {"timezone: Europe/Berlin\n": ""}}, CHECKOUT, "format: 1"),
]  # fmt: skip
# What only a comparison with the runbook as it was finds.
WORSE: list[tuple[str, str, str, str]] = [
    ("id-renamed", "id: raise-memory", "id: more-memory", ""),
    ("paging-thinned", ONCE, f"severity: {{P1: {{page: [on-call]}}}}\n{ONCE}", ""),
    ("question-removed", CACHE, "", "decision_tree:"),
]


def lines_found(rule: str, texts: dict[str, str], file: str, **setting: Any) -> list[range]:  # noqa: ANN401 - Setting's
    """The lines of a file on which a rule finds something."""
    report = report_of({name: text.encode() for name, text in texts.items()}, **setting)
    found = (one for one in report.findings if one.rule == rule and Path(one.file).name == file)
    return [range(one.line, one.end_line + 1) for one in found]


def line_of(text: str, words: str) -> int:
    assert words in text
    return text[: text.index(words)].count("\n") + 1


@pytest.mark.parametrize(("rule", "file", "before", "after", "at"), FOUND, ids=[rule for rule, *_ in FOUND])
def test_an_edit_is_found_on_its_line(rule: str, file: str, before: str, after: str, at: str) -> None:
    text = SHIPPED[file]
    line = line_of(text, before)
    edited = text.replace(before, after, 1)
    found = lines_found(rule, {**SHIPPED, file: edited}, file)
    assert any((line_of(edited, at) if at else line) in lines for lines in found), found


@pytest.mark.parametrize(("rule", "edits", "file", "at"), TOGETHER, ids=[rule for rule, *_ in TOGETHER])
def test_edits_that_mislead_together_are_found(rule: str, edits: dict[str, dict[str, str]], file: str, at: str) -> None:
    texts = dict(SHIPPED)
    for name, changes in edits.items():
        for before, after in changes.items():
            assert before in texts[name]
            texts[name] = texts[name].replace(before, after)
    assert any(line_of(texts[file], at) in lines for lines in lines_found(rule, texts, file))


@pytest.mark.parametrize(("rule", "before", "after", "at"), WORSE, ids=[rule for rule, *_ in WORSE])
def test_what_became_worse_is_found(rule: str, before: str, after: str, at: str) -> None:
    given = {Path(name): text.encode() for name, text in SHIPPED.items()}
    earlier = Tree(Path(SHARED), given).load(Path(CHECKOUT)).book
    line = line_of(SHIPPED[CHECKOUT], before)
    edited = SHIPPED[CHECKOUT].replace(before, after, 1)
    found = lines_found(rule, {**SHIPPED, CHECKOUT: edited}, CHECKOUT, earlier=lambda *_: earlier)
    assert any((line_of(edited, at) if at else line) in lines for lines in found), found


def test_what_the_environment_lacks_is_found() -> None:
    found = lines_found("unset-environment", SHIPPED, CHECKOUT, environment={})
    assert any(line_of(SHIPPED[CHECKOUT], "${CHECKOUT_URL}") in lines for lines in found)


def test_no_rule_is_without_an_edit_that_it_finds() -> None:
    edited = [*EDITS, *FOUND, *TOGETHER, *WORSE]
    rules = {str(rule) for row in edited for rule in (row[0], row[-1]) if rule in CATALOGUE}
    assert set(CATALOGUE) - rules - SECTIONS - CALLED == {"unset-environment"}
