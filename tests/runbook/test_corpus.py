"""Every kind of problem, with its place and its hint: `tests/corpus/runbooks/NAME.yaml` beside `NAME.out`."""

from __future__ import annotations

from pathlib import Path

import pytest

from incidentctl.runbook.load import RunbookText, built_in, from_texts
from incidentctl.runbook.slugs import STRUCTURAL
from incidentctl.runbook.source import Problem

CORPUS = Path(__file__).parents[1] / "corpus" / "runbooks"
NEVER_FATAL = {"service-name", "unsupported-format", "implicit-type", "missing-id"}
FILES = sorted(CORPUS.glob("*.yaml"))


def written(problem: Problem) -> str:
    """`2:1-2:5 unknown-key ownr: there is no key ...`, with the hint on a line of its own."""
    place = f"{problem.line}:{problem.column}-{problem.end_line}:{problem.end_column}"
    lines = [f"{place} {problem.slug} {problem.path or '(file)'}: {problem.message}"]
    return "\n".join([*lines, *([f"    {problem.hint}"] if problem.hint else [])]) + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_broken_file_is_explained(path: Path) -> None:
    result = from_texts("shop", [*built_in("shop").texts, RunbookText(path.name, path.read_text())])
    assert result.book is None
    assert {problem.file for problem in result.problems} == {path.name}
    assert {problem.slug for problem in result.problems} <= STRUCTURAL.keys() - NEVER_FATAL
    assert "".join(map(written, result.problems)) == path.with_suffix(".out").read_text()


def test_the_place_of_a_problem_covers_the_text_that_it_is_about() -> None:
    path = CORPUS / "did-you-mean.yaml"
    result = from_texts("shop", [*built_in("shop").texts, RunbookText("shop.yaml", path.read_text())])
    lines = path.read_text().splitlines()
    covered = [lines[one.line - 1][one.column - 1 : one.end_column - 1] for one in result.problems]
    assert covered == ["ownr", "decission_tree", "pages"]
    assert str(result.problems[0]) == "shop.yaml:2:1: there is no key `ownr` in a runbook"
