"""`incidentctl new`."""

from __future__ import annotations

from typing import Annotated

import typer

from incidentctl.cli.options import AnswersOption


def new(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Whose runbook; the file is named after it.")],
    answers: AnswersOption = None,
) -> None:
    """Ask what a runbook needs, and write runbooks/SERVICE.yaml."""
    from dataclasses import replace

    from incidentctl.cli.settings import MEMORY
    from incidentctl.cli.sketching import write_new
    from incidentctl.cli.wiring import open_desk

    # No incident is read or written: a store that is not there must not keep anybody from writing a runbook.
    with open_desk(replace(ctx.obj, store=MEMORY), "read", answers=answers) as desk:
        write_new(desk, service, ctx.obj)
