"""`incidentctl warroom`."""

from __future__ import annotations

from typing import Annotated

import typer

from incidentctl.cli.options import AnswersOption, WhichArgument


def warroom(
    ctx: typer.Context,
    incident: WhichArgument = None,
    affects: Annotated[
        list[str] | None,
        typer.Option("--affects", metavar="SERVICE", help="Another service that is affected; repeatable."),
    ] = None,
    joined: Annotated[
        list[str] | None, typer.Option("--joined", metavar="WHO", help="Who is there now; repeatable.")
    ] = None,
    answers: AnswersOption = None,
) -> None:
    """Who leads the war room, who is there and who is missing; or say it."""
    from incidentctl.cli.opening import folder_of, name_of, say_unknown
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk
    from incidentctl.walker import acts
    from incidentctl.walker.war_room import shown

    with open_desk(ctx.obj, "write" if affects or joined else "read", answers=answers) as desk:
        chosen = which(desk, incident)
        if affects or joined:
            services, people = (tuple(filter(None, map(name_of, names or ()))) for names in (affects, joined))
            chosen = desk.act(chosen, acts.TellWarRoom(services, people))
            say_unknown(desk, folder_of(desk), services)
        for line in shown(chosen):
            desk.console.say(line)
