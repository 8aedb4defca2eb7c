"""Which service an alert is about: what the runbooks declare, then what its labels say; else a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.parts import unique
from incidentctl.record import record
from incidentctl.runbook.find import near

_WORD: Final = re.compile(r"[\w.:-]+")
_RULE_NAME: Final = 4
"""Letters that a name must have to be looked for among the words of a title."""


@record
class Choice:
    """Which service it is.

    `certain` is empty where that has to be asked; then `likely` come first, and `default` is the one that is likelier
    than the others, empty where none is.  `because` says why, for people.
    """

    certain: str = ""
    likely: tuple[str, ...] = ()
    default: str = ""
    because: str = ""


def service_of(alert: Alert, declared: Mapping[str, Sequence[str]], services: Sequence[str]) -> Choice:
    """The service of `alert`.

    `declared` are the services by the alert names of their runbooks' `alerts:`, `services` all that have a runbook.
    A declared name settles it, unless several runbooks declare it; then the labels decide among those.
    """
    by_name = _declaring(alert.names, declared)
    by_label = unique(known for hint in alert.service_hints if (known := _same(hint, services)))
    if by_name:
        return _among(by_name, by_label, f"it answers to {', '.join(alert.names)}")
    if len(by_label) == 1:
        return Choice(certain=by_label[0], because="the alert's labels name it")
    if by_label:
        return Choice(likely=by_label, default=by_label[0], because="the alert's labels name several services")
    in_title = _declaring(_words(alert.title), {k: v for k, v in declared.items() if len(k) >= _RULE_NAME})
    if in_title:
        default = in_title[0] if len(in_title) == 1 else ""
        return Choice(likely=in_title, default=default, because="the alert's title names what it answers to")
    return Choice(likely=_similar(alert, services))


def _among(named: tuple[str, ...], by_label: tuple[str, ...], because: str) -> Choice:
    if len(named) == 1:
        return Choice(certain=named[0], because=because)
    both = tuple(service for service in by_label if service in named)
    if len(both) == 1:
        return Choice(certain=both[0], because=f"{because}, and the alert's labels name it")
    default = both[0] if both else ""
    return Choice(likely=unique([*both, *named]), default=default, because="several runbooks answer to this alert")


def _declaring(names: Iterable[str], declared: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The services that declare one of `names`; upper and lower case count only where they tell two names apart."""
    folded: dict[str, tuple[str, ...]] = {}
    for name, services in declared.items():
        folded[name.casefold()] = (*folded.get(name.casefold(), ()), *services)
    found = (declared.get(name) or folded.get(name.casefold(), ()) for name in names)
    return unique(service for services in found for service in services)


def _same(hint: str, services: Sequence[str]) -> str:
    """The service of that name; upper and lower case count only where they tell two names apart."""
    if hint in services:
        return hint
    return next((service for service in services if service.casefold() == hint.casefold()), "")


def _words(title: str) -> list[str]:
    return [word.strip(".:-") for word in _WORD.findall(title)]


def _similar(alert: Alert, services: Sequence[str]) -> tuple[str, ...]:
    """Services whose names look like what the alert says: worth being first in the menu, and no more."""
    parts = (part for hint in alert.service_hints for part in (hint, *re.split(r"[/:@]", hint)))
    return unique(service for part in unique(parts) for service in near(part, services, 2))
