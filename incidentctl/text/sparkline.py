"""A row of numbers as one short line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_BARS: Final = "▁▂▃▄▅▆▇█"
_ENOUGH: Final = 3
_WIDTH: Final = 40


def sparkline(numbers: Sequence[float]) -> str:
    """The latest numbers as bars, the lowest of them as the lowest bar; empty where there are too few to see a way."""
    latest = numbers[-_WIDTH:]
    if len(latest) < _ENOUGH:
        return ""
    low, high = min(latest), max(latest)
    step = (high - low) / (len(_BARS) - 1)
    return "".join(_BARS[round((number - low) / step) if step else 0] for number in latest)
