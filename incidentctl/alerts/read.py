"""Any notification -> an Alert.  Never raises: what cannot be read is said, and the incident starts all the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final, Protocol

from incidentctl.alerts import alertmanager, datadog, grafana, opsgenie, pagerduty, sentry
from incidentctl.alerts.interface import Alert
from incidentctl.alerts.parts import TITLE, Tree, worded
from incidentctl.text.escape import one_line

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 50
_LONGEST_NUMBER: Final = 40
_BUG: Final = "Reading it failed, which is a bug of incidentctl"


class Source(Protocol):
    """A module that knows one kind of notification."""

    SOURCE: str

    @property
    def recognises(self) -> Callable[[Tree], bool]:
        """Whether it is one of these."""

    @property
    def read(self) -> Callable[[Tree], Alert]:
        """The alert of one that was recognised."""


SOURCES: Final[tuple[Source, ...]] = (grafana, alertmanager, pagerduty, opsgenie, sentry, datadog)
"""The first that recognises a notification reads it."""
KNOWN: Final = "Alertmanager, Grafana, PagerDuty, Opsgenie, Sentry and Datadog"


class _Unreadable(Exception):
    """Why there is no alert in it, in words."""


def read_alert(data: bytes, where: str) -> Alert:
    """The alert of a notification, which was found in `where` (a file, or standard input)."""
    remarks: list[str] = []
    try:
        alert = _read(_tree(data, remarks))
    except _Unreadable as error:
        title = one_line(f"Unreadable alert from {worded(where)}", TITLE)
        return Alert(source="", title=title, warnings=(f"{title}: {error}", *remarks))
    over = ["This alert says that it is resolved."] if alert.resolved else []
    title = alert.title or ", ".join(alert.names) or f"Alert from {alert.source}"
    return replace(alert, title=title, warnings=(*over, *alert.warnings, *remarks))


def _read(tree: Tree) -> Alert:
    for source in SOURCES:
        if source.recognises(tree):
            try:
                return source.read(tree)
            except Exception as bug:  # whatever we did not think of, a page does not wait for it
                raise _Unreadable(f"{_BUG}: {source.SOURCE}, {type(bug).__name__}.") from bug
    raise _Unreadable(f"It is none of the kinds that are known: {KNOWN}.")


def _tree(data: bytes, remarks: list[str]) -> Tree:
    """The JSON object, or a list of alerts as one.  Raises _Unreadable."""
    if len(data) > MAX_BYTES:
        raise _Unreadable("It is larger than 1 MB.")
    if not data.strip():
        raise _Unreadable("It is empty.")
    value = _value(data, remarks)
    if _depth(value) > MAX_DEPTH:
        raise _Unreadable(f"It is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, list):
        return alertmanager.from_list(value)
    if not isinstance(value, dict):
        raise _Unreadable("It is JSON, and no object.")
    return value


def _value(data: bytes, remarks: list[str]) -> object:
    twice: set[str] = set()

    def pairs(items: Iterable[tuple[str, object]]) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in items:
            if key in made:
                twice.add(key)
            made[key] = value
        return made

    text = data.decode(json.detect_encoding(data), "replace")
    try:
        value: object = json.loads(
            text, object_pairs_hook=pairs, parse_constant=lambda _: None, parse_int=_integer, parse_float=_number
        )
    except RecursionError:
        raise _Unreadable(f"It is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        raise _Unreadable(f"It is no JSON ({error}).") from None
    if twice:
        remarks.append(f"`{worded(min(twice), 60)}` stands twice in one object of it; the last one counts.")
    return value


def _integer(text: str) -> int | None:
    """A number that anybody can mean; Python itself refuses those of thousands of digits."""
    return int(text) if len(text) <= _LONGEST_NUMBER else None


def _number(text: str) -> float | None:
    number = float(text)
    return number if abs(number) != float("inf") else None


def _depth(value: object) -> int:
    """How deeply `value` is nested, without recursion."""
    depth, level = 0, [value]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [child for one in level for child in _children(one)]
    return depth


def _children(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
