"""`incidentctl resume`."""

from __future__ import annotations

import typer

from incidentctl.cli.options import AnswersOption, NoChecksOption, WhichArgument


def resume(
    ctx: typer.Context, incident: WhichArgument = None, answers: AnswersOption = None, no_checks: NoChecksOption = False
) -> None:
    """Go on at the same question, after what changed meanwhile."""
    from incidentctl.cli.opening import go_on
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk

    with open_desk(ctx.obj, "write", answers=answers) as desk:
        desk.checks = not no_checks
        go_on(desk, which(desk, incident))
