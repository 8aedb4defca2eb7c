"""Tables that are written as HTML, as Markdown allows: their cells as plain text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

_CELLS: Final = ("td", "th")
_Attributes = list[tuple[str, str | None]]


def html_rows(text: str) -> tuple[tuple[str, ...], ...]:
    """The rows of the one table in `text`, its head first; none where its rows are not all alike."""
    reader = _Reader()
    try:
        reader.feed(text)
    except AssertionError:  # what the parser of the standard library says of a declaration that it cannot read
        return ()
    rows = [tuple(" ".join(cell.split()) for cell in row) for row in reader.rows]
    is_table = reader.tables == 1 and len(rows) > 1 and len({len(row) for row in rows}) == 1 and rows[0]
    return tuple(rows) if is_table else ()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tables = 0
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        del attrs
        self.tables += tag == "table"
        if tag == "tr":
            self.rows.append([])
            self._is_inside = False  # the cell before may not have been closed
        elif tag in _CELLS and self.rows:
            self.rows[-1].append("")
            self._is_inside = True

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag not in _CELLS

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.rows[-1][-1] += data if self.rows[-1][-1] else data.lstrip()
