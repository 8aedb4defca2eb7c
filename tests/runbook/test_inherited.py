"""What services inherit is decoded once, and nobody can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from incidentctl.runbook.comments import comments
from incidentctl.runbook.load import defaults_file, service_files
from incidentctl.runbook.nodes import File, Origin
from incidentctl.runbook.source import Problems, read_source
from incidentctl.runbook.tree import Tree
from tests.lint.linting import CORPUS, ROOT

FOLDERS = [ROOT / "runbooks", *sorted(path for path in CORPUS.iterdir() if path.is_dir())]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_a_service_is_the_same_after_all_others_of_its_folder(folder: Path) -> None:
    files, defaults = service_files(folder), defaults_file(folder)
    tree = Tree(defaults)
    for path in (*files, *reversed(files)):
        after_others, alone = tree.load(path), Tree(defaults).load(path)
        assert after_others.draft == alone.draft
        assert (after_others.problems, after_others.remarks) == (alone.problems, alone.remarks)


SHARED = "signals: {queue: {unit: messages}}\nseverity: {P1: {meaning: bad, when: [queue > 5 messages]}}\n"
OWN = "service: {name}\nsignals: {{queue: {{unit: {unit}}}}}\n"


def test_an_inherited_level_is_judged_by_each_services_own_units(tmp_path: Path) -> None:
    defaults = tmp_path / "_defaults.yaml"
    defaults.write_text(SHARED)
    for name, unit in (("one", "messages"), ("two", "s"), ("three", "messages")):
        (tmp_path / f"{name}.yaml").write_text(OWN.format(name=name, unit=unit))
    tree = Tree(defaults)
    slugs = {path.stem: [problem.slug for problem in tree.load(path).problems] for path in service_files(tmp_path)}
    assert slugs == {"one": [], "two": ["unit-mismatch"], "three": []}


COMMENTED = """\
a: b  # said: one
c: "x # said: no"
d: |  # said: two
  # said: no
e: >-
  text # said: no
f:  # said: three
  - 'x'  # said: four
# said: five
g: [x # said: six
  , y]
"""


def test_the_comments_are_the_same_whether_or_not_the_texts_are_known() -> None:
    scalars = read_source(File("a.yaml", Origin.SERVICE), COMMENTED.encode(), Problems()).scalars
    assert scalars is not None
    found = comments(COMMENTED, "said:", scalars)
    assert [one.text.split()[-1] for one in found] == ["one", "two", "three", "four", "five", "six"]
    assert found == comments(COMMENTED, "said:")


@pytest.mark.parametrize("text", ["a: &b c\n", "a: !!str b\n", "a: &b\n  # said: no\n  c\n"])
def test_behind_an_anchor_or_a_tag_nobody_says_where_a_text_begins(text: str) -> None:
    assert read_source(File("a.yaml", Origin.SERVICE), text.encode(), Problems()).scalars is None
