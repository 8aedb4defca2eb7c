"""What all services of a folder inherit is decoded once: the same nodes mean the same in each of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar

from incidentctl.runbook.nodes import ListNode, MappingNode, Node

T = TypeVar("T")


class Inherited:
    """The nodes at and below `root`, and what was made of them."""

    def __init__(self, root: Node | None = None) -> None:
        # The nodes are kept, so that no other one is given the id of one of them.
        self._nodes = {id(node): node for node in _all(root)} if root is not None else {}
        self._made: dict[Hashable, Any] = {}

    def __contains__(self, node: Node) -> bool:
        return id(node) in self._nodes

    def get(self, node: Node, make: Callable[..., T], beside: Hashable) -> T | None:
        """What `make` made of `node`; None where that is not known."""
        made: T | None = self._made.get((id(node), make, beside))
        return made

    def keep(self, node: Node, make: Callable[..., T], beside: Hashable, made: T) -> None:
        """Remember what `make` made of `node`."""
        self._made[id(node), make, beside] = made


def _all(node: Node) -> Iterator[Node]:
    """`node` and all below it, each as often as it is used."""
    yield node
    if isinstance(node, MappingNode):
        for _, value in node.entries.values():
            yield from _all(value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _all(item)
