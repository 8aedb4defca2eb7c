"""`incidentctl assign`."""

from __future__ import annotations

from typing import Annotated

import typer

from incidentctl.cli.options import AnswersOption, WhichOption


def assign(
    ctx: typer.Context,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="ic, comms-lead or engineer.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who; `vacant` empties the seat.")],
    incident: WhichOption = None,
    answers: AnswersOption = None,
) -> None:
    """Give a role to somebody; `vacant` empties the seat."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk
    from incidentctl.errors import NotAllowed
    from incidentctl.walker import acts

    if not name.strip():
        raise NotAllowed("The name is empty", "Name somebody; `vacant` empties the seat.")
    with open_desk(ctx.obj, "write", answers=answers) as desk:
        desk.act(which(desk, incident), acts.Assign(role, name))
