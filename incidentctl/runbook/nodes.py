"""The parts of a YAML file, each with its place and the layer that it belongs to."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from incidentctl.record import record
from incidentctl.runbook.model import Route


class Origin(IntEnum):
    """Which layer a file is; a higher one is merged over the lower ones."""

    BUILT_IN = 0
    ORGANISATION = 1
    SERVICE = 2


@record
class File:
    """A runbook file: its name as people see it, and its layer."""

    name: str
    origin: Origin


@record
class Span:
    """A place in a text; lines and columns count from 1, in code points; the end is just behind the last one."""

    line: int
    column: int
    end_line: int
    end_column: int


class Mark(Protocol):
    """A place as the parser counts: from 0; `index` counts the characters before it."""

    index: int
    line: int
    column: int


class Node:
    """A part of a file; `route` is the way to it.  `count` is how many nodes it is when every alias is written out.

    Nodes are made by the hundred before the first question, so they are plain classes.
    """

    __slots__ = ("count", "end", "file", "route", "start")

    def __init__(self, file: File, route: Route, start: Mark, end: Mark) -> None:
        self.file = file
        self.route = route
        self.start = start
        self.end = end
        self.count = 1

    @property
    def span(self) -> Span:
        """Where the node stands: all of a scalar; of a list or mapping its beginning, up to the first item or key."""
        return Span(self.start.line + 1, self.start.column + 1, self.end.line + 1, self.end.column + 1)


class ScalarNode(Node):
    """A text.  `quoted` tells `""` from a value that is not there."""

    __slots__ = ("quoted", "text")

    def __init__(self, file: File, route: Route, start: Mark, end: Mark, text: str, *, quoted: bool) -> None:
        self.file = file  # not through `super()`: of these there are most by far
        self.route = route
        self.start = start
        self.end = end
        self.count = 1
        self.text = text
        self.quoted = quoted

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written: `key:` and no more."""
        return not self.text and not self.quoted


class ListNode(Node):
    """A list."""

    __slots__ = ("items",)

    def __init__(self, file: File, route: Route, start: Mark, end: Mark) -> None:
        super().__init__(file, route, start, end)
        self.items: list[Node] = []


class MappingNode(Node):
    """A mapping: its keys as text, with the node of each key and of its value, in the order written.

    `filled` is set by the decoder on a step that says `use`: the same step with all that it takes from below.
    """

    __slots__ = ("entries", "filled")

    def __init__(self, file: File, route: Route, start: Mark, end: Mark) -> None:
        super().__init__(file, route, start, end)
        self.entries: dict[str, tuple[ScalarNode, Node]] = {}
        self.filled: MappingNode | None = None

    def value(self, key: str) -> Node | None:
        """The value of `key`; None where the key is not there or nothing stands behind it."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        node = entry[1]
        return None if type(node) is ScalarNode and not node.text and not node.quoted else node


def path_text(route: Route) -> str:
    """`("decision_tree", 0, "run")` -> `decision_tree[0].run`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in route).lstrip(".")
