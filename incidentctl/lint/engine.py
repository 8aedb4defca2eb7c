"""Folders of runbooks -> Report: every rule over every service, each finding on its file, line and column.

A rule that fails is a bug of ours and ends the run: a check that skips a rule in silence would be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from incidentctl.lint.finding import Finding
from incidentctl.lint.fix import Text, is_fixable
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.registry import CATALOGUE, COMPARISONS, RULES
from incidentctl.lint.report import Report
from incidentctl.lint.suppress import judged, without_unused
from incidentctl.lint.targets import Folder
from incidentctl.record import record
from incidentctl.runbook.load import Loaded, shown
from incidentctl.runbook.model import Runbook
from incidentctl.runbook.nodes import Span, path_text
from incidentctl.runbook.places import is_written, place
from incidentctl.runbook.source import ENOUGH, Problem
from incidentctl.runbook.tree import Tree

Earlier = Callable[[Folder, Path], Runbook | None]
"""The runbook of a service's file as it was before; None where it was not there, or could not be walked."""

_ENVIRONMENT_RULE: Final = "unset-environment"
_Said = tuple[str, str, int, int, str]
_TOP: Final = Span(1, 1, 1, 1)
_NOBODY: Final = Path()
_OF_ONE_FILE: Final = {"unknown-key", "wrong-type", "bare-number", "implicit-type"}


@record
class Setting:
    """How a run looks: the rules that were chosen, the day, and what the options brought along.

    `given` are texts that are taken in place of the files; `environment` and `earlier` are None where they are not to
    be compared with.
    """

    chosen: frozenset[str]
    today: date
    strict: bool = False
    environment: Mapping[str, str] | None = None
    earlier: Earlier | None = None
    given: Mapping[Path, bytes] = field(default_factory=dict)

    @property
    def ran(self) -> frozenset[str]:
        """The rules of which it is known that they found nothing else."""
        unasked = {rule.SLUG for rule in COMPARISONS}
        return self.chosen - unasked - ({_ENVIRONMENT_RULE} if self.environment is None else set())


def lint(folders: Sequence[Folder], setting: Setting) -> Report:
    """All findings in the files that were wanted, and in the organisation's files under them, in order."""
    files: set[str] = set()
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for folder in folders:
        files.update(shown(path) for path in folder.wanted)
        found = _of_folder(folder, setting, texts)
        findings += _judged(folder, found, texts, setting)
    findings.sort(key=lambda one: (one.file, one.line, one.column, one.rule, one.message))
    return _fixable_marked(Report(tuple(sorted(files)), tuple(findings), texts, setting.strict))


# --- one folder --------------------------------------------------------------------------------------------


@record
class _Found:
    """All findings of a folder, each once, and those of them that nobody can ignore."""

    all: list[Finding]
    kept: frozenset[Finding]


def _of_folder(folder: Folder, setting: Setting, texts: dict[str, str]) -> _Found:
    tree = Tree(folder.defaults, setting.given)
    loaded = {path: tree.load(path) for path in folder.services}
    neighbours = _neighbours(loaded)
    wants_defaults = folder.defaults in folder.wanted
    if wants_defaults:
        loaded = {_NOBODY: _by_itself(tree.load_shared(), alone=not folder.services), **loaded}
    kept: dict[_Said, Finding] = {}
    others: dict[_Said, Finding] = {}
    for path, one in loaded.items():
        if path not in folder.wanted and not wants_defaults:
            continue
        texts.update((text.name, text.text) for text in one.texts)
        here = {shown(file) for file in (path, folder.defaults) if file is not None and _counts(file, folder)}
        found = [*_of_problems(one.remarks, setting.chosen), *_of_rules(folder, path, one, neighbours, setting)]
        _add(kept, _of_problems(one.problems, setting.chosen), here)
        _add(others, found, here)
    return _Found([*kept.values(), *others.values()], frozenset(kept.values()))


def _add(all_: dict[_Said, Finding], found: Iterable[Finding], here: Collection[str]) -> None:
    """Each once, however many services see it."""
    for one in found:
        if one.file in here:
            all_.setdefault((one.rule, one.file, one.line, one.column, one.message), one)


