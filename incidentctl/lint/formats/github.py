"""Workflow commands that GitHub Actions turns into annotations on the lines of a pull request."""

from __future__ import annotations

from typing import Final

from incidentctl.lint.finding import Finding
from incidentctl.lint.report import Report

_MESSAGE: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = _MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def written(report: Report) -> str:
    """One line for each finding; nothing where there is none."""
    return "\n".join(map(_annotation, report.findings))


def _annotation(finding: Finding) -> str:
    place = {"file": finding.file, "line": finding.line, "endLine": finding.end_line, "col": finding.column}
    if finding.line == finding.end_line:  # GitHub takes columns only within one line
        place["endColumn"] = finding.end_column
    properties = ",".join(f"{name}={str(value).translate(_PROPERTY)}" for name, value in place.items())
    message = f"{finding.message}\n{finding.hint}".strip().translate(_MESSAGE)
    return f"::{finding.severity} {properties},title={finding.rule.translate(_PROPERTY)}::{message}"
