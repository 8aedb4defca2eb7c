"""Every address in a runbook, and every check, action and audience that speaks to somebody else's program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Final

from incidentctl.lint.interface import Subject, actions, items, once, questions
from incidentctl.record import record
from incidentctl.runbook.model import Check, Link, Route

OPENED: Final = ("link", "status-page", "person")
"""The kinds of addresses that a person opens; of all others the kind is that of the check or channel."""


@record
class Address:
    """One `url` or `dsn`.  `kind` says who reads it, `link_type` what a link leads to."""

    route: Route
    text: str
    kind: str
    link_type: str = ""


@once
def addresses(subject: Subject) -> Iterator[Address]:
    """Every `url`, `dsn` and status page that somebody wrote."""
    for link in links(subject):
        yield Address((*link.route, "url"), link.url, "link", link_type=link.type)
    for person in subject.book.people.values():
        for way, text in person.ways:
            if way == "url":
                yield Address((*person.route, way), text, "person")
    for external in subject.book.externals:
        if external.status:
            yield Address((*external.route, "status"), external.status, "status-page")
    for check in checks(subject):
        for key in ("url", "dsn"):
            if check.values.get(key):
                yield Address((*check.route, key), check.values[key], check.kind)


@once
def links(subject: Subject) -> Iterator[Link]:
    """The runbook's links and those of its steps, without the ones that the status pages of externals became."""
    made = {external.route for external in subject.book.externals}
    yield from subject.book.links
    below = chain((item.links for item in items(subject)), (question.links for question in questions(subject)))
    yield from (link for links in below for link in links if link.route not in made)


@once
def checks(subject: Subject) -> Iterator[Check]:
    """Whatever is given an address, a header or a command: sources, signals, questions, actions and audiences."""
    book = subject.book
    yield from book.sources.values()
    yield from (signal.check for signal in book.signals.values() if signal.check)
    for question in questions(subject):
        yield from question.checks
    for action in actions(subject):
        yield from (check for check in (action.end_queries, action.http) if check)
    for audience in book.comms.audiences:
        yield Check(audience.channel, audience.values, (*audience.route, audience.channel))


def value_route(check: Check, key: str) -> Route:
    """The route of one of a check's values; a header's name may have dots in it, and is one key."""
    above, dot, name = key.partition(".")
    below = (above, name) if above == "headers" and dot else key.split(".") if key else ()
    return (*check.route, *below)


@once
def headers(subject: Subject) -> Iterator[tuple[Route, str, str]]:
    """The route, name and value of every header."""
    for check in checks(subject):
        for key, value in check.values.items():
            if key.startswith("headers."):
                yield value_route(check, key), key.removeprefix("headers."), value


def environment_names(text: str) -> list[str]:
    """The names of the environment's variables that `text` reads, each once."""
    return list(dict.fromkeys(_variable().findall(text))) if "${" in text else []


@cache
def _variable() -> re.Pattern[str]:
    return re.compile(r"\$\{([A-Za-z_]\w*)\}")


@cache
def _filled_in_later() -> re.Pattern[str]:
    return re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\$\{[A-Za-z_]\w*\}", re.DOTALL)


def masked(text: str) -> str:
    """`text` with a `1` for each `{{ variable }}` and `${NAME}`: a digit may stand in a host, a port and a path."""
    return _filled_in_later().sub("1", text) if "{" in text else text


def begins_later(text: str) -> bool:
    """Whether an address begins with what is only known when it is read (`${CHECKOUT_URL}/healthz`)."""
    return _filled_in_later().match(text) is not None
