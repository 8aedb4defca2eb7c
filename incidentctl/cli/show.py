"""`incidentctl show`."""

from __future__ import annotations

from typing import Annotated

import typer


def show(ctx: typer.Context, service: Annotated[str, typer.Argument(metavar="SERVICE", help="Whose runbook.")]) -> None:
    """A runbook, for reading: merged, as it would be walked."""
    import sys

    from incidentctl.cli.wiring import console_on
    from incidentctl.errors import NotFound
    from incidentctl.reports.runbook import runbook_text
    from incidentctl.runbook.load import BUILT_IN, built_in, load_service

    folder = ctx.obj.runbooks_folder()
    loaded = built_in(service, folder) if service == BUILT_IN else load_service(folder, service)
    if loaded.book is None:
        findings = "\n".join(f"{problem}\n  {problem.hint}".rstrip() for problem in loaded.problems)
        raise NotFound(f"The runbook of {service} is broken:\n{findings}", "Mend it, and show it again.")
    console_on(sys.stdout, ctx.obj).bare(runbook_text(loaded.book).rstrip("\n"))
