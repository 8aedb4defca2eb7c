from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.terminal.wrapping import wrapped
from incidentctl.text.escape import clean, columns

ADDRESS = "https://grafana.example.com/d/checkout?from=1795446260100"


@given(st.text(), st.integers(min_value=4, max_value=80))
def test_no_line_is_wider_than_it_may_be_and_no_letter_is_lost(text: str, width: int) -> None:
    lines = wrapped(clean(text), width, indent="  ")
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(clean(text).split())


def test_a_wide_letter_fills_two_columns() -> None:
    assert wrapped("支付失败 now", 8) == ["支付失败", "now"]
    assert wrapped("支付失败了", 8) == ["支付失败", "了"]


def test_gaps_stay_and_what_goes_on_is_indented() -> None:
    assert wrapped("é  one two", 8, indent="  ") == ["é  one", "  two"]


def test_an_address_stays_whole_for_copying() -> None:
    assert wrapped(f"see {ADDRESS}", 20, break_words=False) == ["see", ADDRESS]
    assert wrapped(f"é {ADDRESS}", 20, break_words=False) == ["é", ADDRESS]
