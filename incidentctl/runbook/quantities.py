"""Durations and numbers with units, as people write them (`5 min`, `180 ms`, `5%`)."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from incidentctl.record import record

_SECONDS: Final = {
    "ms": 0.001,
    "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0,
    "business hours": 3600.0, "business hour": 3600.0,
}  # fmt: skip
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z][a-z ]*)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"([+-]?\d[\d,_]*(?:\.\d+)?(?:e[+-]?\d+)?)\s*([^\s\d]\S*)?", re.IGNORECASE)
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
LONGEST: Final = timedelta(days=366)
_LONGEST_TEXT: Final = 100  # nobody writes more, and the expressions above are slow on a million digits


@record
class Quantity:
    """A number and its unit; `unit` is empty where none was written."""

    number: float
    unit: str


def parse_duration(text: str) -> timedelta:
    """`5 min`, `1h 30min`, `180 ms`, `4 business hours` -> timedelta.

    Raises ValueError, in words for a person, where `text` is not a duration, has no unit, or is longer than a year.
    """
    rest = _short(text)
    if re.fullmatch(r"\d+(\.\d+)?", rest):
        msg = f"`{text}` has no unit: write for example `{rest} min`"
        raise ValueError(msg)
    seconds, end = 0.0, 0
    for part in _DURATION.finditer(rest):
        if rest[end : part.start()].strip() or part[2].strip().lower() not in _SECONDS:
            break
        seconds += float(part[1]) * _SECONDS[part[2].strip().lower()]
        end = part.end()
    if end != len(rest) or not rest:
        msg = f"`{text}` is not a duration: write for example `30 s`, `5 min`, `6 h` or `2 days`"
        raise ValueError(msg)
    if seconds > LONGEST.total_seconds():
        msg = f"`{text}` is longer than a year"
        raise ValueError(msg)
    return timedelta(seconds=seconds)


def _short(text: str) -> str:
    stripped = text.strip()
    if len(stripped) > _LONGEST_TEXT:
        msg = f"`{stripped[:30]}...` is too long"
        raise ValueError(msg)
    return stripped


def parse_quantity(text: str) -> Quantity:
    """`5%`, `180 ms`, `10,000`, `0.05` -> Quantity.  Raises ValueError where `text` does not begin with a number."""
    match = _NUMBER.fullmatch(_short(text))
    if match is None:
        msg = f"`{text}` is not a number"
        raise ValueError(msg)
    return Quantity(float(match[1].replace(",", "").replace("_", "")), match[2] or "")


def in_unit(quantity: Quantity, unit: str) -> float:
    """The number of `quantity` in a signal's `unit`: `5%` in `ratio` is 0.05, `180 ms` in `s` is 0.18.

    A quantity without a unit is taken as already being in `unit`.  Raises ValueError where the two do not fit.
    """
    if quantity.unit in ("", unit):
        return quantity.number
    if quantity.unit == "%" and unit == "ratio":
        return quantity.number / 100
    if quantity.unit == "ratio" and unit == "%":
        return quantity.number * 100
    if quantity.unit in _SECONDS and unit in _SECONDS:
        return quantity.number * _SECONDS[quantity.unit] / _SECONDS[unit]
    msg = f"`{quantity.unit}` does not fit a signal that is measured in `{unit or 'plain numbers'}`"
    raise ValueError(msg)


WELL_KNOWN_UNITS: Final = {"error_rate": "ratio", "latency_p99": "s"}
"""The units of the built-in conditions' signals, where no runbook defines them."""


def holds(value: float, sign: str, bound: float) -> bool:
    """Whether `value` is `sign` (`>`, `>=`, `<`, `<=`) `bound`.

    Exactly 5 % is not more than 5 % (P-SEV-5); since 5 x 0.18 s is not 0.9 s in binary, what differs by less than
    anybody measures is equal.
    """
    if math.isclose(value, bound, rel_tol=1e-9):
        value = bound
    return _COMPARE[sign](value, bound)


def parse_comparison(text: str) -> tuple[str, Quantity]:
    """`> 5,000` -> (`>`, 5000).  Raises ValueError where `text` is no comparison with a number."""
    sign = next((sign for sign in (">=", "<=", ">", "<") if text.strip().startswith(sign)), "")
    if not sign:
        msg = f"`{_short(text)}` is not a comparison: write for example `> 5000`"
        raise ValueError(msg)
    return sign, parse_quantity(text.strip().removeprefix(sign))
