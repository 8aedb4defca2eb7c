"""`incidentctl status`."""

from __future__ import annotations

import typer

from incidentctl.cli.options import AnswersOption, JsonOption, WhichArgument


def status(
    ctx: typer.Context, incident: WhichArgument = None, as_json: JsonOption = False, answers: AnswersOption = None
) -> None:
    """Where an incident stands, and what is asked next."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk
    from incidentctl.reports import status as report

    with open_desk(ctx.obj, "read", answers=answers) as desk:
        chosen = which(desk, incident)
        book, now = desk.pinned(chosen), desk.clock.now()
        if as_json:
            desk.print_json(report.status(book, chosen, now))
        else:
            desk.console.bare(report.status_text(book, chosen, now).rstrip("\n"))
