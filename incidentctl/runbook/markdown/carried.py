"""What a printed page carries of its runbook: the YAML that the layers below do not say, in one comment.

A page for people leaves things out: checks in full, sources, inputs, the line breaks of a text.  Its last lines are
therefore a comment, which no wiki shows, with everything that the organisation and the service wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from incidentctl.record import record
from incidentctl.runbook.keys import RUNBOOK
from incidentctl.runbook.markdown.emit import quoted, scalar
from incidentctl.runbook.model import Route
from incidentctl.runbook.nodes import ListNode, MappingNode, Node, Origin, ScalarNode

_OPENS: Final = "<!-- incidentctl: "
_TELLS: Final = "this page for `incidentctl import`. Edit what stands above; this follows by itself."
_CLOSES: Final = "-->"
_TEMPLATES: Final = ("comms", "templates")


@record
class Text:
    """A text; `is_own` where the built-in runbook does not say it."""

    text: str
    is_quoted: bool = True
    is_own: bool = True


@record
class Items:
    """A list; `adds` where the layers below are added to it, and not replaced by it."""

    items: tuple[Value, ...]
    is_own: bool = True
    adds: bool = False


@record
class Keys:
    """A mapping."""

    entries: dict[str, Value]
    is_own: bool = True


Value = Text | Items | Keys


def value_of(node: Node) -> Value:
    """Merged nodes as values, each `use` filled in.  Decode them first: the decoder fills in."""
    is_own = node.file.origin is not Origin.BUILT_IN
    match node:
        case ListNode(items=items):
            return Items(tuple(map(value_of, items)), is_own, adds=node.route == _TEMPLATES)
        case MappingNode():
            entries = (node.filled or node).entries
            return Keys({name: value_of(value) for name, (_, value) in entries.items()}, is_own)
        case ScalarNode():
            return Text(node.text, node.quoted, is_own)
        case _:
            return Text("", is_quoted=False, is_own=False)


def texts(value: Value, path: Route = ()) -> Iterator[tuple[Route, Text]]:
    """Every text with the path to it."""
    match value:
        case Text():
            yield path, value
        case Items(items=items):
            for number, item in enumerate(items):
                yield from texts(item, (*path, number))
        case Keys(entries=entries):
            for name, below in entries.items():
                yield from texts(below, (*path, name))


def at(value: Value | None, path: Route) -> Value | None:
    """What stands at a path; None where nothing does."""
    for part in path:
        if isinstance(value, Items) and isinstance(part, int):
            value = value.items[part] if part < len(value.items) else None
        else:
            value = value.entries.get(str(part)) if isinstance(value, Keys) else None
    return value


def put(value: Value | None, path: Route, new: Value | None) -> Value:
    """The same with `new` at the path, or with nothing there; mappings on the way are made where they are missing."""
    part, rest = path[0], path[1:]
    below = new if not rest else put(at(value, (part,)), rest, new)
    if isinstance(value, Items) and isinstance(part, int):
        items = (*value.items[:part], *([] if below is None else [below]), *value.items[part + 1 :])
        return replace(value, items=items, is_own=value.is_own or below is None)
    entries = dict(value.entries) if isinstance(value, Keys) else {}
    entries.pop(str(part), None) if below is None else entries.update({str(part): below})
    return Keys(entries)


# --- what is written of it -----------------------------------------------------------------------------------


def own(value: Keys, service: str) -> Keys:
    """What a file has to say, so that over the built-in runbook it means the same as `value`."""
    kept = _own(value)
    entries = kept.entries if isinstance(kept, Keys) else {}
    return Keys({"format": Text("1", is_quoted=False), **entries, "service": Text(service)})


def _has_own(value: Value) -> bool:
    match value:
        case Text(is_own=is_own):
            return is_own
        case Items(items=items, is_own=is_own):
            return is_own or any(map(_has_own, items))
        case Keys(entries=entries, is_own=is_own):
            return any(map(_has_own, entries.values())) if entries else is_own


def _own(value: Value) -> Value | None:
    if not _has_own(value):
        return None
    match value:
        case Text():
            return value
        case Items(items=items, adds=adds):
            return replace(value, items=_added(items) if adds else tuple(map(_step, items)))
        case Keys(entries=entries):
            kept = ((name, _own(below)) for name, below in entries.items())
            return replace(value, entries={name: below for name, below in kept if below is not None})


def _added(items: Sequence[Value]) -> tuple[Value, ...]:
    """What a list adds to those below it; each item once, or every round would add the organisation's again."""
    found: list[Value] = []
    for item in map(_step, filter(_has_own, items)):
        if item not in found:
            found.append(item)
    return tuple(found)


