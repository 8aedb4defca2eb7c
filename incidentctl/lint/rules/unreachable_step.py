"""A step that the walk can never come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, On, Subject, questions
from incidentctl.runbook.model import Action, Note, Question, TreeStep, steps_below

SLUG: Final = "unreachable-step"
SEVERITY: Final[Severity] = "warning"

_EXTERNAL: Final = "external-dependency"


def check(subject: Subject) -> Iterator[Found]:
    """Notes that nothing follows, fallbacks that no question leads to, a tree that no level walks."""
    book = subject.book
    if book.process == "full" and book.levels and not any(level.tree for level in book.levels):
        hint = "Let the levels in which people look for the cause have `tree: true`."
        yield Found(("decision_tree",), "no severity level walks the tree", hint, On.KEY)
    yield from _fallbacks(subject)
    for steps in _branches(book.tree):
        yield from _unread(steps)


def _fallbacks(subject: Subject) -> Iterator[Found]:
    """A fallback is offered by the question about external dependencies, and by nothing else."""
    if any(question.id == _EXTERNAL for question in questions(subject)):
        return
    for external in subject.book.externals:
        if external.fallback:
            message = f"the fallback of `{external.name}` is never offered, because the tree does not ask `{_EXTERNAL}`"
            route, hint = (*external.route, "fallback"), f"Add `- use: {_EXTERNAL}` to the tree."
            yield Found(route, message, hint, On.KEY, (("decision_tree",),))


def _branches(steps: tuple[TreeStep, ...]) -> Iterator[tuple[TreeStep, ...]]:
    yield steps
    for step in steps_below(steps):
        if isinstance(step, Question):
            yield from (step.if_yes, step.if_no)


def _unread(steps: tuple[TreeStep, ...]) -> Iterator[Found]:
    """A note is shown with what follows it, or after the action that it follows; not after a question."""
    last = max((at for at, step in enumerate(steps) if isinstance(step, Action | Question)), default=-1)
    if last >= 0 and isinstance(steps[last], Question):
        for step in steps[last + 1 :]:
            if isinstance(step, Note):
                message = f"nobody reads this note: nothing follows it after the question `{steps[last].id}`"
                yield Found(step.route, message, "Put it before the question, or under one of its answers.")
