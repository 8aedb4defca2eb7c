"""Markdown -> blocks that know the lines they came from; the one place that knows the CommonMark parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from incidentctl.record import record
from incidentctl.runbook.markdown.html_tables import html_table

REPLACED: Final = "\ufffd"
_LISTS: Final = ("bullet_list", "ordered_list")


@record
class Place:
    """Lines of a Markdown file: from `start` up to and without `end`, counted from 0."""

    file: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.file}:{self.start + 1}"


@record
class Block:
    """A part of a document.

    `kind` is `heading`, `paragraph`, `list`, `item`, `code`, `table` or `other`.  `text` is what stands in it (of
    a code block its lines, of a list nothing), `raw` its source without the indentation, `info` what follows the
    fence, `level` the heading's.  `rows` are the cells of a table, its head first; a table that has a `text` is written
    in HTML, and that is what it says.
    """

    kind: str
    at: Place
    raw: str
    text: str = ""
    info: str = ""
    level: int = 0
    blocks: tuple[Block, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@record
class Document:
    """A file as it was read; `front` is the front matter's lines, `replaced` the lines that held control characters."""

    file: str
    lines: tuple[str, ...]
    blocks: tuple[Block, ...]
    front: tuple[int, ...]
    replaced: tuple[int, ...]

    def raw(self, start: int, end: int) -> str:
        """The source of some lines, without their common indentation."""
        return _raw(self.lines[start:end])


def document(file: str, text: str) -> Document:
    """`text` as blocks.  Never raises: of whatever bytes there are, each line is in `lines`."""
    written = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = tuple(map(_harmless, written))
    front = tuple(range(_front_end(lines)))
    body = "\n".join(["" for _ in front] + list(lines[len(front) :]))
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(body))
    blocks = tuple(_blocks(tree, file, lines))
    replaced = tuple(number for number, line in enumerate(written) if line != lines[number])
    return Document(file, lines, blocks, front, replaced)


def _harmless(line: str) -> str:
    """YAML takes no control characters and no half of a surrogate pair."""
    if line.isprintable():
        return line
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", REPLACED, line)


def _front_end(lines: tuple[str, ...]) -> int:
    """How many lines the front matter has; 0 where there is none."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    ends = (number for number, line in enumerate(lines[1:200], 1) if line.rstrip() in ("---", "..."))
    end = next(ends, 0)
    is_keys = end and all(re.match(r"\s*$|\s*#|[\w.-]+\s*:|\s+\S|- ", line) for line in lines[1:end])
    return end + 1 if is_keys else 0


def _blocks(node: SyntaxTreeNode, file: str, lines: tuple[str, ...]) -> Iterator[Block]:
    for child in node.children:
        if child.map is not None and child.type != "hr":
            yield _block(child, file, lines)


def _block(node: SyntaxTreeNode, file: str, lines: tuple[str, ...]) -> Block:
    start, end = node.map or (0, 0)
    at, raw = Place(file, start, end), _raw(lines[start:end])
    if node.type in _LISTS:
        return Block("list", at, raw, blocks=tuple(_blocks(node, file, lines)))
    match node.type:
        case "heading":
            return Block("heading", at, raw, _inline(node), level=int(node.tag[1:]))
        case "paragraph":
            return Block("paragraph", at, raw, _inline(node))
        case "list_item":
            return Block("item", at, raw, blocks=tuple(_blocks(node, file, lines)))
        case "fence" | "code_block":
            return Block("code", at, raw, node.content, node.info)
        case "table":
            return Block("table", at, raw, rows=tuple(_rows(node)))
        case _:
            table = html_table(raw)
            return Block("other", at, raw) if table is None else Block("table", at, raw, table.text, rows=table.rows)


def _inline(node: SyntaxTreeNode) -> str:
    return " ".join(child.content for child in node.children).strip()


def _rows(table: SyntaxTreeNode) -> Iterator[tuple[str, ...]]:
    for part in table.children:
        for row in part.children:
            yield tuple(_inline(cell) for cell in row.children)


def _raw(lines: tuple[str, ...]) -> str:
    filled = [line for line in lines if line.strip()]
    margin = min((len(line) - len(line.lstrip(" ")) for line in filled), default=0)
    return "\n".join(line[margin:].rstrip() for line in lines).strip("\n")