def _by_itself(shared: Loaded, *, alone: bool) -> Loaded:
    """What is wrong with the organisation's file whichever service is over it, also where each replaces that part."""
    if alone:
        return shared
    return replace(
        shared,
        problems=tuple(one for one in shared.problems if one.slug in _OF_ONE_FILE),
        remarks=tuple(one for one in shared.remarks if one.slug in _OF_ONE_FILE),
    )


@record
class _Neighbours:
    """All services of a folder by name, and the files of each."""

    books: dict[str, Runbook]
    homes: dict[str, tuple[str, ...]]


def _neighbours(loaded: Mapping[Path, Loaded]) -> _Neighbours:
    books: dict[str, Runbook] = {}
    homes: dict[str, tuple[str, ...]] = {}
    for path, one in loaded.items():
        if one.draft is not None:
            name = one.draft.service
            books.setdefault(name, one.draft)
            homes[name] = (*homes.get(name, ()), shown(path))
    return _Neighbours(books, homes)


def _counts(file: Path, folder: Folder) -> bool:
    """Whether what is found in `file` is told: it was wanted, or it lies under what was wanted."""
    return file in folder.wanted or file == folder.defaults


def _judged(folder: Folder, found: _Found, texts: Mapping[str, str], setting: Setting) -> Iterator[Finding]:
    """What is left after the comments that ignore something."""
    wanted = {shown(path): path for path in folder.wanted}
    if folder.defaults is not None:
        wanted.setdefault(shown(folder.defaults), folder.defaults)
    for name, path in wanted.items():
        of_file = [finding for finding in found.all if finding.file == name]
        left = judged(name, texts.get(name, ""), of_file, kept=found.kept, ran=setting.ran, known=CATALOGUE)
        yield from left if path != folder.defaults or folder.is_whole else without_unused(left)


# --- one service -------------------------------------------------------------------------------------------


def _of_problems(problems: Iterable[Problem], chosen: Collection[str]) -> Iterator[Finding]:
    """What reading the files found."""
    for one in problems:
        if one.slug in chosen:
            place_ = (one.file, one.line, one.column, one.end_line, one.end_column)
            finding = Finding(one.slug, CATALOGUE[one.slug], one.message, *place_, one.path, one.hint, fix=one.fix)
            yield finding


def _of_rules(
    folder: Folder, path: Path, loaded: Loaded, neighbours: _Neighbours, setting: Setting
) -> Iterator[Finding]:
    """What the rules found in what could be read."""
    if loaded.draft is None or loaded.root is None or path not in folder.services:
        return
    name = shown(path)
    written = partial(is_written, loaded.root)
    books, homes = neighbours.books, neighbours.homes
    subject = Subject(loaded.draft, name, setting.today, books, written, setting.environment, homes)
    before = setting.earlier(folder, path) if setting.earlier is not None else None
    for rule in RULES:
        if rule.SLUG in setting.chosen:
            for found in islice(rule.check(subject), ENOUGH):
                yield _placed(found, rule.SLUG, loaded, name)
    for comparison in COMPARISONS if before is not None else ():
        if comparison.SLUG in setting.chosen and before is not None:
            for found in islice(comparison.compare(subject, before), ENOUGH):
                yield _placed(found, comparison.SLUG, loaded, name)


def _placed(found: Found, slug: str, loaded: Loaded, name: str) -> Finding:
    """On the part itself, on what the service or the organisation wrote above it, or on the file's first line."""
    there = place(loaded.root, found.route, found.on.value) if loaded.root is not None else None
    file, span = (there[0], there[1]) if there is not None else (name, _TOP)
    where = (file, span.line, span.column, span.end_line, span.end_column)
    return Finding(slug, CATALOGUE[slug], found.message, *where, path_text(found.route), found.hint)


def _fixable_marked(report: Report) -> Report:
    """The same, where each finding says whether `--fix` mends it."""
    texts = {name: Text(text) for name, text in report.texts.items()}
    findings = (replace(one, fixable=is_fixable(texts[one.file], one)) for one in report.findings)
    return replace(report, findings=tuple(findings))
