"""For people: by file, with the source line and a caret under what is meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final, Literal

from incidentctl.lint.finding import Finding
from incidentctl.lint.report import Report
from incidentctl.lint.secrets import shown_columns
from incidentctl.record import record
from incidentctl.runbook.comments import lines_of
from incidentctl.text.escape import clean, columns
from incidentctl.text.redact import redact

Style = Literal["", "bold", "dim", "yellow", "bold red", "green"]
_STYLE: Final[dict[str, Style]] = {"error": "bold red", "warning": "yellow"}
_AROUND: Final = 24  # columns that stay before a token far to the right
_FAR: Final = 200


@record
class Line:
    """One line, ready to be printed; it may be wider than the screen only where nothing in it can be broken."""

    text: str
    style: Style = ""


def lines(report: Report, width: int) -> Iterator[Line]:
    """Every finding under its file, then the sum."""
    for name, findings in groupby(report.findings, key=lambda finding: finding.file):
        yield Line(clean(name), "bold")
        source = _source(report.texts.get(name, ""))
        for finding in findings:
            yield from _shown(finding, source, width)
        yield Line("")
    for line in _sum(report):
        for text in _wrapped(line.text, width, ""):
            yield Line(text, line.style)


@record
class _Source:
    """A file's lines as they were read, and without their secrets; none where the two cannot be laid side by side."""

    read: list[str]
    shown: list[str]


def _source(text: str) -> _Source:
    read, shown = lines_of(text), lines_of(redact(text))
    return _Source(read, shown) if len(read) == len(shown) else _Source([], [])


def _shown(finding: Finding, source: _Source, width: int) -> Iterator[Line]:
    head = f"  {finding.line}:{finding.column} {finding.severity} {finding.rule}: {clean(finding.message)}"
    for text in _wrapped(head, width, "      "):
        yield Line(text, _STYLE[finding.severity])
    yield from _excerpt(finding, source, width)
    if finding.hint:
        for text in _wrapped(f"      {clean(finding.hint)}", width, "      "):
            yield Line(text)


def _excerpt(finding: Finding, source: _Source, width: int) -> Iterator[Line]:
    """The line and the carets; nothing where it is empty, or where it cannot be said what of it stands where."""
    if finding.line > len(source.read) or not source.read[finding.line - 1].strip():
        return
    line, shown = source.read[finding.line - 1], source.shown[finding.line - 1]
    start = finding.column - 1
    end = max(start, finding.end_column - 1) if finding.end_line == finding.line else len(line)
    place = shown_columns(line, shown, start, end)
    if place is not None:
        text, caret = _pointed(shown, *place, width - 10)
        yield Line(f"{finding.line:>7} | {text}")
        yield Line(f"{'':>7} | {caret}", _STYLE[finding.severity])


def _pointed(line: str, start: int, end: int, width: int) -> tuple[str, str]:
    """The source line and the carets under `line[start:end]`, cut to `width` columns around them."""
    # A line may be as long as a file: only what can be shown is looked at.
    before, token = clean(line[max(0, start - _FAR) : start]), clean(line[start:end][:_FAR])
    after = clean(line[end : end + _FAR])
    if columns(before) + min(columns(token), _AROUND) > width:
        before = before[-_AROUND:]
        while columns(before) > _AROUND:
            before = before[1:]
        before = f"…{before}"
    room = max(1, width - columns(before))
    token = _cut(token, room)
    caret = " " * columns(before) + "^" * max(1, min(columns(token), room))
    return _cut(before + token + after.rstrip(), width), caret


def _cut(text: str, width: int) -> str:
    if len(text) <= width // 2 or columns(text) <= width:
        return text
    text = text[:width]
    while columns(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def _wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    """`text` broken between words; the lines after the first begin with `indent`."""
    lead = text[: len(text) - len(text.lstrip())]
    line = lead
    for word in text.split():
        if line.strip() and columns(line) + 1 + columns(word) > width:
            yield line
            line = indent
        line += word if not line.strip() else f" {word}"
    yield line


def _sum(report: Report) -> Iterator[Line]:
    looked = _count(len(report.files), "file")
    if not report.findings:
        yield Line(f"{looked}, nothing found.", "green")
        return
    errors = sum(finding.severity == "error" for finding in report.findings)
    parts = [_count(errors, "error"), _count(len(report.findings) - errors, "warning")]
    yield Line(f"{' and '.join(parts)} in {looked}.", "bold" if report.failed else "")
    fixable = sum(finding.fixable for finding in report.findings)
    if fixable:
        yield Line(f"{fixable} of them can be mended with `incidentctl lint --fix`.")
    yield Line("`incidentctl lint --explain SLUG` says why, and what to write instead.", "dim")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
