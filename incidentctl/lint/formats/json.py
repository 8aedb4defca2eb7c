"""JSON for programs: the shape `incidentctl/lint/1` of `docs/json.md`."""

from __future__ import annotations

import json

from incidentctl.lint.finding import Finding
from incidentctl.lint.report import Report

SCHEMA = "incidentctl/lint/1"


def written(report: Report) -> str:
    """One JSON document.  Field names are stable; more may be added."""
    findings = [_finding(finding) for finding in report.findings]
    return json.dumps({"schema": SCHEMA, "files": len(report.files), "findings": findings}, indent=2)


def _finding(finding: Finding) -> dict[str, str | int | bool]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "path": finding.path,
        "fixable": finding.fixable,
    }
