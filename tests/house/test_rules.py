"""The rules of the process have one id each, and tests name only rules that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = re.findall(
    r"^\| (P-[A-Z]+-\d+) \|", (ROOT / "docs/process.md").read_text().split("## Not yet")[0], re.MULTILINE
)
RULE = re.compile(r"\bP-[A-Z]+-\d+\b")
SPEAKERS = [
    *ROOT.glob("incidentctl/**/*.py"),
    *ROOT.glob("tests/**/*.py"),
    *ROOT.glob("docs/**/*.md"),
    ROOT / "README.md",
]


def test_every_rule_is_written_once() -> None:
    assert RULES
    assert sorted(RULES) == sorted(set(RULES))


def test_the_rules_of_a_family_count_without_a_gap() -> None:
    families: dict[str, list[int]] = {}
    for rule in RULES:
        family, number = rule.rsplit("-", 1)
        families.setdefault(family, []).append(int(number))
    assert {family: sorted(numbers) for family, numbers in families.items()} == {
        family: list(range(1, len(numbers) + 1)) for family, numbers in families.items()
    }


@pytest.mark.parametrize("path", SPEAKERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_whoever_names_a_rule_names_one_that_exists(path: Path) -> None:
    assert set(RULE.findall(path.read_text())) <= set(RULES)
