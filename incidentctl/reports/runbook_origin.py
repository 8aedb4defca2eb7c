"""Where each value of a merged runbook was written: its place, its path, and the value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.record import record
from incidentctl.runbook.model import Route
from incidentctl.runbook.nodes import ListNode, MappingNode, Node, Origin, ScalarNode, path_text
from incidentctl.text.escape import clean
from incidentctl.text.redact import redact

LAYERS: Final = {Origin.BUILT_IN: "built-in", Origin.ORGANISATION: "organisation", Origin.SERVICE: "service"}


@record
class Written:
    """One value: its path in the merged runbook, and the layer, file and line (from 1) that it comes from."""

    path: str
    text: str
    layer: str
    file: str
    line: int


def written(root: MappingNode) -> Iterator[Written]:
    """Every value of the merged nodes, in the order of the format; a key with nothing behind it says nothing."""
    return _values(root, ())


def _values(node: Node, route: Route) -> Iterator[Written]:
    match node:
        case ScalarNode():
            if not node.is_empty:
                yield _one(node, route, node.text.strip())
        case ListNode(items=items):
            if not items:
                yield _one(node, route, "[]")
            for number, item in enumerate(items):
                yield from _values(item, (*route, number))
        case MappingNode():
            for name, (_, value) in (node.filled or node).entries.items():
                yield from _values(value, (*route, name))
        case _:
            pass


def _one(node: Node, route: Route, text: str) -> Written:
    return Written(path_text(route), redact(text), LAYERS[node.file.origin], node.file.name, node.span.line)


def origin_text(root: MappingNode) -> str:
    """One line for each value, `PLACE  LAYER  PATH: VALUE`, in columns; a value of several lines becomes one."""
    values = [(f"{clean(one.file)}:{one.line}", one) for one in written(root)]
    place, layer = (max(map(len, column), default=0) for column in ([at for at, _ in values], LAYERS.values()))
    return "".join(f"{at:<{place}}  {one.layer:<{layer}}  {clean(f'{one.path}: {one.text}')}\n" for at, one in values)
