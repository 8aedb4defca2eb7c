"""What somebody said of a service -> the text of its runbook.  What was not said is not in it."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, timedelta
from typing import Final, Literal

from incidentctl.record import record
from incidentctl.runbook.doubtful import read_elsewhere
from incidentctl.runbook.model import FOUR_QUESTIONS, Link, Person

_WIDTH: Final = 110
_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w ./()'+=-]*[\w./()'+=-])?")
"""What YAML reads as it stands, in a line and between braces alike."""


@record
class Sketch:
    """What is known of a service; everything empty is left out.

    `process` is empty before the questions of P-FIT-1.  `rollback` is one command line, with `shell` where it needs
    one.  `omitted` gives for a question of the tree the reason why it is not asked.  `externals` are the names of
    those it depends on, each with its status page or an empty text; `services` are our own.  `schema` is
    where editors find the JSON Schema.
    """

    service: str
    reviewed: date
    process: Literal["", "full", "light"] = ""
    title: str = ""
    description: str = ""
    owner: str = ""
    links: tuple[Link, ...] = ()
    people: tuple[Person, ...] = ()
    rollback: str = ""
    shell: bool = False
    omitted: Mapping[str, str] = field(default_factory=dict)
    externals: tuple[tuple[str, str], ...] = ()
    feature: str = ""
    stable_for: timedelta | None = None
    schema: str = ""
    services: tuple[str, ...] = ()


def runbook_yaml(sketch: Sketch) -> str:
    """The file, in the order of the format; it is read back as it was said."""
    return "".join(f"{line}\n" for line in _lines(sketch))


def _lines(sketch: Sketch) -> Iterator[str]:
    if sketch.schema:
        yield f"# yaml-language-server: $schema={sketch.schema}"
    yield "format: 1"
    yield f"service: {scalar(sketch.service)}"
    if sketch.title and sketch.title != sketch.service:
        yield f"title: {scalar(sketch.title)}"
    if sketch.description:
        yield from _paragraph("description", sketch.description)
    if sketch.owner:
        yield f"owner: {scalar(sketch.owner)}"
    if sketch.process:
        yield f"process: {sketch.process}"
    yield f"reviewed: {sketch.reviewed.isoformat()}"
    yield from _section("links", map(_link, sketch.links))
    yield from _section("people", map(_person, sketch.people))
    yield from _section("depends_on", _dependencies(sketch))
    yield from _section("decision_tree", _tree(sketch))
    if sketch.feature:
        yield from _section("comms", [f"  feature: {scalar(sketch.feature)}"])
    if sketch.stable_for is not None:
        yield from _section("all_clear", [f"  stable_for: {_duration(sketch.stable_for)}"])


def _section(key: str, lines: Iterator[str] | map[str] | list[str]) -> Iterator[str]:
    body = list(lines)
    if body:
        yield from ("", f"{key}:", *body)


def _paragraph(key: str, text: str) -> Iterator[str]:
    """A long text in lines, which YAML puts together again."""
    text = " ".join(text.split())
    if len(text) <= _WIDTH or not text.isprintable():
        yield f"{key}: {scalar(text)}"
        return
    yield f"{key}: >-"
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _link(link: Link) -> str:
    return f"  - {{type: {scalar(link.type)}, title: {scalar(link.title)}, url: {scalar(link.url)}}}"


def _person(person: Person) -> str:
    ways = "".join(f", {way}: {scalar(where)}" for way, where in person.ways)
    return f"  {person.role}: {{name: {scalar(person.name)}{ways}}}"


def _dependencies(sketch: Sketch) -> Iterator[str]:
    yield from (f"  - service: {scalar(name)}" for name in sketch.services)
    for name, status in sketch.externals:
        yield f"  - external: {scalar(name)}"
        if status:
            yield f"    status: {scalar(status)}"


def _tree(sketch: Sketch) -> Iterator[str]:
    """The four questions of the process in their order (P-TREE-1 to P-TREE-4)."""
    for name in FOUR_QUESTIONS:
        yield f"  - use: {name}"
        if name in sketch.omitted:
            yield f"    omit: {scalar(sketch.omitted[name])}"
        elif name == "recent-deploy" and sketch.rollback:
            yield "    if_yes:"
            yield "      - use: roll-back"
            yield f"        run: {scalar(sketch.rollback)}"
            if sketch.shell:
                yield "        shell: true"


def _duration(duration: timedelta) -> str:
    seconds = int(duration.total_seconds())
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def scalar(text: str) -> str:
    """`text` as one YAML scalar on one line: plain where every reader takes it for the same text, else in quotes."""
    if _PLAIN.fullmatch(text) and not read_elsewhere(text):
        return text
    return json.dumps(text, ensure_ascii=False)
