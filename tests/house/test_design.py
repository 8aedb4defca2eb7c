"""The table of docs/design.md in which a part of the process is easy to find names every module of the core."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = dict(re.findall(r"^\| `(\w+)` \| (`.*) \|$", (ROOT / "docs/design.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize("package", ["runbook", "incident", "walker"])
def test_every_module_of_the_core_has_its_place_in_the_table(package: str) -> None:
    folder = ROOT / "incidentctl" / package
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    folders = {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}
    named = re.findall(r"`([\w*/]+)`", ROWS[package])
    assert {one for one in modules | folders if not any(fnmatch(one, name) for name in named)} == set()


@pytest.mark.parametrize("package", ["runbook", "incident", "walker"])
def test_the_table_names_no_module_that_is_not_there(package: str) -> None:
    paths = (ROOT / "incidentctl" / package).iterdir()
    there = {f"{path.name}/" if path.is_dir() else path.stem for path in paths}
    named = re.findall(r"`([\w*/]+)`", ROWS[package])
    assert {name for name in named if not any(fnmatch(one, name) for one in there)} == set()
