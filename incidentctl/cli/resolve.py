"""`incidentctl resolve`."""

from __future__ import annotations

import typer

from incidentctl.cli.options import AnswersOption, WhichOption


def resolve(ctx: typer.Context, incident: WhichOption = None, answers: AnswersOption = None) -> None:
    """Verify and give the all clear; the rest stays for later."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk

    with open_desk(ctx.obj, "write", answers=answers) as desk:
        chosen = which(desk, incident)
        with desk.at(chosen.id):
            desk.say_where_it_stands(desk.session.resolve(chosen.id), desk.prompter)
