"""The names of the alerts that a runbook answers to, where its source says that they are alerts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from incidentctl.runbook.markdown.blocks import Block

_LABEL: Final = re.compile(
    r"(?im)^[>\s*+#|-]{0,12}(?:firing )?alert(?:[ _-]?names?|s)?\**[ \t]*(?::|\|)\**[ \t]*(\S.*?)[ \t|]*$"
)
_COLUMN: Final = re.compile(r"(?i)\W*alert(?:[ _-]?name)?s?\W*")
_HEADING: Final = re.compile(r"(?i)\W*(?:firing )?alert(?:s|[ _-]?names?)\W*")
_NAME: Final = re.compile(r"[A-Za-z_][\w:.-]{2,99}")
_CAMEL: Final = re.compile(r"(?=\w{0,98}[a-z0-9][A-Z])[A-Za-z]\w*")
_NONE: Final = frozenset({"none", "n/a", "yes", "tbd", "todo", "see", "the", "name", "warning", "critical"})
_LONGEST: Final = 2_000


def alerts_in(block: Block, heading: str) -> Iterator[str]:
    """`**Alert:** X`, `alertname: X`, a column `Alert` of a table, the items of a list under `Alerts`."""
    if block.kind in ("code", "other"):
        return
    if block.kind == "table" and block.rows:
        yield from _in_columns(block.rows)
    if block.kind == "list" and _HEADING.fullmatch(heading):
        for item in block.blocks:
            yield from alert_names(re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", item.raw))
    for found in _LABEL.finditer(block.raw[:_LONGEST]):
        yield from alert_names(found[1])


def _in_columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    head, *others = rows
    for place in [place for place, cell in enumerate(head) if _COLUMN.fullmatch(cell)]:
        for row in others:
            yield from alert_names(row[place])


def alert_names(text: str) -> list[str]:
    """The names in a text that holds nothing but names: `A`, `B` and `C`; none where it says anything else.

    A name is a word that no sentence has: in backquotes or quotation marks, or with capitals or `_` within.
    """
    parts = [part.strip() for part in re.split(r",|;|\bor\b|\band\b", text)] if len(text) <= _LONGEST else []
    names = [re.sub(r"^\[([^\]]+)\]\(\S*\)$", r"\1", part).strip("`\"'* ") for part in parts]
    are_names = all(map(_is_name, names, parts))
    return names if are_names else []


def _is_name(name: str, written: str) -> bool:
    is_odd = bool(_CAMEL.fullmatch(name)) or "_" in name or written[:1] in ('"', "`", "'")
    return is_odd and _NAME.fullmatch(name) is not None and name.casefold() not in _NONE


def alert_of_title(title: str, text: str) -> str:
    """`KubePodCrashLooping`, where the text calls it an alert, or has the headings that pages about alerts have."""
    name = re.sub(r"\s*[\[(][^\])]*[\])]$", "", title.strip("`*# "))
    if not _CAMEL.fullmatch(name) or not _NAME.fullmatch(name):
        return ""
    called = re.search(rf"(?i)[`*\"']?\b{name}\b[`*\"']{{0,2}}\s+alert|\balert\s+[`*\"']{{0,2}}{name}\b", text)
    return name if called or re.search(r"(?im)^#{2,3} +meaning\W*$", text) else ""
