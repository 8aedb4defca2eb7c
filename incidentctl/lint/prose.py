"""Every text in a runbook that a person reads; commands, what they print and addresses are not among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from incidentctl.lint.addresses import links
from incidentctl.lint.interface import Subject, once, tree_steps
from incidentctl.runbook.model import (
    Action,
    Item,
    ListStep,
    Note,
    Omitted,
    Question,
    Route,
    Runbook,
    TreeStep,
)

Text = tuple[Route, str]


@once
def prose(subject: Subject) -> Iterator[Text]:
    """Each text with its route; those that are empty, or that the program made itself, are left out."""
    book = subject.book
    parts = chain(_head(book), _people(book), _links(subject), _levels(book), _steps(subject), _comms(subject))
    return ((route, text) for route, text in parts if text)


def _head(book: Runbook) -> Iterator[Text]:
    for key in ("title", "description", "owner", "tier", "channel"):
        yield (key,), str(getattr(book, key))
    yield from ((("alerts", place), name) for place, name in enumerate(book.alerts))
    yield from (((*external.route, "external"), external.name) for external in book.externals)


def _people(book: Runbook) -> Iterator[Text]:
    for person in book.people.values():
        yield (*person.route, "name"), person.name
        yield from (((*person.route, way), where) for way, where in person.ways if way != "url")


def _links(subject: Subject) -> Iterator[Text]:
    return (((*link.route, "title"), link.title) for link in links(subject) if link.title != link.url)


def _levels(book: Runbook) -> Iterator[Text]:
    for level in book.levels:
        yield (*level.route, "meaning"), level.meaning
        yield (*level.route, "respond_within"), level.respond_within
        yield from ((condition.route, condition.text) for condition in level.when if not condition.signal)


def _steps(subject: Subject) -> Iterator[Text]:
    book = subject.book
    made = {external.route for external in book.externals}
    for step in (*book.first_minutes, *tree_steps(subject), *book.all_clear.checklist):
        if step.route not in made:
            yield from _step(step, subject)


def _step(step: TreeStep | ListStep, subject: Subject) -> Iterator[Text]:
    match step:
        case Question():
            yield (*step.route, "ask"), step.text
            if step.why:
                yield (*step.route, "why"), step.why
        case Action():
            yield (*step.route, step.kind), step.text
            yield from _under(step, ("why", "target", "irreversible", "by"))
            yield from (((*step.route, "needs", need.name, "ask"), need.ask) for need in step.needs)
        case Item():
            do = (*step.route, "do")
            yield (do if subject.written(do) else (*step.route, "action")), step.text
            yield from _under(step, ("why", "target", "irreversible"))
        case Note():
            yield (*step.route, "note"), step.text
        case Omitted():
            yield (*step.route, "omit"), step.reason


def _under(step: Action | Item, keys: Iterable[str]) -> Iterator[Text]:
    """What stands under those of the keys that were written: most were not."""
    for key in keys:
        text = getattr(step, key)
        if text:
            yield (*step.route, key), text


def _comms(subject: Subject) -> Iterator[Text]:
    comms = subject.book.comms
    yield ("comms", "feature"), comms.feature
    for template in comms.templates:
        if not template.built_in:  # those are many, and long
            yield (*template.route, "text"), template.text
