"""Where a measurement or a check comes from: its shape is looked at, and its texts are kept as they were written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from incidentctl.runbook.decode_values import Fields, text_of
from incidentctl.runbook.keys import DEPLOYS, SOURCES, Keys
from incidentctl.runbook.model import Check
from incidentctl.runbook.nodes import ListNode, MappingNode, Node, ScalarNode


def check_of(fields: Fields, kind: str, table: Mapping[str, Keys] = SOURCES) -> Check | None:
    """The value of the key `kind`, whose own keys are those of the table; None where it is not there."""
    node = fields.value(kind)
    if node is None:
        return None
    keys = table[kind]
    inner = Fields(node, fields.problems, keys, f"`{kind}`")
    for key in inner.node.entries:
        reading = keys.get(key)
        if reading is not None:
            _READERS[reading](inner, key)
    return Check(kind, dict(texts_below(node)), node.route)


def chosen_of(fields: Fields, kind: str, kinds: Mapping[str, Keys]) -> Check | None:
    """All of `kinds` are read for their shape; the one that was chosen is kept."""
    checks = [check_of(fields, one, kinds) for one in fields.node.entries if one in kinds]
    return next((check for check in checks if check is not None and check.kind == kind), None)


def sources_of(book: Fields) -> dict[str, Check]:
    """The top-level `sources`: for each kind what its checks have in common, such as a `url`."""
    sources = book.fields("sources", SOURCES, "`sources`")
    checks = () if sources is None else (check_of(sources, kind) for kind in sources.node.entries if kind in SOURCES)
    return {check.kind: check for check in checks if check is not None}


def texts_below(node: Node, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text by its key; a key within a key is joined by a dot, the items of a list by a line break."""
    if isinstance(node, ScalarNode):
        yield name, node.text.strip()
    elif isinstance(node, ListNode):
        yield name, "\n".join(text for item in node.items for _, text in texts_below(item))
    elif isinstance(node, MappingNode):
        if name and not node.entries:
            yield name, ""
        for key, (_, value) in node.entries.items():
            yield from texts_below(value, f"{name}.{key}" if name else key)


# --- ways to read ------------------------------------------------------------------------------------------


def _text_by_name(fields: Fields, key: str) -> None:
    for name, value in fields.entries(key):
        text_of(value, fields.problems, name.text)


def _text_or_texts(fields: Fields, key: str) -> None:
    if isinstance(fields.value(key), ListNode):
        fields.texts(key)
    else:
        fields.text(key)


def _flag(fields: Fields, key: str) -> None:
    fields.flag(key, default=False)


def _texts(fields: Fields, key: str) -> None:
    """One of the sources of deploys: a mapping of texts."""
    inner = fields.fields(key, DEPLOYS[key], f"`{key}`")
    if inner is not None:
        for name in DEPLOYS[key]:
            inner.text(name)


_READERS: Final[Mapping[str, Callable[[Fields, str], object]]] = {
    "text": Fields.text,
    "duration": Fields.duration,
    "flag": _flag,
    "text or texts": _text_or_texts,
    "text by name": _text_by_name,
    **dict.fromkeys(DEPLOYS, _texts),
}
