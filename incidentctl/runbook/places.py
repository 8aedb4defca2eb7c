"""Where a part of a merged runbook was written: Route -> file, Span and layer."""

from __future__ import annotations

from collections.abc import Iterator

from incidentctl.runbook.model import Route
from incidentctl.runbook.nodes import ListNode, MappingNode, Node, Origin, ScalarNode, Span


def place(root: MappingNode, route: Route, on: str) -> tuple[str, Span, Origin] | None:
    """The file, span and layer of the part at `route`, or of the nearest part above it that a person wrote.

    `on` is `value` (all of a scalar; of a list or mapping its beginning), `key` (the key before the value; of a list's
    item the value) or `lack` (the first line of the mapping that lacks something, up to its first key).  A part that is
    not there, or stands in the built-in runbook only, gives the beginning of what the organisation or the service wrote
    above it; None where they wrote nothing.
    """
    way = list(_way(root, route))
    exact = len(way) == len(route) + 1
    for key, value in reversed(way):
        node = key if on == "key" and exact and key is not None else value
        if node.file.origin is not Origin.BUILT_IN:
            return node.file.name, node.span, node.file.origin
        exact = False
    return None


def is_written(root: MappingNode, route: Route) -> bool:
    """Whether the part at `route` stands in the organisation's or the service's file; a key alone says nothing."""
    part: Node = root
    for step in route:
        _, below = _below(part, step)
        if below is None:
            return False
        part = below
    return part.file.origin is not Origin.BUILT_IN and not (isinstance(part, ScalarNode) and part.is_empty)


def _way(root: MappingNode, route: Route) -> Iterator[tuple[ScalarNode | None, Node]]:
    """The parts from the root down to the one at `route`, as far as they are there, each with its key."""
    node: Node = root
    yield None, node
    for part in route:
        key, below = _below(node, part)
        if below is None:
            return
        node = below
        yield key, node


def _below(node: Node, part: str | int) -> tuple[ScalarNode | None, Node | None]:
    if isinstance(node, MappingNode) and isinstance(part, str):
        return (node.filled or node).entries.get(part, (None, None))
    if isinstance(node, ListNode) and isinstance(part, int) and 0 <= part < len(node.items):
        return None, node.items[part]
    return None, None
