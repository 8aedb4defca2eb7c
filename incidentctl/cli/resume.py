"""`incidentctl resume`."""

from __future__ import annotations

import typer

from incidentctl.cli.options import AnswersOption, WhichArgument


def resume(ctx: typer.Context, incident: WhichArgument = None, answers: AnswersOption = None) -> None:
    """Go on at the same question, after what changed meanwhile."""
    from incidentctl.cli.opening import go_on
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk

    with open_desk(ctx.obj, "write", answers=answers) as desk:
        go_on(desk, which(desk, incident))
