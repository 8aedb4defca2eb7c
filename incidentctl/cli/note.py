"""`incidentctl note`."""

from __future__ import annotations

from typing import Annotated

import typer

from incidentctl.cli.options import AnswersOption, WhichOption


def note(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What happened.")],
    incident: WhichOption = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="When: 02:55 in the incident's time zone, or RFC 3339.", show_default="now"
        ),
    ] = None,
    answers: AnswersOption = None,
) -> None:
    """Write something down; --at 02:55 says when it happened."""
    from incidentctl.cli.moments import moment_of
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk
    from incidentctl.errors import NotAllowed
    from incidentctl.walker import acts

    if not text.strip():
        raise NotAllowed("The note is empty")
    with open_desk(ctx.obj, "write", answers=answers) as desk:
        chosen = which(desk, incident)
        moment = moment_of(at, chosen.timezone, desk.clock.now()) if at else None
        desk.act(chosen, acts.AddNote(text, moment))
