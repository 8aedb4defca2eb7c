"""The cache: the same findings with and without it, and nothing that changed goes unseen."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentctl.lint import engine
from incidentctl.lint.engine import Setting
from incidentctl.lint.looking import Look
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.report import Report
from incidentctl.lint.targets import folder_of_text, folders
from tests.lint.linting import CORPUS, MINIMAL, ROOT, TODAY

PLAIN = Setting(frozenset(CATALOGUE), TODAY)
TREES = [*sorted(path for path in CORPUS.rglob("*") if any(path.glob("*.yaml"))), ROOT / "runbooks"]


def lint(folder: Path, setting: Setting = PLAIN) -> Report:
    """What is said of a whole folder."""
    return engine.lint(folders([folder]), setting)


@pytest.fixture
def cached(tmp_path: Path) -> Setting:
    """A run that keeps what it found."""
    return replace(PLAIN, cache=tmp_path / "cache")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The shipped runbooks, to be edited."""
    return Path(shutil.copytree(ROOT / "runbooks", tmp_path / "runbooks"))


def kept(setting: Setting) -> list[Path]:
    """The files of the cache."""
    assert setting.cache is not None
    return sorted(setting.cache.glob("*.json"))


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on nothing can be looked at, so that what is told was remembered."""

    def fails(*_: object) -> None:
        pytest.fail("a service was looked at again")

    def forbid() -> None:
        monkeypatch.setattr(Look, "neighbour", fails)
        monkeypatch.setattr(Look, "said", fails)

    return forbid


def test_a_second_run_says_the_same_and_looks_at_nothing(cached: Setting, remembered: Callable[[], None]) -> None:
    bare = [lint(folder) for folder in TREES]
    assert sum(len(report.findings) for report in bare) > 300
    assert [lint(folder, cached) for folder in TREES] == bare
    assert len(TREES) < 256
    remembered()
    assert [lint(folder, cached) for folder in TREES] == bare


@pytest.mark.parametrize("name", ["checkout.yaml", "_defaults.yaml"])
def test_one_file_is_remembered_with_its_folder(
    cached: Setting, tree: Path, remembered: Callable[[], None], name: str
) -> None:
    (tree / name).write_text((tree / name).read_text() + "\nnonsense: 1\n")
    bare = lint(tree / name)
    assert [finding.rule for finding in bare.findings] == ["unknown-key"]
    lint(tree, cached)
    remembered()
    assert lint(tree / name, cached) == bare


# What changes, and whether it changes what is said: in a file, its neighbour, the organisation's file, or around them.
EDITS: dict[str, Callable[[Path], object]] = {
    "a key": lambda tree: edit(tree / "checkout.yaml", "owner:", "ownr:"),
    "a key back": lambda tree: edit(tree / "checkout.yaml", "ownr:", "owner:"),
    "a comment": lambda tree: edit(tree / "search.yaml", "\nservice:", "\n# a comment\nservice:"),
    "an ignore": lambda tree: edit(tree / "payments.yaml", "# incidentctl: ignore[unknown-dependency]", "# was:"),
    "the other's name": lambda tree: edit(tree / "payments.yaml", "\nservice: payments", "\nservice: pay"),
    "a circle": lambda tree: edit(tree / "payments.yaml", "service: ledger", "service: payments"),
    "a new service": lambda tree: (tree / "ledger.yaml").write_text(
        MINIMAL.replace("service: shop", "service: ledger")
    ),
    "a second home": lambda tree: shutil.copy(tree / "checkout.yaml", tree / "again.yaml"),
    "one less": lambda tree: (tree / "search.yaml").unlink(missing_ok=True),
    "not YAML": lambda tree: edit(tree / "checkout.yaml", "format: 1", "format: [1"),
    "the defaults": lambda tree: edit(tree / "_defaults.yaml", "timezone: Europe/Berlin", "timezone: Europe/Berlinn"),
    "the shared link": lambda tree: edit(tree / "_defaults.yaml", "https://status", "http://status"),
    "no defaults": lambda tree: (tree / "_defaults.yaml").unlink(missing_ok=True),
}


def edit(path: Path, before: str, after: str) -> None:
    """The first place where `before` stands, where the file is there."""
    if path.exists():
        path.write_text(path.read_text().replace(before, after, 1))


@given(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_edit_goes_unseen(tmp_path: Path, edits: list[str]) -> None:
    shutil.rmtree(tmp_path / "runbooks", ignore_errors=True)
    tree = Path(shutil.copytree(ROOT / "runbooks", tmp_path / "runbooks"))
    cached = replace(PLAIN, cache=tmp_path / "cache")
    for name in edits:
        EDITS[name](tree)
        assert lint(tree, cached) == lint(tree), name


def test_another_day_other_rules_and_other_options_are_seen(cached: Setting, tree: Path) -> None:
    lint(tree, cached)
    later = replace(cached, today=TODAY + timedelta(days=365))
    assert {finding.rule for finding in lint(tree, later).findings} == {"stale-review"}
    assert lint(tree, replace(later, chosen=later.chosen - {"stale-review"})).findings == ()
    strict = lint(tree, replace(later, strict=True))
    assert strict.failed
    unset = lint(tree, replace(cached, environment={}))
    assert {finding.rule for finding in unset.findings} == {"unset-environment"}
    assert lint(tree, cached) == lint(tree)


def test_an_edited_program_is_seen(cached: Setting, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lint(tree, cached)
    copy = Path(shutil.copytree(ROOT / "incidentctl/lint", tree.parent / "program"))
    monkeypatch.setattr("incidentctl.lint.cache._PACKAGE", copy)
    for count in (2, 3):
        lint(tree, cached)
        lint(tree, cached)
        assert len(kept(cached)) == count
        (copy / "rules/bad_url.py").write_text("# edited")


BROKEN = {
    "empty": b"",
    "garbage": b"\x00\xff garbage",
    "cut off": None,
    "another shape": b"[1, 2]",
    "another shape below": json.dumps({"x": 1}).encode(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_cache_is_none(cached: Setting, tree: Path, name: str) -> None:
    edit(tree / "checkout.yaml", "owner:", "ownr:")
    report = lint(tree, cached)
    (file,) = kept(cached)
    whole = file.read_bytes()
    body = BROKEN[name]
    file.write_bytes(whole[:-20] if body is None else hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    assert lint(tree, cached) == report
    assert file.read_bytes() == whole


def test_what_somebody_wrote_into_it_is_not_believed(cached: Setting, tree: Path) -> None:
    edit(tree / "checkout.yaml", "owner:", "ownr:")
    report = lint(tree, cached)
    (file,) = kept(cached)
    file.write_bytes(file.read_bytes().replace(b"unknown-key", b"unknown-kee"))
    assert lint(tree, cached) == report
    entries = {
        name: {**entry, "said": 1, "neighbour": None} for name, entry in json.loads(file.read_bytes()[65:]).items()
    }
    body = json.dumps(entries).encode()
    file.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    assert lint(tree, cached) == report


def test_a_cache_that_cannot_be_written_is_no_error(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert lint(tree, replace(PLAIN, cache=tmp_path / "file" / "lint")) == lint(tree)
    assert [path.name for path in tmp_path.iterdir() if path.name != "runbooks"] == ["file"]


def test_old_files_go(cached: Setting, tree: Path, remembered: Callable[[], None]) -> None:
    lint(tree, replace(cached, today=TODAY - timedelta(days=1)))
    (yesterday,) = kept(cached)
    for number in range(300):
        old = yesterday.with_name(f"{number}.new" if number % 10 == 0 else f"{number}.json")
        old.write_text("")
        os.utime(old, (number, number))
    report = lint(tree, cached)
    assert len(list(yesterday.parent.iterdir())) == 256
    assert yesterday.exists()
    remembered()
    assert lint(tree, cached) == report


def test_a_text_that_is_not_saved_is_not_remembered(cached: Setting, tree: Path) -> None:
    path = tree / "checkout.yaml"
    lint(tree, cached)
    before = kept(cached)[0].read_bytes()
    typed = {path: path.read_bytes().replace(b"owner:", b"ownr:")}
    for setting in (PLAIN, cached):
        report = engine.lint([folder_of_text(path)], replace(setting, given=typed))
        assert [finding.rule for finding in report.findings] == ["unknown-key"]
    assert kept(cached)[0].read_bytes() == before
    shared = tree / "_defaults.yaml"
    typed = {shared: shared.read_bytes().replace(b"timezone:", b"timezon:")}
    report = engine.lint([folder_of_text(shared)], replace(cached, given=typed))
    assert [finding.rule for finding in report.findings] == ["unknown-key"]
    assert len(kept(cached)) == 1
