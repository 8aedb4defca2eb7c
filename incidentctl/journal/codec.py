"""Events as data: a wire name, and JSON that any program can read.

Moments are RFC 3339 in UTC with milliseconds and `Z`, spans are seconds, words are strings, nested facts are objects.
An event of a newer version, or one that does not read as what its name promises, is kept as `Unrecognised`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from types import UnionType
from typing import Any, Final, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from incidentctl.incident.events import Event, Unrecognised
from incidentctl.incident.plain import plain
from incidentctl.incident.wire import WIRE, wire_name
from incidentctl.record import record

T = TypeVar("T")
Data = dict[str, Any]
"""A JSON object: what `json.loads` gives."""


def event_of(name: str, data: Data) -> Event:
    """The event that was stored under `name`; `Unrecognised` where this version cannot read it."""
    kind = WIRE.get(name)
    if kind is None:
        return Unrecognised(name, data)
    try:
        return cast("Event", _fact(kind, data))
    except (ValueError, OverflowError):
        return Unrecognised(name, data)


def encode(event: Event) -> tuple[str, str]:
    """The wire name and the data as compact JSON, fit for UTF-8 whatever the texts hold."""
    return wire_name(event), storable(json.dumps(plain(event), ensure_ascii=False, separators=(",", ":")))


def decode(name: str, text: str) -> Event:
    """The event that `encode` wrote.  Text that is no JSON object comes back as it is, in an `Unrecognised`."""
    try:
        data = json.loads(text)
    except ValueError:
        data = text
    return event_of(name, data if isinstance(data, dict) else {"unreadable": text})


def storable(text: str) -> str:
    r"""`text` with half characters, such as a wrong locale lets through, as `\udc80`, which JSON reads back."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def moment_of(text: object) -> datetime:
    """The aware moment in UTC that `text` names.  Raises ValueError, also where it has no offset."""
    moment = datetime.fromisoformat(_exactly(str)(text))
    if moment.tzinfo is None:
        raise ValueError(f"`{text}` names no time zone")
    return moment.astimezone(UTC)


# --- the plan of a class, made once from its fields ----------------------------------------------------------


Read = Callable[[object], object]
"""Reads the values of one type; raises ValueError for anything else."""


@record
class _Plan:
    """How a class is read.

    `required` are the fields without a default: one that came later has a default, and older journals lack it.
    """

    parts: dict[str, Read]
    required: frozenset[str]


_PLANS: Final[dict[type[Any], _Plan]] = {}


def _plan(kind: type[Any]) -> _Plan:
    plan = _PLANS.get(kind)
    if plan is None:
        hints = get_type_hints(kind)
        parts = {field.name: _read(hints[field.name]) for field in fields(kind)}
        required = frozenset(field.name for field in fields(kind) if field.default is MISSING)
        plan = _PLANS[kind] = _Plan(parts, required)
    return plan


def _fact(kind: type[Any], data: object) -> object:
    plan = _plan(kind)
    if not isinstance(data, dict) or not plan.required <= data.keys() <= plan.parts.keys():
        raise ValueError(f"not the fields of {kind.__name__}")
    return kind(**{name: plan.parts[name](value) for name, value in data.items()})


def _read(hint: object) -> Read:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _one_of(inner)
    if origin is tuple:
        return _several(_read(inner[0]))
    if origin is UnionType:
        return _perhaps(_read(next(one for one in inner if one is not type(None))))
    if not isinstance(hint, type):
        raise TypeError(f"events hold no {hint}")
    if issubclass(hint, StrEnum):
        return hint
    return _SIMPLE.get(hint) or partial(_fact, hint)


def _several(one: Read) -> Read:
    return lambda values: tuple(one(value) for value in _exactly(list)(values))


def _perhaps(one: Read) -> Read:
    return lambda value: None if value is None else one(value)


def _one_of(words: tuple[object, ...]) -> Read:
    def read(value: object) -> object:
        if value not in words:
            raise ValueError(f"`{value}` is none of {words}")
        return value

    return read


def _exactly(kind: type[T]) -> Callable[[object], T]:
    def read(value: object) -> T:
        # To Python, True is an int; to a reader of JSON it is not.
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise ValueError(f"`{value}` is no {kind.__name__}")
        return value

    return read


def _number(value: object) -> float:
    return float(_exactly(int)(value)) if isinstance(value, int) else _exactly(float)(value)


_SIMPLE: Final[dict[type[Any], Read]] = {
    str: _exactly(str),
    bool: _exactly(bool),
    int: _exactly(int),
    float: _number,
    datetime: moment_of,
    timedelta: lambda value: timedelta(seconds=_number(value)),
}
