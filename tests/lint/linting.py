"""Lint of texts that stand in a test or in the corpus, without files, on one day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from incidentctl.lint.engine import Setting, lint
from incidentctl.lint.finding import Finding
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.report import Report
from incidentctl.lint.targets import Folder
from incidentctl.runbook.load import DEFAULTS, service_in

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests/corpus/lint"
MINIMAL = (CORPUS / "minimal.yaml").read_text()
TODAY = date(2026, 11, 23)
NOWHERE = Path("runbooks")


def report_of(texts: dict[str, bytes], **setting: Any) -> Report:  # noqa: ANN401 - the fields of Setting
    """The report about a folder that holds these files."""
    given = {NOWHERE / name: data for name, data in texts.items()}
    defaults = next((path for path in given if path.stem == DEFAULTS), None)
    folder = Folder(NOWHERE, defaults, tuple(sorted(path for path in given if path != defaults)), frozenset(given))
    return lint([folder], replace(Setting(frozenset(CATALOGUE), TODAY, given=given), **setting))


def findings_of(text: str | bytes, name: str = "shop", **setting: Any) -> tuple[Finding, ...]:  # noqa: ANN401 - likewise
    """What lint says of one service's file, under the name that fits its `service`, else under `name`."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    name = service_in(data.decode("utf-8", "replace")) or name
    return report_of({f"{name}.yaml": data}, **setting).findings


def rules_of(text: str | bytes, **setting: Any) -> set[str]:  # noqa: ANN401 - likewise
    """The slugs of what lint says."""
    return {finding.rule for finding in findings_of(text, **setting)}


def written(finding: Finding) -> str:
    """`12:9-12:20 no-rollback nothing rolls the last deploy back`, as the corpus has it."""
    place = f"{finding.line}:{finding.column}-{finding.end_line}:{finding.end_column}"
    return f"{place} {finding.rule} {finding.message}"


def laid_over(fragment: str, base: str = MINIMAL) -> str:
    """`base` with the top-level keys of `fragment` in place of its own; a whole file stays as it is."""
    if re.search(r"(?m)^format:", fragment):
        return fragment
    replaced = _sections(fragment)
    kept = {key: text for key, text in _sections(base).items() if key not in replaced}
    return "".join([*kept.values(), *replaced.values()])


def _sections(text: str) -> dict[str, str]:
    """Each top-level key with its lines; comments belong to the key below them."""
    sections: dict[str, str] = {}
    waiting, key = "", ""
    for line in text.splitlines(keepends=True):
        begins = re.match(r"[\w\"'<]", line)
        if begins:
            key = line.split(":")[0]
            sections[key] = sections.get(key, "") + waiting + line
            waiting = ""
        elif line.startswith("#") or not line.strip():
            waiting += line
        else:
            sections[key] = sections.get(key, "") + waiting + line
            waiting = ""
    if key:
        sections[key] += waiting
    return sections
