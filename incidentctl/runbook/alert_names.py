"""Which services' runbooks answer to which alerts: the `alerts:` of every file, and nothing else of it.

Three hundred files take a moment this way, and one that is broken elsewhere is found all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from incidentctl.record import record
from incidentctl.runbook.load import service_files, service_in, shown
from incidentctl.runbook.nodes import File, ListNode, Origin, ScalarNode
from incidentctl.runbook.source import MAX_BYTES, Problems, read_source

# Up to the next key of the document.  The items of a list may stand in the first column, and so may its bracket.
_BLOCK: Final = re.compile(r"""^alerts[ \t]*:(?:[^\n]*)(?:\n(?=[ \t\r\n#\-\])]|$)[^\n]*)*""", re.MULTILINE)


@record
class Declared:
    """The services by the name of an alert that they answer to, and what was wrong with a file's `alerts:`."""

    services: Mapping[str, tuple[str, ...]]
    remarks: tuple[str, ...] = ()


def declared(directory: Path | None) -> Declared:
    """What the runbooks in `directory` declare.  Never raises: a file that cannot be read is a remark."""
    services: dict[str, tuple[str, ...]] = {}
    remarks: list[str] = []
    for path in service_files(directory):
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                text = file.read(MAX_BYTES)
        except OSError as error:
            remarks.append(f"{shown(path)} cannot be read: {error.strerror or error}.")
            continue
        service = service_in(text) or path.stem
        for name in _names(path, text, remarks):
            services[name] = (*services.get(name, ()), service)
    return Declared(services, tuple(remarks))


def _names(path: Path, text: str, remarks: list[str]) -> Iterator[str]:
    block = _BLOCK.search(text)
    if block is None:
        return
    problems = Problems()
    root = read_source(File(shown(path), Origin.SERVICE), block[0].encode(), problems).root
    if problems.found or "alerts" not in root.entries:
        remarks.append(f"{shown(path)}: its `alerts:` cannot be read, so it answers to none.")
        return
    _, node = root.entries["alerts"]
    for item in node.items if isinstance(node, ListNode) else [node]:
        if isinstance(item, ScalarNode) and item.text.strip():
            yield item.text.strip()
