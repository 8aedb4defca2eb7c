"""What `incidentctl lint` does, and the words of it that are understood without Typer.

Linting a handful of runbooks takes less time than loading Typer, and most runs are a hook's or a CI's, which say the
same few words each time (docs/decisions/0053-plain-words-of-lint.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incidentctl.cli.exit_status import ExitStatus
from incidentctl.cli.settings import Settings
from incidentctl.errors import NotAllowed, NotFound
from incidentctl.record import record

if TYPE_CHECKING:
    from incidentctl.lint.engine import Setting
    from incidentctl.lint.report import Report
    from incidentctl.lint.targets import Folder

_STANDARD_INPUT: Final = Path("-")
_MOST: Final = 2 << 20


class Format(StrEnum):
    """How the findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"


@record
class Asked:
    """What stands on the command line; `cli/lint.py` says what each of it is for."""

    paths: tuple[Path, ...] = ()
    form: Format = Format.TEXT
    fix: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    since: str = ""
    environment: bool = False
    online: bool = False
    stdin_filename: Path | None = None
    no_cache: bool = False
    explain: str = ""


def plain(words: Sequence[str]) -> Asked | None:
    """What `words` ask for, as Typer would read them; None where there is more in them than a hook or a CI says."""
    paths: list[Path] = []
    form, flags = Format.TEXT, set()
    rest = iter(words)
    for word in rest:
        if word in ("--strict", "--no-cache"):
            flags.add(word)
        elif word == "--format":
            value = next(rest, "")
            if value not in set(Format):
                return None
            form = Format(value)
        elif word.startswith("-") or not word:
            return None
        else:
            paths.append(Path(word))
    return Asked(tuple(paths), form, strict="--strict" in flags, no_cache="--no-cache" in flags)


def run(asked: Asked, settings: Settings) -> ExitStatus:
    """Do what was asked, and print what was found.  Raises UserError for what cannot be done."""
    from incidentctl.lint import engine
    from incidentctl.lint.config import configured
    from incidentctl.lint.registry import CATALOGUE

    if asked.explain:
        _explain(asked.explain, settings)
        return ExitStatus.DONE
    config = configured(Path.cwd(), CATALOGUE, select=asked.select, ignore=asked.ignore, strict=asked.strict)
    chosen = config.chosen(CATALOGUE)
    folders, given = _what(settings, list(asked.paths), asked.stdin_filename)
    if asked.fix and given:
        raise NotAllowed("--fix writes files, and - is none", "Name the file, and leave - out.")
    setting = _setting(chosen, strict=config.strict, environment=asked.environment, given=given)
    folders, setting = _since(asked.since, folders, setting)
    if asked.fix:
        _fix(folders, setting)
    if asked.online and "dead-link" in chosen:
        setting = _online(folders, setting)
    report = engine.lint(folders, setting if asked.no_cache else _remembering(setting))
    _show(report, asked.form, settings)
    return ExitStatus.FINDINGS if report.failed else ExitStatus.DONE


def _explain(slug: str, settings: Settings) -> None:
    import sys

    from incidentctl.cli.consoles import console_on
    from incidentctl.lint.config import unknown_rule
    from incidentctl.lint.explain import page
    from incidentctl.lint.registry import CATALOGUE

    if slug not in CATALOGUE:
        raise unknown_rule(slug, CATALOGUE)
    text = page(slug)
    if not text:
        raise NotFound(f"the page of `{slug}` is not installed here")
    console_on(sys.stdout, settings).bare(text.rstrip("\n"))


def _what(settings: Settings, paths: list[Path], name: Path | None) -> tuple[list[Folder], dict[Path, bytes]]:
    """The folders to look at, and the text from standard input under the name it stands for."""
    from incidentctl.lint.targets import folder_of_text, folders

    if _STANDARD_INPUT in paths:
        if len(paths) > 1:
            raise NotAllowed("- is one text, and cannot be named beside files", "Lint the files by themselves.")
        return _standard_input(settings, name, folder_of_text)
    if not paths:
        folder = settings.runbooks_folder()
        if folder is None:
            message = "there is no folder `runbooks` here or above"
            raise NotFound(
                message,
                "Name what to lint: incidentctl lint PATH, or --runbooks DIR. A first one: incidentctl new SERVICE",
            )
        paths = [folder]
    return folders(paths), {}


def _standard_input(
    settings: Settings, name: Path | None, folder_of: Callable[[Path], Folder]
) -> tuple[list[Folder], dict[Path, bytes]]:
    """Without a name it is taken for the file of its service among the runbooks, over what they share."""
    import sys

    from incidentctl.runbook.load import service_in

    data = sys.stdin.buffer.read(_MOST)
    service = service_in(data.decode("utf-8", "replace")) or "stdin"
    path = name or (settings.runbooks_folder() or Path()) / f"{service}.yaml"
    return [folder_of(path)], {path: data}


def _setting(chosen: frozenset[str], *, strict: bool, environment: bool, given: dict[Path, bytes]) -> Setting:
    import os

    from incidentctl.clock import SystemClock
    from incidentctl.lint.engine import Setting

    today = SystemClock().now().date()
    return Setting(chosen, today, strict, dict(os.environ) if environment else None, given=given)


def _remembering(setting: Setting) -> Setting:
    """With the folder in which findings are kept from run to run, where this person has one."""
    from dataclasses import replace

    from incidentctl.cli.settings import cache_folder

    folder = cache_folder() / "lint"
    return replace(setting, cache=folder) if folder.is_absolute() else setting


def _since(name: str, folders: list[Folder], setting: Setting) -> tuple[list[Folder], Setting]:
    """Only what changed since then, and the rules that compare."""
    if not name:
        return folders, setting
    from dataclasses import replace

    from incidentctl.lint.since import changed_alone, revision

    revisions = {folder.path: revision(name, folder.path) for folder in folders}
    earlier = replace(setting, earlier=lambda folder, path: revisions[folder.path].runbook(folder, path))
    return changed_alone(folders, revisions), earlier


def _online(folders: list[Folder], setting: Setting) -> Setting:
    """With what every link answered; of how many that says nothing is told on standard error."""
    import sys
    from dataclasses import replace

    from incidentctl.lint.online import judged

    found = judged(folders, setting.given, setting.today)
    if found.unknown:
        why = "behind a login, asked too often, or too slow"
        sys.stderr.write(f"{found.unknown} of {found.asked} links could not be judged: {why}\n")
    return replace(setting, dead=found.dead)


def _fix(folders: list[Folder], setting: Setting) -> None:
    import sys

    from incidentctl.lint.mending import mend, write
    from incidentctl.runbook.load import shown
    from incidentctl.text.escape import clean

    for path, data in mend(folders, setting).items():
        write(path, data)
        sys.stderr.write(clean(f"mended {shown(path)}") + "\n")


def _show(report: Report, form: Format, settings: Settings) -> None:
    import sys
    from importlib import import_module

    from incidentctl.cli.consoles import console_on

    console = console_on(sys.stdout, settings)
    if form is Format.TEXT:
        from incidentctl.lint.formats.text import lines

        for line in lines(report, console.width):
            console.line(line.text, line.style)
        return
    text = import_module(f"incidentctl.lint.formats.{form.value}").written(report)
    if text:
        console.bare(text)
