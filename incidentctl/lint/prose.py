"""Every text in a runbook that a person reads; commands, what they print and addresses are not among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
def prose(subject: Subject) -> list[Text]:
    """Each text with its route; those that are empty, or that the program made itself, are left out."""
    book = subject.book
    parts = [*_head(book), *_people(book), *_links(subject), *_levels(book)]
    made = {external.route for external in book.externals}
    for step in (*book.first_minutes, *tree_steps(subject), *book.all_clear.checklist):
        if step.route not in made:
            parts += _step(step, subject)
    parts += _comms(subject)
    return [part for part in parts if part[1]]


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


def _step(step: TreeStep | ListStep, subject: Subject) -> list[Text]:
    match step:
        case Question():
            return [((*step.route, "ask"), step.text), *_under(step, ("why",))]
        case Action():
            needs = [((*step.route, "needs", need.name, "ask"), need.ask) for need in step.needs]
            return [
                ((*step.route, step.kind), step.text),
                *_under(step, ("why", "target", "irreversible", "by")),
                *needs,
            ]
        case Item():
            do = (*step.route, "do")
            said = do if subject.written(do) else (*step.route, "action")
            return [(said, step.text), *_under(step, ("why", "target", "irreversible"))]
        case Note():
            return [((*step.route, "note"), step.text)]
        case Omitted():
            return [((*step.route, "omit"), step.reason)]


def _under(step: Question | Action | Item, keys: Iterable[str]) -> list[Text]:
    """What stands under those of the keys that were written: most were not."""
    return [((*step.route, key), text) for key in keys if (text := getattr(step, key))]


def _comms(subject: Subject) -> Iterator[Text]:
    comms = subject.book.comms
    yield ("comms", "feature"), comms.feature
    for template in comms.templates:
        if not template.built_in:  # those are many, and long
            yield (*template.route, "text"), template.text
