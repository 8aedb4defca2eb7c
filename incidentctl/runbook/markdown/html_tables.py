"""Tables that are written as HTML, as Markdown allows: their cells as plain text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from incidentctl.record import record

_CELLS: Final = ("td", "th")
_APART: Final = ("br", "p", "li", "div", "ul", "ol")
_LONGEST: Final = 100_000
_Attributes = list[tuple[str, str | None]]


@record
class HtmlTable:
    """`rows` are the cells, the head first (empty where the table has none); `text` is all of it, a row on a line."""

    rows: tuple[tuple[str, ...], ...]
    text: str


def html_table(text: str) -> HtmlTable | None:
    """The one table in `text`; None where its rows are not all alike, or it is too long to be a table for people.

    A cell that spans its row is a caption: part of the text, and no row.
    """
    if "<table" not in text[:200] or len(text) > _LONGEST:
        return None
    reader = _Reader()
    try:
        reader.feed(text)
    except AssertionError:  # what the parser of the standard library says of a declaration that it cannot read
        return None
    written = [tuple(" ".join("".join(cell).split()) for cell in row) for row in reader.rows]
    rows = [row for row, is_caption in zip(written, reader.captions, strict=True) if row and not is_caption]
    if reader.has_head and not reader.is_headed:
        rows.insert(0, ("",) * len(rows[0]) if rows else ())
    is_table = reader.tables == 1 and len(rows) > 1 and len({len(row) for row in rows}) == 1
    return HtmlTable(tuple(rows), "\n".join(" | ".join(row) for row in written if any(row))) if is_table else None


class _Reader(HTMLParser):
    """`has_head` is whether there is a `thead`, `is_headed` whether a row stands in it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[list[str]]] = []
        self.captions: list[bool] = []
        self.tables = 0
        self.has_head = self.is_headed = False
        self._is_inside = self._is_in_head = False

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        self.tables += tag == "table"
        if tag == "thead":
            self.has_head = self._is_in_head = True
        elif tag == "tr":
            self.rows.append([])
            self.captions.append(False)
            self.is_headed = self.is_headed or self._is_in_head
            self._is_inside = False  # the cell before may not have been closed
        elif tag in _CELLS and self.rows:
            self.captions[-1] = not self.rows[-1] and any(name == "colspan" for name, _ in attrs)
            self.rows[-1].append([])
            self._is_inside = True
        elif tag in _APART:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag not in _CELLS
        self._is_in_head = self._is_in_head and tag != "thead"

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.rows[-1][-1].append(data)
