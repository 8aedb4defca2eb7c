"""The JSON Schema of a runbook file (draft 2020-12), made of the tables that the decoder reads by.

It describes one file by itself.  What only all layers together can tell is left to lint: that a person has a name, that
a signal exists, that an id stands once.  Every text may look like a number or a `true` to YAML, and is a text all the
same; every key may have nothing behind it, which says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final

from incidentctl.runbook import keys
from incidentctl.runbook.keys import Keys
from incidentctl.runbook.schema_words import WORDS

Schema = dict[str, object]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_NUMBER: Final = r"^\s*[0-9][0-9_,]*\s*$"
_WORD: Final = r"[A-Za-z0-9][A-Za-z0-9%s]{0,79}"
_DURATION: Final = r"^\s*([0-9]+(\.[0-9]+)?\s*[A-Za-z][A-Za-z ]*)+\s*$"
_SCALARS: Final = ["string", "number", "boolean"]


def schema_text() -> str:
    """The schema as it is printed: JSON, indented, with a line break at its end."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> Schema:
    """The whole schema."""
    return {
        "$schema": DRAFT,
        "title": "incidentctl runbook",
        "description": "What to look at, what to ask and what to do when a service fails.  docs/runbook-format.md",
        **_mapping("runbook", keys.RUNBOOK),
        "$defs": {name.replace(" ", "-"): part for name, part in _definitions().items()},
    }


def _definitions() -> dict[str, Schema]:
    return {**_values(), **_parts(), **_sources(), **_steps()}


# --- words and numbers -------------------------------------------------------------------------------------


def _values() -> dict[str, Schema]:
    words = {"process": keys.PROCESSES, "phase": keys.PHASES}
    return {
        "text": {"type": [*_SCALARS, "null"]},
        "required": {"type": _SCALARS, "pattern": r"\S"},
        "texts": _list("text"),
        "text or texts": {"type": [*_SCALARS, "array", "null"], "items": _ref("text")},
        "text by name": _by_name("text"),
        "format": {"enum": [1, "1", None]},
        "name": _scalar(rf"^\s*{_WORD % '._-'}\s*$"),
        "id": _scalar(rf"^\s*{_WORD % '_-'}\s*$"),
        "date": {"type": ["string", "null"], "pattern": r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$", "format": "date"},
        "duration": {"type": ["string", "null"], "pattern": _DURATION, "examples": ["30 s", "5 min", "6 h", "2 days"]},
        "whole": {"type": ["integer", "string", "null"], "minimum": 1, "pattern": _NUMBER},
        "flag": {"enum": [True, False, "true", "false", None]},
        "link type": {"anyOf": [{"enum": list(keys.LINK_TYPES)}, _ref("text")]},
        "condition": {"type": [*_SCALARS, "null"], "maxLength": keys.LONGEST_CONDITION},
        "conditions": _list("condition"),
        **{name: {"enum": [*some, None]} for name, some in words.items()},
    }


def _scalar(pattern: str) -> Schema:
    return {"type": [*_SCALARS, "null"], "pattern": pattern}


# --- parts of a runbook ------------------------------------------------------------------------------------


def _parts() -> dict[str, Schema]:
    dependency = _mapping("dependency", keys.DEPENDENCY)
    dependency["oneOf"] = [
        {"required": ["service"], **_none_of(["external", "status", "fallback"])},
        {"required": ["external"], **_none_of(["service"])},
    ]
    return {
        "link": _mapping("link", keys.LINK, required=("url",)),
        "links": _list("link"),
        "person": _mapping("person", keys.PERSON),
        "people": _by_name("person"),
        "dependency": dependency,
        "dependencies": _list("dependency"),
        "level": _mapping("level", keys.LEVEL),
        "levels": _by_name("level", rf"^{_WORD % '_-'}$"),
        "comms": _mapping("comms", keys.COMMS),
        "template": _mapping("template", keys.TEMPLATE, required=("audience", "text")),
        "templates": _list("template"),
        "all_clear": _mapping("all_clear", keys.ALL_CLEAR),
        "postmortem": _mapping("postmortem", keys.POSTMORTEM),
        "need": _mapping("need", keys.NEED, required=("ask",)),
        "needs": _by_name("need", r"^[A-Za-z_][A-Za-z0-9_]*$"),
    }


def _sources() -> dict[str, Schema]:
    """Signals, checks and channels: each takes one kind of source."""
    kinds = {
        **{f"{kind} source": _mapping(f"{kind} source", table) for kind, table in keys.SOURCES.items()},
        **{f"{kind} channel": _mapping(f"{kind} channel", table) for kind, table in keys.CHANNELS.items()},
        **{f"{kind} act": _mapping(f"{kind} act", table) for kind, table in keys.ACTIONS.items()},
    }
    return {
        **kinds,
        **{kind: _mapping(kind, table) for kind, table in keys.DEPLOYS.items()},
        "sources": _mapping("sources", dict.fromkeys(keys.SOURCES, "source")),
        "signal": _mapping("signal", keys.SIGNAL, one_of=keys.SIGNAL_SOURCES),
        "signals": _by_name("signal", rf"^{_WORD % '_.:-'}$"),
        "check": {**_mapping("check", keys.CHECK), "minProperties": 1, "maxProperties": 1},
        "checks": {"type": ["array", "null"], "items": {**_ref("check"), "type": "object"}},
        "audience": _mapping("audience", keys.AUDIENCE, one_of=tuple(keys.CHANNELS)),
        "audiences": _by_name("audience"),
    }


# --- steps -------------------------------------------------------------------------------------------------


def _steps() -> dict[str, Schema]:
    steps = {f"{kind} step": _mapping(f"{kind} step", table, required=(kind,)) for kind, table in keys.STEPS.items()}
    with_inputs = {"required": ["shell", "needs"], "properties": {"shell": {"enum": [True, "true"]}}}
    for kind in ("action", "rollback"):
        steps[f"{kind} step"]["not"] = with_inputs
    steps["listed action step"] = _mapping("action step", _listed(keys.STEPS["action"]), required=("action",))
    lists = {"tree": keys.TREE_STEPS, "items": keys.LIST_STEPS, "fallback": keys.FALLBACK_STEPS}
    for name, kinds in lists.items():
        steps[f"step used in {name}"] = _used_step(name, kinds)
        steps[f"step in {name}"] = _step(name, kinds)
        steps[name] = _list(f"step in {name}")
    steps["omitted step"] = _mapping("omitted step", keys.OMITTED, required=tuple(keys.OMITTED))
    return steps


def _step(name: str, kinds: Sequence[str]) -> Schema:
    """Its first key tells what a step is, so that an editor names the key that is wrong, and not all that could be."""
    omitted, used = ["use", "omit"], ["use"]
    branches = [
        (omitted, "omitted step"),
        (used, f"step used in {name}"),
        *(([kind], f"{'listed ' * _is_less(name, kind)}{kind} step") for kind in kinds),
    ]
    chain: Schema = {"anyOf": [{"required": [key]} for key in (*kinds, "use")]}  # nothing tells: so this is said
    for wanted, part in reversed(branches):
        chain = {"if": {"required": wanted}, "then": _ref(part), "else": chain}
    return {"type": "object", **chain}


def _used_step(name: str, kinds: Sequence[str]) -> Schema:
    """`use`, with any key of the steps that may stand there: which step it is, the name alone does not tell."""
    properties: Schema = {"use": {**_ref("required"), "description": WORDS["omitted step"]["use"]}}
    for kind in kinds:
        table = keys.STEPS[kind]
        properties |= _properties(f"{kind} step", _listed(table) if _is_less(name, kind) else table)
    return {
        "type": "object",
        "properties": properties,
        "required": ["use"],
        "additionalProperties": False,
        **_at_most_one(kinds),
    }


def _listed(table: Keys) -> Keys:
    """The keys of a step in a list that is ticked."""
    return {key: kind for key, kind in table.items() if key not in keys.NOT_LISTED}


def _is_less(name: str, kind: str) -> bool:
    return name == "items" and kind == "action"


# --- what schemas are made of ------------------------------------------------------------------------------


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name.replace(' ', '-')}"}


