"""A merged runbook as `incidentctl/runbook/1`, the shape that docs/json.md promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from pathlib import PurePath
from typing import Final

from incidentctl.reports.runbook_origin import written
from incidentctl.runbook.load import BUILT_IN, DEFAULTS, Loaded
from incidentctl.runbook.model import Action, Condition, Item, Note, Omitted, Question, Runbook
from incidentctl.text.redact import redact

SCHEMA: Final = "incidentctl/runbook/1"
_NOT_WRITTEN: Final = ("route", "took")
"""What no file says: where a part stands, and how long steps took in earlier incidents."""
_STEPS: Final = {Question: "question", Note: "note", Omitted: "omitted", Item: "item"}


def runbook_json(book: Runbook, loaded: Loaded, *, origins: bool = False) -> dict[str, object]:
    """Everything that is walked, the files it came from, and where each value was written if `origins`."""
    document = {"schema": SCHEMA, **_record(book)}
    document["files"] = [
        {"name": text.name, "layer": _layer(text.name), "digest": f"sha256:{text.digest}"} for text in loaded.texts
    ]
    if origins and loaded.root is not None:
        document["origins"] = [_record(one) for one in written(loaded.root)]
    return document


def _layer(name: str) -> str:
    if name == BUILT_IN:
        return "built-in"
    return "organisation" if PurePath(name).stem == DEFAULTS else "service"


def _record(part: object) -> dict[str, object]:
    return dict(_fields(part))


def _fields(part: object) -> Iterator[tuple[str, object]]:
    if isinstance(part, Action):
        yield "step", part.kind
    elif type(part) in _STEPS:
        yield "step", _STEPS[type(part)]
    if not is_dataclass(part):
        return
    for one in fields(part):
        value = getattr(part, one.name)
        if one.name in _NOT_WRITTEN or (one.name == "kind" and isinstance(part, Action)):
            continue
        if one.name == "number" and isinstance(part, Condition) and part.operator is None:
            value = None  # a person judges
        # A duration that is not there is `null` under the same name as one that is.
        is_span = "timedelta" in str(one.type)
        yield (f"{one.name}_s" if is_span else one.name), _plain(value)


def _plain(value: object) -> object:
    match value:
        case "" | None:
            return None
        case str():
            return redact(value)
        case timedelta():
            return value.total_seconds()
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(one) for one in value]
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case _:
            return _record(value) if is_dataclass(value) else value
