"""A row of numbers as one short line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.text.sparkline import sparkline


def test_the_way_down_is_seen() -> None:
    assert sparkline([8, 6, 4, 2, 1, 1]) == "\u2588\u2586\u2584\u2582\u2581\u2581"


def test_too_few_numbers_show_no_way() -> None:
    assert sparkline([1, 2]) == ""


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300), min_size=3))
def test_any_numbers_fit_on_a_line(numbers: list[float]) -> None:
    assert 3 <= len(sparkline(numbers)) <= 40