def _step(value: Value) -> Value:
    """An item of a list, whole, unless it is a built-in step, which has only to be named."""
    if not isinstance(value, Keys):
        return value
    named = value.entries.get("id")
    if isinstance(named, Text) and named.text and not named.is_own:
        kept = _own(value)
        return Keys({"use": Text(named.text), **(kept.entries if isinstance(kept, Keys) else {})})
    return Keys({name: _whole(below) for name, below in value.entries.items()})


def _whole(value: Value) -> Value:
    match value:
        case Items(items=items):
            return replace(value, items=tuple(map(_step, items)))
        case Keys(entries=entries):
            return Keys({name: _whole(below) for name, below in entries.items()})
        case Text():
            return value


def yaml_text(value: Keys) -> str:
    """The mapping as a file; every text reads back as it is."""
    order = [name for name in RUNBOOK if name in value.entries]
    entries = {name: value.entries[name] for name in (*order, *value.entries)}
    return "\n".join(_lines(Keys(entries), 0)) + "\n"


def _lines(value: Value, indent: int) -> Iterator[str]:
    margin = " " * indent
    match value:
        case Text():
            yield margin + _written(value, indent)
        case Items(items=items):
            for item in items:
                first, *others = (line for part in _lines(item, indent + 2) for line in part.split("\n"))
                yield f"{margin}- {first.lstrip(' ')}"
                yield from others
            if not items:
                yield f"{margin}[]"
        case Keys(entries=entries):
            for name, below in entries.items():
                yield from _entry(_scalar(name, 0), below, indent)
            if not entries:
                yield f"{margin}{{}}"


def _entry(key: str, value: Value, indent: int) -> Iterator[str]:
    lines = "\n".join(_lines(value, indent + 2))
    is_below = (isinstance(value, Items) and value.items) or (isinstance(value, Keys) and value.entries)
    yield f"{' ' * indent}{key}:\n{lines}" if is_below else f"{' ' * indent}{key}: {lines.lstrip(' ')}".rstrip(" ")


def _written(value: Text, indent: int) -> str:
    if value.text.isprintable() and not value.is_quoted and "--" not in value.text:
        return value.text
    return _scalar(value.text, indent)


def _scalar(text: str, indent: int) -> str:
    # What ends a comment of HTML must not stand in one.
    return re.sub("--(?=!?>)", r"\\x2d-", quoted(text)) if re.search("--!?>", text) else scalar(text, indent)


# --- the comment ---------------------------------------------------------------------------------------------


def comment(root: Node, service: str, hide: Callable[[str], str]) -> str:
    """The comment for the page of merged nodes; `hide` takes the secrets out of a text."""
    value = value_of(root)
    for path, one in texts(value):
        if hide(one.text) != one.text:
            value = put(value, path, Text(hide(one.text), is_own=one.is_own))
    yaml = yaml_text(own(value if isinstance(value, Keys) else Keys({}), service))
    return f"{_OPENS}{_TELLS}\n{hide(yaml)}{_CLOSES}"


def carried(text: str) -> tuple[str, int, int] | None:
    """The YAML that a page carries, and its lines there, from 0: the first, and the one behind the last."""
    start = text.rfind(_OPENS)
    end = text.find(f"\n{_CLOSES}", start)
    if start < 0 or end < 0 or (start and text[start - 1] != "\n"):
        return None
    _, _, yaml = text[start:end].partition("\n")
    first = text.count("\n", 0, start)
    return yaml + "\n", first, first + text.count("\n", start, end) + 2
