"""Markdown -> YAML, as a whole: read, written, read back, and mended where a rule finds that a step would mislead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from incidentctl.record import record
from incidentctl.runbook.load import joined, read_layer
from incidentctl.runbook.markdown.blocks import Document, Place, document
from incidentctl.runbook.markdown.draft import Draft, Part, Remark, Step
from incidentctl.runbook.markdown.edits import Printer
from incidentctl.runbook.markdown.emit import Emitted, emitted
from incidentctl.runbook.markdown.loss import lost_lines
from incidentctl.runbook.markdown.reader import not_found, read
from incidentctl.runbook.markdown.returned import Returned, returned
from incidentctl.runbook.nodes import ListNode, MappingNode, Node, ScalarNode
from incidentctl.runbook.source import Problem, Problems

_ROUNDS: Final = 6
_LONGEST_SHOWN: Final = 70
Wrong = tuple[int, str]
"""A line of the YAML, from 1, and what is wrong there."""
Judge = Callable[[str], Sequence[Wrong]]


@record
class Imported:
    """The YAML of a service, and the report.

    `edits` say what people changed on a page that `show` had printed, `notes` what was kept as a note or a comment,
    `missing` what was not found, `lost` the lines that arrived nowhere, `misread` the values that do not read back as
    they are (none of both, unless there is a bug), `problems` why the YAML cannot be walked, `wrong` what the judge
    still finds and no note can mend.
    """

    text: str
    draft: Draft
    edits: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    missing: tuple[str, ...]
    lost: tuple[Remark, ...]
    misread: tuple[str, ...]
    problems: tuple[Problem, ...]
    wrong: tuple[Wrong, ...]


def convert(service: str, files: Sequence[tuple[str, str]], judge: Judge, printer: Printer | None = None) -> Imported:
    """`files` (name and text) as one runbook for `service`.

    `judge` says on which lines of a YAML text something would fail or mislead; such a step is kept as a note, in the
    words of the source, until nothing is found or nothing more can be mended.  A single page that `printer` wrote is
    read by what it carries; all else, and such a page that carries nothing sound any more, by what stands in it.
    """
    if printer is not None and len(files) == 1:
        page = returned(service, *files[0], printer, lambda text: len(judge(text)))
        if page is not None:
            return _of_page(service, page, judge)
    return _of_documents(service, files, judge)


def _of_page(service: str, page: Returned, judge: Judge) -> Imported:
    problems, _ = _read_back(service, page.text)
    return Imported(
        text=page.text,
        draft=page.draft,
        edits=page.edits,
        notes=(*page.kept, *_kept(page.draft)),
        missing=(),
        lost=tuple(_lost(page.draft, page.draft.documents)),
        misread=(),
        problems=problems,
        wrong=tuple(judge(page.text)),
    )


def _of_documents(service: str, files: Sequence[tuple[str, str]], judge: Judge) -> Imported:
    documents = [document(name, text) for name, text in files]
    draft = read(service, documents)
    result = emitted(draft)
    wrong: Sequence[Wrong] = ()
    for _ in range(_ROUNDS):
        wrong = [*_unwalkable(service, result.text), *judge(result.text)]
        parts = _blamed(result, wrong)
        if not parts:
            break
        draft = draft.without([*parts], [*parts.values()])
        result = emitted(draft)
    problems, texts = _read_back(service, result.text)
    return Imported(
        text=result.text,
        draft=draft,
        edits=(),
        notes=(*draft.remarks, *_kept(draft)),
        missing=tuple(not_found(draft)),
        lost=tuple(_lost(draft, documents)),
        misread=tuple(text for text in result.texts if text not in texts),
        problems=problems,
        wrong=tuple(wrong),
    )


def _blamed(result: Emitted, wrong: Sequence[Wrong]) -> dict[Step | Part, str]:
    """The parts that stand on those lines, except notes: there is nothing simpler to make of them."""
    found: dict[Step | Part, str] = {}
    for line, why in wrong:
        part = result.at(line)
        if part is not None and not (isinstance(part, Step) and part.kind == "note"):
            found.setdefault(part, why)
    return found


def _unwalkable(service: str, text: str) -> list[Wrong]:
    return [(one.line, one.message) for one in _read_back(service, text)[0]]


def _read_back(service: str, text: str) -> tuple[tuple[Problem, ...], set[str]]:
    """What keeps the YAML from being walked, and every text that its reader finds in it."""
    problems = Problems()
    own = read_layer(Path(f"{service}.yaml"), problems, text.encode())
    loaded = joined(service, [read_layer(None, problems), own], problems)
    return loaded.problems, set(_texts(own.source.root))


def _texts(node: Node) -> Iterator[str]:
    match node:
        case ScalarNode():
            yield node.text
        case ListNode():
            for item in node.items:
                yield from _texts(item)
        case MappingNode():
            for key, value in node.entries.values():
                yield key.text
                yield from _texts(value)
        case _:
            pass


def _kept(draft: Draft) -> Iterator[Remark]:
    """The notes and comments, each with how it begins."""
    for step in draft.steps():
        if step.kind == "note":
            yield Remark(step.at, f"kept as a note: {_beginning(step.text)}")
    for remark in draft.comments:
        yield Remark(remark.at, f"kept as a comment: {_beginning(remark.text)}")
    for step in draft.steps():
        if step.kind == "ask":
            yield Remark(step.at, f"read as a question: {_beginning(step.text)}")


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}..."


def _lost(draft: Draft, documents: Sequence[Document]) -> Iterator[Remark]:
    for one in documents:
        for number in lost_lines(draft, one):
            yield Remark(Place(one.file, number, number + 1), f"not taken over: {one.lines[number]}")