def _mapping(name: str, table: Keys, required: Sequence[str] = (), one_of: Sequence[str] = ()) -> Schema:
    """The keys of `table`, and no other.  What has a required key cannot be left empty."""
    shape: Schema = {"type": "object", "required": list(required)} if required else {"type": ["object", "null"]}
    shape |= {"properties": _properties(name, table, required), "additionalProperties": False}
    return {**shape, **(_at_most_one(one_of) if one_of else {})}


def _properties(name: str, table: Keys, required: Sequence[str] = ()) -> dict[str, Schema]:
    return {
        key: {**_ref("required" if key in required else _kind(key, kind)), "description": WORDS[name][key]}
        for key, kind in table.items()
    }


def _kind(key: str, kind: str) -> str:
    """A source, a channel and an act are each another mapping."""
    return f"{key} {kind}" if kind in ("source", "channel", "act") else kind


def _list(item: str) -> Schema:
    return {"type": ["array", "null"], "items": _ref(item)}


def _by_name(value: str, pattern: str = "") -> Schema:
    """A mapping whose keys are the author's."""
    shape: Schema = {"type": ["object", "null"], "additionalProperties": _ref(value)}
    return {**shape, "propertyNames": {"pattern": pattern}} if pattern else shape


def _none_of(names: Iterable[str]) -> Schema:
    return {"not": {"anyOf": [{"required": [name]} for name in names]}}


def _at_most_one(names: Iterable[str]) -> Mapping[str, object]:
    return {"not": {"anyOf": [{"required": list(pair)} for pair in combinations(names, 2)]}}
