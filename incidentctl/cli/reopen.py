"""`incidentctl reopen`."""

from __future__ import annotations

from typing import Annotated

import typer

from incidentctl.cli.options import AnswersOption, WhichOption


def reopen(
    ctx: typer.Context,
    incident: WhichOption = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", show_default=False)] = "",
    answers: AnswersOption = None,
) -> None:
    """It came back: open the incident again."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk
    from incidentctl.walker import acts

    with open_desk(ctx.obj, "write", answers=answers) as desk:
        desk.act(which(desk, incident), acts.Reopen(reason))
