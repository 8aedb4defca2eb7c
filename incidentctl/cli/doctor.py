"""`incidentctl doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incidentctl.cli.exit_status import ExitStatus
from incidentctl.cli.options import JsonOption
from incidentctl.cli.settings import Settings
from incidentctl.errors import UserError

if TYPE_CHECKING:
    from incidentctl.cli.examining import Named
    from incidentctl.reports.doctor import Examination
    from incidentctl.terminal.console import Console


def doctor(
    ctx: typer.Context,
    service: Annotated[
        str | None, typer.Argument(metavar="SERVICE", help="Whose runbook.", show_default="all of them")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no check and no link.")] = False,
    json: JsonOption = False,
) -> None:
    """Find what the runbooks name and nobody reaches from here."""
    import sys

    from incidentctl.cli.consoles import console_on
    from incidentctl.cli.examining import named
    from incidentctl.cli.wiring import as_document
    from incidentctl.reports.doctor import all_is_well, harmless, lines, report

    console = console_on(sys.stdout, ctx.obj)
    folder = ctx.obj.runbooks_folder()
    all_ = named(folder, service)
    found = [harmless(one) for one in _examined(ctx.obj, console, folder, all_, offline=offline)]
    if json:
        console.bare(as_document(report(found)))
    else:
        for line in lines(found, console.width):
            console.line(line.text, line.style)
    if not all_is_well(found):
        raise typer.Exit(ExitStatus.FINDINGS)


def _examined(
    settings: Settings, console: Console, folder: Path | None, all_: Sequence[Named], *, offline: bool
) -> Iterator[Examination]:
    """The machine, what stands in the runbooks, and then what has to be asked."""
    import os

    from incidentctl.cli.examining import of_runbook
    from incidentctl.cli.machine import of_program, of_store

    yield from of_program(settings, console, folder, [one.book.timezone for one in all_ if one.book is not None])
    yield from of_store(settings)
    for one in all_:
        yield from of_runbook(one, os.environ)
    yield from _asked(settings, folder, all_, offline=offline)


def _asked(settings: Settings, folder: Path | None, all_: Sequence[Named], *, offline: bool) -> Sequence[Examination]:
    from incidentctl.cli.reaching import not_asked, reached, to_ask, to_open

    asks, ways = to_ask(all_), to_open(all_)
    if offline:
        return not_asked(asks, ways)
    _say_that_it_takes_time(len(asks), sum(way.whole for way in ways))
    return reached(asks, ways, folder or Path(), _change_log(settings))


def _change_log(settings: Settings) -> Path | None:
    """Where the check of deploys reads what was written down; what is wrong with a store is told elsewhere."""
    try:
        return settings.store_path()
    except UserError:
        return None


def _say_that_it_takes_time(checks: int, links: int) -> None:
    """One line, to whoever waits at a terminal."""
    import sys

    from incidentctl.cli.reaching import SECONDS

    if sys.stderr.isatty() and (checks or links):
        what = f"{checks} check{'s' * (checks != 1)} and {links} link{'s' * (links != 1)}"
        sys.stderr.write(f"Asking {what}, for at most {SECONDS:g} s ...\n")
        sys.stderr.flush()
