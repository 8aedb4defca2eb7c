"""What a rule is, and what it reads.

A rule is a module in `rules/` named after its slug, with `SLUG`, `SEVERITY`, a docstring whose first line says what is
wrong, and `check(subject)`.  It reads the decoded model, never the text, so the same words in a comment are harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import date
from enum import Enum
from functools import wraps
from typing import Any, Protocol, TypeVar

from incidentctl.lint.finding import Severity
from incidentctl.lint.said import Neighbour
from incidentctl.record import record
from incidentctl.runbook.model import Action, Item, Question, Route, Runbook, TreeStep, steps_below


class On(Enum):
    """Which part of the node at a route a finding stands on."""

    VALUE = "value"  # the whole scalar; of a list or mapping its beginning
    KEY = "key"  # the key that the value stands behind
    LACK = "lack"  # the first line of the mapping that lacks a key


@record
class Found:
    """One finding of a rule, before the engine knows its file and line.

    `route` is the part's way in the merged runbook.  Where it was written in the built-in runbook only, the finding
    stands on the nearest part above it that the service wrote, and at last on the file's first line.  `lacks` are the
    routes at which what is missing would stand: whoever reads that one of them cannot be read is not told twice.
    """

    route: Route
    message: str
    hint: str = ""
    on: On = On.VALUE
    lacks: tuple[Route, ...] = ()


@record
class Subject:
    """One service's runbook as a rule sees it.

    `book` is merged and decoded; where the file has structural problems it holds what could be read.  `books` are all
    services of the same tree, by name.  `environment` is None unless `--environment` was given.  `written` tells
    whether a part stands in the service's or the organisation's file, and not only in the built-in one.  `homes` are
    the files of each service of the tree, by name.  `dead` says why of each address where nobody is; it is None unless
    `--online` was given.
    """

    book: Runbook
    file: str
    today: date
    books: Mapping[str, Neighbour]
    written: Callable[[Route], bool]
    environment: Mapping[str, str] | None = None
    homes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dead: Mapping[str, str] | None = None
    views: dict[Hashable, tuple[Any, ...]] = field(default_factory=dict)


class Rule(Protocol):
    """A module in `rules/`."""

    SLUG: str
    SEVERITY: Severity

    def check(self, subject: Subject) -> Iterator[Found]:
        """Everything that is wrong, in the order of the file."""


class Comparison(Protocol):
    """A module in `rules/` that needs an earlier version of the runbook to compare with."""

    SLUG: str
    SEVERITY: Severity

    def compare(self, subject: Subject, before: Runbook) -> Iterator[Found]:
        """What became worse since `before`, in the order of the file."""


T = TypeVar("T")


def once(view: Callable[[Subject], Iterable[T]]) -> Callable[[Subject], tuple[T, ...]]:
    """What several rules look at is gathered once for each subject, and kept in its `views`."""

    @wraps(view)
    def kept(subject: Subject) -> tuple[T, ...]:
        found = subject.views.get(view)
        if found is None:
            found = subject.views[view] = tuple(view(subject))
        return found

    return kept


@once
def tree_steps(subject: Subject) -> Iterator[TreeStep]:
    """All steps of the tree, those below others too."""
    return steps_below(subject.book.tree)


@once
def questions(subject: Subject) -> Iterator[Question]:
    """All questions of the tree, sub-questions too."""
    return (step for step in tree_steps(subject) if isinstance(step, Question))


@once
def actions(subject: Subject) -> Iterator[Action]:
    """All actions and rollbacks: of the tree, and the fallbacks of external dependencies that the tree holds."""
    return (step for step in tree_steps(subject) if isinstance(step, Action))


@once
def items(subject: Subject) -> Iterator[Item]:
    """The steps of the first five minutes, then those of the checklist."""
    lists = (*subject.book.first_minutes, *subject.book.all_clear.checklist)
    return (step for step in lists if isinstance(step, Item))


@record
class CommandLine:
    """A command that a person copies: `route` is the command's own, `step` the step that holds it."""

    route: Route
    line: str
    shell: bool
    step: TreeStep | Item


@once
def commands(subject: Subject) -> Iterator[CommandLine]:
    """Every command line of the runbook: `run`, `undo` and `look`, in the order of the file."""
    for step in (*items(subject), *tree_steps(subject)):
        if isinstance(step, Question) and step.look:
            yield CommandLine((*step.route, "look"), step.look, shell=True, step=step)  # noqa: S604 - nothing is run
        elif isinstance(step, Action | Item):
            for key, line in (("run", step.run), ("undo", step.undo)):
                if line:
                    yield CommandLine((*step.route, key), line, shell=step.shell, step=step)
