"""What hypothesis draws: events of every kind, and journals made of them, straight from the fields of the classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from incidentctl.incident.entry import Entry, occurred_at
from incidentctl.incident.events import Event, IncidentOpened, Unrecognised
from incidentctl.incident.wire import WIRE

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def moments() -> st.SearchStrategy[datetime]:
    """Moments in UTC to the millisecond, which is what the journal keeps."""
    days = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    return days.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))


def spans() -> st.SearchStrategy[timedelta]:
    """Spans of any sign up to a year."""
    return st.timedeltas(timedelta(days=-365), timedelta(days=365))


_SIMPLE: dict[object, Callable[[], st.SearchStrategy[Any]]] = {
    str: lambda: st.text(max_size=12),
    bool: st.booleans,
    int: lambda: st.integers(0, 9),
    float: lambda: st.floats(allow_nan=False, allow_infinity=False),
    datetime: moments,
    timedelta: spans,
}


def of_kind(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a frozen dataclass; the fields with defaults are drawn as well."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: _values(hints[field.name]) for field in fields(kind)})


def _values(hint: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - a type hint has no type of its own
    origin, inner = get_origin(hint), get_args(hint)
    if hint is type(None):
        return st.none()
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(_values(inner[0]), max_size=3).map(tuple)
    if origin is UnionType:
        return st.one_of([_values(one) for one in inner])
    if hint in _SIMPLE:
        return _SIMPLE[hint]()
    return st.sampled_from(list(hint)) if issubclass(hint, StrEnum) else of_kind(hint)


def unrecognised() -> st.SearchStrategy[Unrecognised]:
    """Events of a newer version."""
    names = st.sampled_from(["tree.answered/2", "severity.changed/9", "bridge.opened/1"])
    return st.builds(Unrecognised, names, st.dictionaries(st.text(max_size=8), JSON, max_size=3))


def events() -> st.SearchStrategy[Event]:
    """Any event that this version knows, and some that it does not."""
    return st.one_of(unrecognised(), *[of_kind(kind) for kind in WIRE.values()])


@st.composite
def journals(draw: st.DrawFn, max_size: int = 20) -> list[Entry]:
    """A journal: `incident.opened`, then anything in any order, written down by a clock that never goes back."""
    facts: list[Event] = [draw(of_kind(IncidentOpened)), *draw(st.lists(events(), max_size=max_size))]
    now = draw(moments())
    entries = []
    for seq, event in enumerate(facts, start=1):
        now += timedelta(seconds=draw(st.integers(0, 3600)))
        prompt = draw(st.none() | st.text(max_size=8))
        entries.append(
            Entry(f"{seq:032x}", seq, occurred_at(event, now), now, draw(st.text(max_size=8)), "", prompt, event)
        )
    return entries
