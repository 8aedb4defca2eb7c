"""`incidentctl lint`: its words; what they mean is in `linting`, which reads the plainest of them by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incidentctl.cli import linting
from incidentctl.cli.linting import Asked, Format


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
    asked = Asked(
        paths=tuple(paths or ()),
        form=form,
        fix=fix,
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        strict=strict,
        since=since,
        environment=environment,
        online=online,
        stdin_filename=stdin_filename,
        no_cache=no_cache,
        explain=explain,
    )
    raise typer.Exit(linting.run(asked, ctx.obj))
