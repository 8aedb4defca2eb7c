"""What people copy from is clean: the shipped runbooks, and every example of the page about the format."""

from __future__ import annotations

import re

import pytest

from incidentctl.runbook.load import DEFAULTS
from tests.lint.linting import MINIMAL, ROOT, laid_over, report_of, rules_of
from tests.runbook.test_examples import EXAMPLES

LEFT_OUT = {
    "no-stability-window", "no-backup", "no-timezone", "unreachable-step", "missing-question", "unhandled-answer",
}  # fmt: skip
"""An example shows one thing and leaves out the rest; what it shows has to be right."""


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_of_the_page_shows_nothing_that_lint_objects_to(text: str) -> None:
    shared = text.startswith(f"# runbooks/{DEFAULTS}.yaml")
    files = {f"{DEFAULTS}.yaml": text, "shop.yaml": MINIMAL} if shared else {"shop.yaml": laid_over(text)}
    found = report_of({name: text.encode() for name, text in files.items()}).findings
    assert {one.rule for one in found if one.rule != "service-name"} <= LEFT_OUT


def test_the_shipped_runbooks_are_clean_even_where_warnings_count() -> None:
    files = {path.name: path.read_bytes() for path in (ROOT / "runbooks").glob("*.yaml")}
    report = report_of(files, strict=True)
    assert (report.findings, report.failed, len(report.files)) == ((), False, 4)


def test_the_example_of_something_kept_keeps_something() -> None:
    """`docs/lint.md` shows a comment that ignores a rule: the rule has to find something there."""
    (kept,) = re.findall(r"```yaml\n(links:.*?)```", (ROOT / "docs/lint.md").read_text(), re.DOTALL)
    plain = re.sub(r"  # incidentctl: .*", "", kept)
    assert not rules_of(laid_over(kept)) & {"insecure-link", "unused-ignore"}
    assert "insecure-link" in rules_of(laid_over(plain))
