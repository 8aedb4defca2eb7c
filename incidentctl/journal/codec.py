"""Events as data: a wire name, and JSON that any program can read.

Moments are RFC 3339 in UTC with milliseconds and `Z`, spans are seconds, words are strings, nested facts are objects.
An event of a newer version, or one that does not read as what its name promises, is kept as `Unrecognised`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from types import UnionType
from typing import Any, Final, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from incidentctl.incident.events import Event, Unrecognised
from incidentctl.incident.wire import WIRE, wire_name

T = TypeVar("T")
Data = dict[str, Any]
"""A JSON object: what `json.loads` gives."""


def event_data(event: Event) -> Data:
    """What `event` says, as a JSON object; every field is there, in the order of its class."""
    return event.data if isinstance(event, Unrecognised) else _object(event)


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
    return wire_name(event), storable(json.dumps(event_data(event), ensure_ascii=False, separators=(",", ":")))


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


def moment_text(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-11-23T03:12:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def moment_of(text: object) -> datetime:
    """The aware moment in UTC that `text` names.  Raises ValueError, also where it has no offset."""
    moment = datetime.fromisoformat(_exactly(str)(text))
    if moment.tzinfo is None:
        raise ValueError(f"`{text}` names no time zone")
    return moment.astimezone(UTC)


# --- the plan of a class, made once from its fields ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """How the values of one type are written and read; `read` raises ValueError for anything else."""

    write: Callable[[Any], object]
    read: Callable[[object], object]


def _same(value: object) -> object:
    return value


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a class is written and read.

    `required` are the fields without a default: one that came later has a default, and older journals lack it.
    """

    parts: dict[str, _Part]
    required: frozenset[str]


_PLANS: Final[dict[type[Any], _Plan]] = {}


def _plan(kind: type[Any]) -> _Plan:
    plan = _PLANS.get(kind)
    if plan is None:
        hints = get_type_hints(kind)
        parts = {field.name: _part(hints[field.name]) for field in fields(kind)}
        required = frozenset(field.name for field in fields(kind) if field.default is MISSING)
        plan = _PLANS[kind] = _Plan(parts, required)
    return plan


def _object(fact: object) -> Data:
    return {name: part.write(getattr(fact, name)) for name, part in _plan(type(fact)).parts.items()}


def _fact(kind: type[Any], data: object) -> object:
    plan = _plan(kind)
    if not isinstance(data, dict) or not plan.required <= data.keys() <= plan.parts.keys():
        raise ValueError(f"not the fields of {kind.__name__}")
    return kind(**{name: plan.parts[name].read(value) for name, value in data.items()})


def _part(hint: object) -> _Part:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _Part(_same, _one_of(inner))
    if origin is tuple:
        return _several(_part(inner[0]))
    if origin is UnionType:
        return _perhaps(_part(next(one for one in inner if one is not type(None))))
    if not isinstance(hint, type):
        raise TypeError(f"events hold no {hint}")
    if issubclass(hint, StrEnum):
        return _Part(str, hint)
    return _SIMPLE.get(hint) or _Part(_object, partial(_fact, hint))


def _several(part: _Part) -> _Part:
    def write(values: Iterable[object]) -> object:
        return [part.write(value) for value in values]

    def read(values: object) -> object:
        return tuple(part.read(value) for value in _exactly(list)(values))

    return _Part(write, read)


def _perhaps(part: _Part) -> _Part:
    def write(value: object) -> object:
        return None if value is None else part.write(value)

    def read(value: object) -> object:
        return None if value is None else part.read(value)

    return _Part(write, read)


def _one_of(words: tuple[object, ...]) -> Callable[[object], object]:
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


def _seconds(span: timedelta) -> float:
    seconds = span.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _number(value: object) -> float:
    return float(_exactly(int)(value)) if isinstance(value, int) else _exactly(float)(value)


_SIMPLE: Final[dict[type[Any], _Part]] = {
    str: _Part(_same, _exactly(str)),
    bool: _Part(_same, _exactly(bool)),
    int: _Part(_same, _exactly(int)),
    float: _Part(_same, _number),
    datetime: _Part(moment_text, moment_of),
    timedelta: _Part(_seconds, lambda value: timedelta(seconds=_number(value))),
}
