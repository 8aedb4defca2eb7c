"""`--fix` over whole folders: mend, look again, keep what made a file better, until nothing more can be mended."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from incidentctl.errors import NotFound
from incidentctl.lint.engine import Setting, lint
from incidentctl.lint.finding import Finding
from incidentctl.lint.fix import mended
from incidentctl.lint.report import Report
from incidentctl.lint.targets import Folder
from incidentctl.runbook.load import shown

_ROUNDS: Final = 20
_GUESSES: Final = {"unknown-key"}
_UNREAD: Final = {"encoding"}


def mend(folders: Sequence[Folder], setting: Setting) -> dict[Path, bytes]:
    """What the wanted files should hold; only those that change, and nothing is written yet."""
    texts = dict(setting.given)
    paths = {shown(path): path for folder in folders for path in folder.wanted}
    report = lint(folders, setting)
    for _ in range(_ROUNDS):
        better = _round(folders, replace(setting, given=texts), report, paths)
        if not better:
            break
        texts |= better
        report = lint(folders, replace(setting, given=texts))
    return {path: data for path, data in texts.items() if setting.given.get(path) != data}


def _round(folders: Sequence[Folder], setting: Setting, report: Report, paths: Mapping[str, Path]) -> dict[Path, bytes]:
    """An edit for every finding of a file; where that does not help, the first single edit that does."""
    by_file: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.fixable and finding.file in paths:
            by_file.setdefault(finding.file, []).append(finding)
    better: dict[Path, bytes] = {}
    for name, findings in by_file.items():
        text, path = report.texts[name], paths[name]
        if not _is_whole(text, path, setting):
            continue
        for some in (findings, *([finding] for finding in findings)):
            data = mended(text, some).encode("utf-8")
            after = lint(folders, replace(setting, given={**setting.given, path: data}))
            if _is_better(report, after, {finding.rule for finding in some}, name):
                better[path] = data
                break
    return better


def _is_whole(text: str, path: Path, setting: Setting) -> bool:
    """Whether `text` is the file: where bytes were no UTF-8, or were left out, it must not be written back."""
    data = setting.given.get(path)
    try:
        return (path.read_bytes() if data is None else data) == text.encode("utf-8")
    except (OSError, UnicodeEncodeError):
        return False


def _is_better(before: Report, after: Report, rules: set[str], name: str) -> bool:
    """Whether each of `rules` finds less in the file than before.

    A guess must leave fewer errors.  Else others may show now, which the mended one hid: as many errors as before; and
    any number where the file could not be read at all.
    """
    falls = all(_count(after, name, {rule}) < _count(before, name, {rule}) for rule in rules)
    errors, were = _count(after, name), _count(before, name)
    return falls and (errors < were or (errors == were and not rules & _GUESSES) or bool(rules & _UNREAD))


def _count(report: Report, name: str, rules: set[str] | None = None) -> int:
    """How many findings of `rules` there are in a file; without them, how many errors."""
    return sum(
        one.file == name and (one.severity == "error" if rules is None else one.rule in rules)
        for one in report.findings
    )


def write(path: Path, data: bytes) -> None:
    """Replace the file at once, with its mode; a link stays a link.  Raises NotFound where that cannot be done."""
    target = path.resolve()
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        shutil.copymode(target, name)
        Path(name).replace(target)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise NotFound(f"{path} cannot be written: {error.strerror or error}", "It was left as it is.") from error
