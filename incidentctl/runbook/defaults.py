"""The layers of a runbook: the organisation's defaults under a service's file, the built-in runbook under both.

Mappings merge key by key; a list is replaced whole.  Every node keeps the file and the place it came from, so that a
merged runbook can still say where each of its values was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from incidentctl.runbook.model import Route
from incidentctl.runbook.nodes import ListNode, MappingNode, Node, ScalarNode
from incidentctl.runbook.source import Source

Catalogue = dict[str, MappingNode]
"""The steps that `use` can name: their id, and the step as the layers below define it."""


def merged_layers(roots: Sequence[MappingNode]) -> MappingNode:
    """All layers as one, the lowest first; at least one."""
    return reduce(_merged_mappings, roots)


def _merged(lower: Node, upper: Node) -> Node:
    """`upper` over `lower`; a key with nothing behind it says nothing."""
    if isinstance(upper, ScalarNode) and upper.is_empty:
        return lower
    if isinstance(lower, MappingNode) and isinstance(upper, MappingNode):
        return _merged_mappings(lower, upper)
    if isinstance(lower, ListNode) and isinstance(upper, ListNode) and upper.route == ("comms", "templates"):
        return _joined(upper, lower)
    return upper


def _merged_mappings(lower: MappingNode, upper: MappingNode) -> MappingNode:
    if upper.route == ("severity",) and not upper.entries.keys() <= lower.entries.keys():
        return upper  # a name that is not known below begins another set of levels (P-SEV-7)
    both = MappingNode(upper.file, upper.route, upper.start, upper.end)
    both.count = lower.count + upper.count
    both.entries = dict(lower.entries)
    for name, (key, value) in upper.entries.items():
        below = lower.entries.get(name)
        both.entries[name] = (key, value if below is None else _merged(below[1], value))
    return both


def _joined(first: ListNode, second: ListNode) -> ListNode:
    """Templates add up, the upper layer's first: the most specific match is chosen among all of them."""
    both = ListNode(first.file, first.route, first.start, first.end)
    both.items = [*first.items, *second.items]
    return both


def catalogue(sources: Sequence[Source]) -> Catalogue:
    """What `use` can name: every step with an id in `sources`, the lowest layer first."""
    steps: Catalogue = {}
    for source in sources:
        for node in _mappings(source.root):
            used = word_of(node, "use")
            name = word_of(node, "id") or used
            if name and "omit" not in node.entries:
                steps[name] = filled_in(node, steps[used]) if used in steps else node
    return steps


def filled_in(step: MappingNode, base: MappingNode) -> MappingNode:
    """A step that says `use`, over the step that it names."""
    changes = MappingNode(step.file, step.route, step.start, step.end)
    changes.entries = {name: entry for name, entry in step.entries.items() if name != "use"}
    return _merged_mappings(base, changes)


def placed(step: MappingNode, base: MappingNode) -> MappingNode:
    """`filled_in`, where what comes from `base` gets the route that it has in the merged runbook.

    The result is also kept at `step`, for whoever looks for a place in it.
    """
    both = filled_in(step, base)
    for name, (key, value) in both.entries.items():
        if name not in step.entries or step.entries[name][1] is not value:
            both.entries[name] = (key, _moved(value, (*step.route, name)))
    step.filled = both
    return both


def _moved(node: Node, route: Route) -> Node:
    if isinstance(node, ListNode):
        items = ListNode(node.file, route, node.start, node.end)
        items.items = [_moved(item, (*route, number)) for number, item in enumerate(node.items)]
        return items
    if isinstance(node, MappingNode):
        keys = MappingNode(node.file, route, node.start, node.end)
        keys.entries = {name: (key, _moved(value, (*route, name))) for name, (key, value) in node.entries.items()}
        return keys
    if isinstance(node, ScalarNode) and node.route != route:
        return ScalarNode(node.file, route, node.start, node.end, node.text, quoted=node.quoted)
    return node


def word_of(node: MappingNode, key: str) -> str:
    """The text of `key`; empty where it is not there or not a text."""
    value = node.value(key)
    return value.text.strip() if isinstance(value, ScalarNode) else ""


def _mappings(node: Node) -> Iterator[MappingNode]:
    """Every mapping of a file; of these only steps have an `id`."""
    below: Sequence[Node] = ()
    if isinstance(node, MappingNode):
        yield node
        below = [value for _, value in node.entries.values()]
    elif isinstance(node, ListNode):
        below = node.items
    for inner in below:
        yield from _mappings(inner)
