"""One service's files -> what lint says of them: what reading found, and every rule over what could be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incidentctl.lint.consequences import follows, independent, lost_parts
from incidentctl.lint.finding import Finding
from incidentctl.lint.fix import Text, is_fixable
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.registry import CATALOGUE, COMPARISONS, RULES
from incidentctl.lint.said import Neighbour, Said, Surroundings
from incidentctl.lint.secrets import without_secrets
from incidentctl.lint.suppress import SUPPRESSION, judged, without_unused
from incidentctl.runbook.load import Loaded, RunbookText, shown
from incidentctl.runbook.model import Runbook
from incidentctl.runbook.nodes import Span, path_text
from incidentctl.runbook.places import is_written, place
from incidentctl.runbook.source import ENOUGH, Problem
from incidentctl.runbook.tree import Tree

if TYPE_CHECKING:
    from incidentctl.lint.engine import Setting
    from incidentctl.lint.targets import Folder

NOBODY: Final = Path()
"""The file of a service that says nothing: the organisation's file by itself."""
_TOP: Final = Span(1, 1, 1, 1)
_OF_ONE_FILE: Final = {"unknown-key", "wrong-type", "bare-number", "implicit-type"}


class Look:
    """The services of one folder, each read when it is first asked for.  `setting.given` holds the files' bytes."""

    def __init__(self, folder: Folder, setting: Setting) -> None:
        self._folder = folder
        self._setting = setting
        self._loaded: dict[Path, Loaded] = {}

    @cached_property
    def _tree(self) -> Tree:
        return Tree(self._folder.defaults, self._setting.given)

    def begin(self) -> None:
        """Read what all services share, so that processes that are forked now need not."""
        _ = self._tree

    def neighbour(self, path: Path) -> Neighbour:
        """What the rules of other services may ask about the one in `path`."""
        draft = self._load(path).draft
        if draft is None:
            return Neighbour()
        return Neighbour(draft.service, draft.depends_on, tuple(one.name for one in draft.comms.audiences))

    def said(self, path: Path, around: Surroundings) -> Said:
        """Everything that is wrong with the service in `path`, beside those around it."""
        loaded = self._load(path)
        self._loaded.pop(path)
        chosen = self._setting.chosen
        told = [problem for problem in loaded.problems if problem.slug in chosen]
        problems, remarks = independent(told, loaded.remarks)
        found = [*_of_problems(remarks, chosen), *self._of_rules(path, loaded, around)]
        kept = list(_of_problems(problems, chosen))
        name, shared = shown(path), shown(self._folder.defaults) if self._folder.defaults is not None else ""
        of_shared = (without_secrets(_in(shared, some), loaded.texts) for some in (kept, found))
        own = self._own(name, loaded, _in(name, kept), _alone_if_empty(_in(name, found)))
        return Said(own, *map(each_once, of_shared))

    def _own(self, name: str, loaded: Loaded, kept: list[Finding], others: list[Finding]) -> tuple[Finding, ...]:
        """What is left of the findings in the service's own file; of what is ignored nobody reads the words."""
        own, rest = each_once(kept), each_once(others)
        layers = zip(loaded.texts, loaded.sources, strict=True)
        text, scalars = next(((read.text, source.scalars) for read, source in layers if read.name == name), ("", None))
        kept_, ran = frozenset(own), self._setting.ran
        left = judged(name, text, [*own, *rest], kept=kept_, ran=ran, known=CATALOGUE, scalars=scalars)
        found = [one for one in left if one.rule not in SUPPRESSION]
        about_comments = left[len(found) :]
        told = (without_secrets(some, loaded.texts) for some in (found, about_comments))
        return marked(text, [*each_once(next(told)), *next(told)])

    def _load(self, path: Path) -> Loaded:
        if path not in self._loaded:
            shared = path == NOBODY
            alone = not self._folder.services
            self._loaded[path] = _by_itself(self._tree.load_shared(), alone=alone) if shared else self._tree.load(path)
        return self._loaded[path]

    def _of_rules(self, path: Path, loaded: Loaded, around: Surroundings) -> Iterator[Finding]:
        """What the rules found in what could be read."""
        if loaded.draft is None or loaded.root is None or path == NOBODY:
            return
        setting = self._setting
        name = shown(path)
        written = cache(partial(is_written, loaded.root))
        environment, dead = setting.environment, setting.dead
        subject = Subject(loaded.draft, name, setting.today, around.books, written, environment, around.homes, dead)
        before = setting.earlier(self._folder, path) if setting.earlier is not None else None
        lost = lost_parts(problem for problem in loaded.problems if problem.slug in setting.chosen)
        for slug, found in _found(subject, before, setting.chosen):
            finding = _placed(found, slug, loaded, name)
            if not follows(found, finding.file, lost):
                yield finding


