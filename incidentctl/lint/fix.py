"""`--fix`: small edits at the places of findings; comments, order and quoting of everything else stay as they are.

An edit is kept only where the file then has fewer findings, so that what was a guess never makes a file worse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from incidentctl.lint.finding import Finding
from incidentctl.record import record
from incidentctl.runbook.comments import LINE_BREAK
from incidentctl.runbook.nodes import File, ListNode, MappingNode, Node, Origin, ScalarNode
from incidentctl.runbook.source import Problems, read_source

_ALIKE: Final = 0.75
_PROMPT: Final = re.compile(r"""(?m)^([ \t]*['"]?)\$ +""")
_FIRST_ON_LINE: Final = re.compile(r"the first is on line (\d+)")


@record
class Edit:
    """The text from `start` to `end` (offsets in code points) becomes `text`."""

    start: int
    end: int
    text: str


class Text:
    """A file's text, by the lines and columns that findings speak of."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_BREAK.finditer(self.text))]

    def offset(self, line: int, column: int) -> int:
        """Where a place is; the end of the text for one behind it."""
        if line > len(self._starts):
            return len(self.text)
        return min(len(self.text), self._starts[line - 1] + column - 1)

    def span(self, finding: Finding) -> tuple[int, int]:
        """Where a finding begins and ends."""
        return self.offset(finding.line, finding.column), self.offset(finding.end_line, finding.end_column)

    def line(self, number: int) -> tuple[int, int]:
        """Where a line begins, and where the next one does."""
        return self.offset(number, 1), self.offset(number + 1, 1)

    def line_end(self, offset: int) -> int:
        """The end of the line that holds `offset`, before its line break."""
        match = LINE_BREAK.search(self.text, offset)
        return match.start() if match else len(self.text)

    @property
    def new_line(self) -> str:
        """How this file ends its lines."""
        match = LINE_BREAK.search(self.text)
        return match[0] if match else "\n"

    @cached_property
    def root(self) -> Node:
        """The nodes of the file by itself."""
        return read_source(File("", Origin.SERVICE), self.text.encode("utf-8", "replace"), Problems()).root


Fixer = Callable[[Text, Finding], Edit | None]


def is_fixable(text: Text, finding: Finding) -> bool:
    """Whether there is an edit for it."""
    fixer = FIXERS.get(finding.rule)
    return fixer is not None and fixer(text, finding) is not None


def mended(text: str, findings: Iterable[Finding]) -> str:
    """`text` with an edit for each of `findings` that has one; of two that overlap only the first."""
    source = Text(text)
    fixers = ((FIXERS.get(finding.rule), finding) for finding in findings)
    edits = [edit for fixer, finding in fixers if fixer is not None and (edit := fixer(source, finding)) is not None]
    pieces, done = [], 0
    for edit in sorted(dict.fromkeys(edits), key=lambda one: (one.start, one.end)):
        if edit.start < done:
            continue
        pieces += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*pieces, text[done:]])


# --- one function for each rule ----------------------------------------------------------------------------


def _as_told(text: Text, finding: Finding) -> Edit | None:
    """What the finding itself says belongs there."""
    return Edit(*text.span(finding), finding.fix) if finding.fix else None


def _near_key(text: Text, finding: Finding) -> Edit | None:
    """Only a key that is nearly the known one: a guess must not put words into somebody's runbook."""
    from difflib import SequenceMatcher

    start, end = text.span(finding)
    alike = SequenceMatcher(None, text.text[start:end].strip("'\""), finding.fix).ratio()
    return Edit(start, end, finding.fix) if finding.fix and alike >= _ALIKE else None


def _second_of_two(text: Text, finding: Finding) -> Edit | None:
    """Remove the second of two equal lines; where they differ, a person has to say which one is right."""
    told = _FIRST_ON_LINE.search(finding.message)
    if told is None:
        return None
    start, end = text.line(finding.line)
    line, first = text.text[start:end].rstrip(), text.text[slice(*text.line(int(told[1])))].rstrip()
    key = text.text[start : text.offset(finding.line, finding.column)]
    below = text.text[end : text.line_end(end)]
    stands_alone = not key.strip() and len(below) - len(below.lstrip()) <= len(key)
    is_list = below.strip().startswith("- ") and len(below) - len(below.lstrip()) == len(key)
    same = first.removeprefix(key) == line.removeprefix(key) or first.lstrip(" -") == line.lstrip()
    has_value = bool(re.match(r"[^:]+:\s+[^\s|>#&]", line))
    return Edit(start, end, "") if stands_alone and same and has_value and not is_list else None


def _without_prompt(text: Text, finding: Finding) -> Edit | None:
    start, end = text.span(finding)
    command = text.text[start:end]
    stripped = _PROMPT.sub(r"\1", command)
    return Edit(start, end, stripped) if stripped != command else None


def _with_tls(text: Text, finding: Finding) -> Edit | None:
    start, end = text.span(finding)
    at = text.text.find("http://", start, end)
    return Edit(at, at + len("http://"), "https://") if at >= 0 else None


def _encoded(text: Text, finding: Finding) -> Edit | None:
    """A byte order mark or a NUL goes; a tab that indents becomes two spaces."""
    start, _ = text.span(finding)
    if text.text[start : start + 1] in ("\ufeff", "\0"):
        return Edit(start, start + 1, "")
    begin, _ = text.line(finding.line)
    line = text.text[begin : text.line_end(begin)]
    blank = line[: len(line) - len(line.lstrip(" \t"))]
    return Edit(begin, begin + len(blank), blank.replace("\t", "  ")) if "\t" in blank else None


def _with_id(text: Text, finding: Finding) -> Edit | None:
    """The line `id: ...` behind the step's first key; in `{...}` behind its first value."""
    start, _ = text.span(finding)
    here = (finding.line, finding.column)
    node = next((one for one in _mappings(text.root) if (one.span.line, one.span.column) == here), None)
    if node is None or not finding.fix or not node.entries:
        return None
    key, value = next(iter(node.entries.values()))
    if not isinstance(value, ScalarNode):
        return None
    end = text.offset(value.span.end_line, value.span.end_column)
    if text.text[start] == "{":
        return Edit(end, end, f", {finding.fix}")
    if text.offset(key.span.line, key.span.column) != start:
        return None  # an anchor or a tag stands before it
    line = f"{' ' * (key.span.column - 1)}{finding.fix}"
    if value.span.end_column == 1:  # a block of text ends where the next line begins
        return Edit(end, end, f"{line}{text.new_line}")
    end = text.line_end(end)
    return Edit(end, end, f"{text.new_line}{line}")


def _mappings(node: Node) -> Iterator[MappingNode]:
    if isinstance(node, MappingNode):
        yield node
        for _, value in node.entries.values():
            yield from _mappings(value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _mappings(item)


FIXERS: Final[Mapping[str, Fixer]] = {
    "duplicate-key": _second_of_two,
    "unknown-key": _near_key,
    "implicit-type": _as_told,
    "encoding": _encoded,
    "insecure-link": _with_tls,
    "missing-id": _with_id,
    "shell-prompt": _without_prompt,
}
"""The rules that `--fix` mends."""
