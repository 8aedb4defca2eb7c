"""SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Final
from urllib.parse import quote

from incidentctl.lint.explain import page, summary
from incidentctl.lint.finding import Finding
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.report import Report

Json = dict[str, "str | int | Json | list[Json]"]
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def written(report: Report) -> str:
    """One SARIF log with one run.  Columns count code points; fingerprints outlive lines that move."""
    rules = sorted({finding.rule for finding in report.findings})
    seen: Counter[str] = Counter()
    results = []
    for finding in report.findings:
        content = f"{finding.rule}\0{finding.file}\0{finding.path}\0{finding.message}"
        seen[content] += 1
        fingerprint = hashlib.sha256(f"{content}\0{seen[content]}".encode("utf-8", "replace")).hexdigest()
        results.append(_result(finding, rules.index(finding.rule), fingerprint))
    driver: Json = {"name": "incidentctl", "rules": [_rule(slug) for slug in rules]}
    run: Json = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(slug: str) -> Json:
    told: Json = {"id": slug, "shortDescription": {"text": summary(slug)}}
    text = page(slug)
    if text:
        told["help"] = {"text": text, "markdown": text}
    return {**told, "defaultConfiguration": {"level": CATALOGUE[slug]}}


def _result(finding: Finding, index: int, fingerprint: str) -> Json:
    region: Json = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    location: Json = {"physicalLocation": {"artifactLocation": {"uri": _uri(finding.file)}, "region": region}}
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.path}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": f"{finding.message}\n{finding.hint}".strip()},
        "locations": [location],
        "partialFingerprints": {"incidentctl/1": fingerprint},
    }


def _uri(name: str) -> str:
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="replace")
