"""Folders of runbooks -> Report: every rule over every service, each finding on its file, line and column.

A rule that fails is a bug of ours and ends the run: a check that skips a rule in silence would be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from incidentctl.lint.cache import Shelf, digest, digest_of, shelf
from incidentctl.lint.crew import Crew
from incidentctl.lint.finding import Finding
from incidentctl.lint.looking import NOBODY, Look, of_defaults
from incidentctl.lint.registry import COMPARISONS
from incidentctl.lint.report import Report
from incidentctl.lint.said import Neighbour, Said, surroundings
from incidentctl.lint.targets import Folder, missing
from incidentctl.record import record
from incidentctl.runbook.load import file_bytes, shown
from incidentctl.runbook.model import Runbook

Earlier = Callable[[Folder, Path], Runbook | None]
"""The runbook of a service's file as it was before; None where it was not there, or could not be walked."""

_ENVIRONMENT_RULE: Final = "unset-environment"
_ONLINE_RULE: Final = "dead-link"


@record
class Setting:
    """How a run looks: the rules that were chosen, the day, and what the options brought along.

    `given` are texts that are taken in place of the files; `environment` and `earlier` are None where they are not to
    be compared with, and `dead` where no link was asked.  `cache` is the folder in which findings are kept from run to
    run; None keeps none.  `processes` are as many as pay where it is None.
    """

    chosen: frozenset[str]
    today: date
    strict: bool = False
    environment: Mapping[str, str] | None = None
    earlier: Earlier | None = None
    given: Mapping[Path, bytes] = field(default_factory=dict)
    cache: Path | None = None
    processes: int | None = None
    dead: Mapping[str, str] | None = None

    @property
    def ran(self) -> frozenset[str]:
        """The rules of which it is known that they found nothing else."""
        unasked = {rule.SLUG for rule in COMPARISONS}
        optional = {_ENVIRONMENT_RULE: self.environment, _ONLINE_RULE: self.dead}
        return self.chosen - unasked - {slug for slug, given in optional.items() if given is None}


def lint(folders: Sequence[Folder], setting: Setting) -> Report:
    """All findings in the files that were wanted, and in the organisation's files under them, in order."""
    files: set[str] = set()
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for folder in folders:
        files.update(shown(path) for path in folder.wanted)
        data = _read(folder, setting.given)
        found = _of_folder(folder, replace(setting, given={**setting.given, **data}), setting.given)
        findings += [*found, *(_no_file(path) for path in folder.no_files if "syntax" in setting.chosen)]
        blamed = {finding.file for finding in found}
        texts |= {name: data[path].decode("utf-8", "replace") for path in data if (name := shown(path)) in blamed}
    findings.sort(key=lambda one: (one.file, one.line, one.column, one.rule, one.message))
    return Report(tuple(sorted(files)), tuple(findings), texts, setting.strict)


def _no_file(path: Path) -> Finding:
    """A pipe or a broken link among the runbooks; nobody opens it."""
    name = shown(path)
    return Finding("syntax", "error", missing(Path(name)), name, 1, 1, 1, 1, "", "Remove it, or put the runbook there.")


def _read(folder: Folder, given: Mapping[Path, bytes]) -> dict[Path, bytes]:
    """Every file of the folder that can be read; what is hashed is then what is looked at."""
    paths = [*folder.services, *([folder.defaults] if folder.defaults is not None else [])]
    found = ((path, given[path] if path in given else _bytes(path)) for path in paths)
    return {path: data for path, data in found if data is not None}


def _bytes(path: Path) -> bytes | None:
    try:
        return file_bytes(path)
    except OSError:
        return None  # whoever reads it again says why


# --- one folder --------------------------------------------------------------------------------------------


def _of_folder(folder: Folder, setting: Setting, given: Mapping[Path, bytes]) -> list[Finding]:
    """What is left of all findings after the comments that ignore something."""
    wants_defaults = folder.defaults in folder.wanted
    wanted = [path for path in folder.services if wants_defaults or path in folder.wanted]
    all_ = _said(folder, setting, given, [*([NOBODY] if wants_defaults else []), *wanted])
    findings = [finding for path, said in all_.items() if path in folder.wanted for finding in said.own]
    if folder.defaults is not None:
        text = setting.given.get(folder.defaults, b"").decode("utf-8", "replace") if all_ else ""
        name = shown(folder.defaults)
        findings += of_defaults(name, text, all_.values(), setting.ran, whole=folder.is_whole)
    return findings


def _said(folder: Folder, setting: Setting, given: Mapping[Path, bytes], wanted: Sequence[Path]) -> dict[Path, Said]:
    """What is said of each of the `wanted` services, from the cache where that is known already."""
    known = _shelf(folder, setting, given)
    names = {path: shown(path) for path in (*folder.services, NOBODY)}
    hashes = _hashes(folder, setting) if known.keeps else dict.fromkeys(names, "")
    with Crew(Look(folder, setting), [*folder.services, NOBODY], setting.processes) as crew:
        neighbours = _known(folder.services, lambda path: known.neighbour(names[path], hashes[path]))
        neighbours |= crew.neighbours(path for path in folder.services if path not in neighbours)
        around = surroundings((names[path], neighbours[path]) for path in folder.services)
        hashed = digest_of(around) if known.keeps else ""
        said = _known(wanted, lambda path: known.said(names[path], hashes[path], hashed))
        said |= crew.said((path for path in wanted if path not in said), around)
    for path in (*folder.services, NOBODY):
        if hashes[path] and path not in given:  # a text that is not saved may never be
            known.keep(names[path], hashes[path], neighbours.get(path, Neighbour()), hashed, said.get(path))
    known.save([names[path] for path in given if path in names])
    return {path: said[path] for path in wanted}


def _hashes(folder: Folder, setting: Setting) -> dict[Path, str]:
    """What every service's file has to be for what is kept of it to count; nothing where it cannot be read."""
    hashes = {path: digest(setting.given[path]) if path in setting.given else "" for path in folder.services}
    return hashes | {NOBODY: "together" if folder.services else "alone"}


T = TypeVar("T")


def _known(paths: Iterable[Path], ask: Callable[[Path], T | None]) -> dict[Path, T]:
    return {path: found for path in paths if (found := ask(path)) is not None}


def _shelf(folder: Folder, setting: Setting, given: Mapping[Path, bytes]) -> Shelf:
    """Where findings in the folder are kept; nowhere if they rest on what has no hash here."""
    defaults = folder.defaults
    unknown = defaults is not None and (defaults in given or defaults not in setting.given)
    outside = (setting.environment, setting.earlier, setting.dead)
    if setting.cache is None or any(one is not None for one in outside) or unknown:
        return Shelf()
    shared = [shown(defaults), digest(setting.given[defaults])] if defaults is not None else []
    places = [str(Path.cwd()), str(folder.path.absolute())]
    return shelf(setting.cache, [places, shared, setting.today.isoformat(), sorted(setting.chosen)])
