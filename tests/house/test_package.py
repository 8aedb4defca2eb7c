"""The package says one version, and its requirements are pinned, hashed and without an index."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from incidentctl.cli.version import VERSION

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def pins(name: str) -> dict[str, str]:
    """Package and pinned version of `requirements/NAME.txt`."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def test_package_program_and_changelog_say_the_same_version() -> None:
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert PROJECT["project"]["version"] == VERSION == newest[1]


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_are_pinned_and_hashed_and_name_no_index(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"^--|://| @ ", text, re.MULTILINE)
    for requirement in re.sub(r"#.*", "", text).replace("\\\n", " ").split("\n"):
        assert not requirement.strip() or re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", requirement)


def test_what_runs_and_what_builds_is_what_is_tested() -> None:
    tested = pins("dev").items()
    assert pins("run").items() <= tested
    assert pins("build").items() <= tested


def test_every_declared_dependency_is_pinned() -> None:
    declared = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["dev"]]
    extras = PROJECT["project"]["optional-dependencies"]
    declared += [requirement for name, extra in extras.items() if name != "dev" for requirement in extra]
    names = {re.split(r"[<>=;\[ ]", requirement)[0].lower() for requirement in declared}
    assert names - {"incidentctl"} <= pins("dev").keys()
    assert set(PROJECT["build-system"]["requires"]) <= set(declared)


def test_time_zones_are_known_where_the_system_has_none() -> None:
    asks = "from incidentctl.text.times import zone, zone_name; from datetime import datetime as d; "
    asks += "print(zone_name(d(2026, 11, 23, tzinfo=zone('Europe/Berlin'))))"
    bare = {**os.environ, "PYTHONTZPATH": ""}
    told = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, env=bare, capture_output=True, text=True, check=True)
    assert told.stdout == "CET\n"
