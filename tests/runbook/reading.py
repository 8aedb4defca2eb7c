"""Runbooks from texts that stand in a test."""

from __future__ import annotations

from textwrap import dedent

from incidentctl.runbook.load import Loaded, RunbookText, built_in, from_texts
from incidentctl.runbook.model import Question, Runbook, TreeStep, steps_below


def loaded(service: str, defaults: str | None = None) -> Loaded:
    """What becomes of `service.yaml`, with the organisation's `_defaults.yaml` under it where there is one."""
    texts = [*built_in("shop").texts]
    if defaults is not None:
        texts.append(RunbookText("_defaults.yaml", dedent(defaults)))
    texts.append(RunbookText("shop.yaml", dedent(service)))
    return from_texts("shop", texts)


def book_of(service: str, defaults: str | None = None) -> Runbook:
    """The merged runbook, which has to be without problems."""
    result = loaded(service, defaults)
    assert result.problems == ()
    assert result.book is not None
    return result.book


def problems_of(service: str, defaults: str | None = None) -> list[str]:
    """The problems, as a person sees them."""
    return [f"{problem} {problem.hint}".strip() for problem in loaded(service, defaults).problems]


def question(book: Runbook, step: str) -> Question:
    """The question with that id."""
    found = next(one for one in steps_below(book.tree) if one.id == step)
    assert isinstance(found, Question)
    return found


def ids(steps: tuple[TreeStep, ...]) -> list[str]:
    """The ids of a list of steps."""
    return [step.id for step in steps]