def of_defaults(
    name: str, text: str, all_: Iterable[Said], ran: Collection[str], *, whole: bool
) -> tuple[Finding, ...]:
    """What is left of what all services say of the organisation's file, each once.

    `whole`: every service was asked, so that a comment is known to be unused.
    """
    services = list(all_)
    kept = each_once(finding for said in services for finding in said.kept)
    others = each_once(finding for said in services for finding in said.shared)
    left = judged(name, text, [*kept, *others], kept=frozenset(kept), ran=ran, known=CATALOGUE)
    told = without_secrets(left, [RunbookText(name, text)])
    return marked(text, told if whole else without_unused(told))


def each_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, however many services see it."""
    first: dict[tuple[str, str, int, int, str], Finding] = {}
    for one in findings:
        first.setdefault((one.rule, one.file, one.line, one.column, one.message), one)
    return tuple(first.values())


def _in(file: str, findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.file == file]


def _alone_if_empty(findings: list[Finding]) -> list[Finding]:
    """Of a file that is empty nothing else need be said: all is missing."""
    return [one for one in findings if one.rule == "empty-file"] or findings


def marked(text: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The same, where each finding in `text` says whether `--fix` mends it."""
    source = Text(text)
    return tuple(replace(one, fixable=is_fixable(source, one)) for one in findings)


def _by_itself(shared: Loaded, *, alone: bool) -> Loaded:
    """What is wrong with the organisation's file whichever service is over it, also where each replaces that part."""
    if alone:
        return shared
    return replace(
        shared,
        problems=tuple(one for one in shared.problems if one.slug in _OF_ONE_FILE),
        remarks=tuple(one for one in shared.remarks if one.slug in _OF_ONE_FILE),
    )


def _of_problems(problems: Iterable[Problem], chosen: Collection[str]) -> Iterator[Finding]:
    """What reading the files found."""
    for one in problems:
        if one.slug in chosen:
            place_ = (one.file, one.line, one.column, one.end_line, one.end_column)
            finding = Finding(one.slug, CATALOGUE[one.slug], one.message, *place_, one.path, one.hint, fix=one.fix)
            yield finding


def _found(subject: Subject, before: Runbook | None, chosen: Collection[str]) -> Iterator[tuple[str, Found]]:
    """What each rule says; those that compare are asked where there is something to compare with."""
    for rule in RULES:
        if rule.SLUG in chosen:
            for found in islice(rule.check(subject), ENOUGH):
                yield rule.SLUG, found
    for comparison in COMPARISONS if before is not None else ():
        if comparison.SLUG in chosen and before is not None:
            yield from ((comparison.SLUG, found) for found in islice(comparison.compare(subject, before), ENOUGH))


def _placed(found: Found, slug: str, loaded: Loaded, name: str) -> Finding:
    """On the part itself, on what the service or the organisation wrote above it, or on the file's first line."""
    there = place(loaded.root, found.route, found.on.value) if loaded.root is not None else None
    file, span = (there[0], there[1]) if there is not None else (name, _TOP)
    where = (file, span.line, span.column, span.end_line, span.end_column)
    return Finding(slug, CATALOGUE[slug], found.message, *where, path_text(found.route), found.hint)
