"""`incidentctl lint`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from incidentctl.cli.exit_status import ExitStatus
from incidentctl.cli.settings import Settings
from incidentctl.errors import NotAllowed, NotFound

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


def lint(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Runbooks, or their folder; - reads one.", show_default="runbooks/"),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How the findings are written.")] = Format.TEXT,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended, in the files.")] = False,
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="SLUG", help="Only these rules.", show_default=False)
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="SLUG", help="Not these rules.", show_default=False)
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count, too.")] = False,
    since: Annotated[
        str, typer.Option("--since", metavar="REV", help="What changed since then, in git.", show_default=False)
    ] = "",
    environment: Annotated[
        bool, typer.Option("--environment", help="Look for ${NAME}s that are not set here.")
    ] = False,
    online: Annotated[bool, typer.Option("--online", help="Ask every link whether it is dead.")] = False,
    stdin_filename: Annotated[
        Path | None, typer.Option("--stdin-filename", metavar="FILE", help="The file that - stands for.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Look at every file anew, and keep nothing.")] = False,
    explain: Annotated[
        str, typer.Option("--explain", metavar="SLUG", help="Say why there is a rule.", show_default=False)
    ] = "",
) -> None:
    """Find what would fail or mislead in a runbook at 3 AM."""
    from incidentctl.lint import engine
    from incidentctl.lint.config import configured
    from incidentctl.lint.registry import CATALOGUE

    if explain:
        _explain(explain, ctx.obj)
        return
    config = configured(Path.cwd(), CATALOGUE, select=select or (), ignore=ignore or (), strict=strict)
    chosen = config.chosen(CATALOGUE)
    folders, given = _what(ctx.obj, paths or [], stdin_filename)
    if fix and given:
        raise NotAllowed("--fix writes files, and - is none", "Name the file, and leave - out.")
    setting = _setting(chosen, strict=config.strict, environment=environment, given=given)
    folders, setting = _since(since, folders, setting)
    if fix:
        _fix(folders, setting)
    if online and "dead-link" in chosen:
        setting = _online(folders, setting)
    report = engine.lint(folders, setting if no_cache else _remembering(setting))
    _show(report, form, ctx.obj)
    if report.failed:
        raise typer.Exit(ExitStatus.FINDINGS)


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
