"""`incidentctl severity`."""

from __future__ import annotations

from typing import Annotated

import typer

from incidentctl.cli.options import AnswersOption, WhichOption


def severity(
    ctx: typer.Context,
    level: Annotated[str, typer.Argument(metavar="LEVEL", help="For example P1.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", show_default=False)] = "",
    incident: WhichOption = None,
    answers: AnswersOption = None,
) -> None:
    """Change the severity, up or down."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk
    from incidentctl.walker import acts

    with open_desk(ctx.obj, "write", answers=answers) as desk:
        desk.act(which(desk, incident), acts.ChangeSeverity(level, reason))
