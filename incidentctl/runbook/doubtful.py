"""Texts that other YAML readers take for something else: `12:30` is 750 to some, `no` is false, `010` is eight.

incidentctl reads what is written.  Editors, formatters and whoever writes the next tool may not, so such a text is
better in quotes.  This is for lint; a walk does not need it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from incidentctl.runbook.keys import ACTIONS, CHANNELS, LEVEL, SOURCES, STEPS, Keys
from incidentctl.runbook.load import Loaded
from incidentctl.runbook.nodes import ListNode, MappingNode, Node, Origin, ScalarNode
from incidentctl.runbook.source import Problem, Problems, Source

_LONGEST: Final = 40
_WORDS: Final = {
    **dict.fromkeys(("yes", "on", "true"), "true"),
    **dict.fromkeys(("no", "off", "false"), "false"),
    **dict.fromkeys(("~", "null"), "nothing"),
    **dict.fromkeys((".inf", "+.inf", "-.inf"), "infinity"),
    ".nan": "not a number",
}
_LONGEST_WORD: Final = max(map(len, _WORDS))
_SIGNS: Final = ("-", "+", ".")
_PLAIN: Final = re.compile(r"0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d+")
_SIXTIES: Final = re.compile(r"([-+]?)([1-9][\d_]*(?::[0-5]?\d)+)(\.\d*)?")
_BASES: Final = (
    (2, re.compile(r"([-+]?)0b([01_]+)")),
    (8, re.compile(r"([-+]?)0o?([0-7_]+)")),
    (16, re.compile(r"([-+]?)0x([\da-fA-F_]+)")),
    (10, re.compile(r"([-+]?)([1-9][\d_]*)")),
)
_FLOAT: Final = re.compile(r"[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][-+]?\d+)?")
_TABLES: Final[tuple[Keys, ...]] = (LEVEL, *STEPS.values(), *SOURCES.values(), *CHANNELS.values(), *ACTIONS.values())
_FLAGS: Final = frozenset(key for table in _TABLES for key, kind in table.items() if kind == "flag")


def doubtful_texts(loaded: Loaded) -> list[Problem]:
    """Every such text and key in what the organisation and the service wrote, unless something else is wrong with it.

    `fix` is the text in quotes.  Empty where a file cannot be read at all.
    """
    if loaded.root is None or not any(map(_may_hold_one, loaded.sources)):
        return []
    problems, seen = Problems(), {(one.file, one.line, one.column) for one in loaded.problems}
    for node in _written(loaded.root):
        other = read_elsewhere(node.text)
        if other and (node.file.name, node.span.line, node.span.column) not in seen:
            message = f"`{node.text}` is {other} to other YAML readers"
            problems.remark(node, "implicit-type", message, f'Write "{node.text}".', f'"{node.text}"')
    return sorted(problems.remarks, key=lambda one: (one.file, one.line, one.column))


@lru_cache(maxsize=1024)  # the keys are the same in every file, and so is most of what is inherited
def read_elsewhere(text: str) -> str:
    """What YAML 1.1 or 1.2 makes of `text` without quotes, in words, where that is not what is written; else empty."""
    if not text[:1].isdecimal() and not text.startswith(_SIGNS):
        return _WORDS.get(text.lower(), "") if len(text) <= _LONGEST_WORD else ""
    if len(text) > _LONGEST or _PLAIN.fullmatch(text):
        return ""
    return _WORDS.get(text.lower(), "") or _number(text)


def _number(text: str) -> str:
    if sixties := _SIXTIES.fullmatch(text):
        total = 0
        for part in sixties[2].replace("_", "").split(":"):
            total = total * 60 + int(part)
        return f"{sixties[1].strip('+')}{total}{sixties[3] or ''}"
    for base, pattern in _BASES:
        match = pattern.fullmatch(text)
        if match and match[2].strip("_"):
            return f"{match[1].strip('+')}{int(match[2].replace('_', ''), base)}"
    if _FLOAT.fullmatch(text) and not text.isdigit():
        return f"{float(text.replace('_', '')):g}"
    return ""


def _may_hold_one(source: Source) -> bool:
    """Whether it is worth while to look which of the texts are still there when all layers are merged."""
    if source.file.origin is Origin.BUILT_IN:
        return False
    if source.scalars is None:
        return True
    doubtful = [one for one in source.scalars if read_elsewhere(one.text) and not one.quoted]
    return any(not _is_flag(one.route[-1], one) for one in doubtful)


def _is_flag(name: str | int, node: Node) -> bool:
    return name in _FLAGS and isinstance(node, ScalarNode) and node.text in ("true", "false")


def _written(root: Node) -> list[ScalarNode]:
    """Every text without quotes and every key that somebody wrote, each once; not the flags, which are no texts."""
    found: list[ScalarNode] = []
    _gather(root, set(), found)
    return found


def _gather(node: Node, seen: set[int], found: list[ScalarNode]) -> None:
    if node.file.origin is Origin.BUILT_IN or id(node) in seen:  # below a built-in part there are only built-in ones
        return
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        if not node.quoted:
            found.append(node)
    elif isinstance(node, ListNode):
        for item in node.items:
            _gather(item, seen, found)
    elif isinstance(node, MappingNode):
        for name, (key, value) in node.entries.items():
            _gather(key, seen, found)
            if not _is_flag(name, value):
                _gather(value, seen, found)
