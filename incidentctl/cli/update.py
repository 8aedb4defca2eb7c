"""`incidentctl update`."""

from __future__ import annotations

import typer

from incidentctl.cli.options import AnswersOption, WhichOption


def update(ctx: typer.Context, incident: WhichOption = None, answers: AnswersOption = None) -> None:
    """Write one update for everybody, without the walk."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk

    with open_desk(ctx.obj, "write", answers=answers) as desk:
        chosen = which(desk, incident)
        with desk.at(chosen.id):
            desk.say_where_it_stands(desk.session.update(chosen.id), desk.prompter)
