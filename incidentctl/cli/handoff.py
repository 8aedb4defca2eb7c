"""`incidentctl handoff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from incidentctl.cli.options import AnswersOption, WhichOption

if TYPE_CHECKING:
    from incidentctl.cli.wiring import Desk


def handoff(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who takes over, and accepts in this terminal.")],
    incident: WhichOption = None,
    answers: AnswersOption = None,
) -> None:
    """Hand the command over: prints the brief, and is complete when NAME accepts."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk
    from incidentctl.reports.brief_text import brief_text
    from incidentctl.walker import acts

    with open_desk(ctx.obj, "write", answers=answers) as desk:
        offered = desk.session.act(which(desk, incident).id, acts.OfferHandoff(name))
        entries = desk.journal.read(offered.id)
        desk.console.bare(brief_text(desk.pinned(offered), offered, entries, desk.clock.now()).rstrip("\n"))
        with desk.at(offered.id, lambda: _still(desk, offered.id)):
            desk.say_where_it_stands(desk.session.hand_over(offered.id), desk.prompter)


def _still(desk: Desk, incident_id: str) -> str:
    """What holds while nobody has accepted, and how to go on; nothing where somebody else ended it meanwhile."""
    from incidentctl.incident.fold import fold

    incident = fold(incident_id, desk.journal.read(incident_id))
    if incident.handoff is None:
        return ""
    incoming = incident.handoff.incoming
    stays = f"{incident.holder('ic')} is still incident commander; the hand-off to {incoming} stays open."
    return f"{stays} Go on with:\n{desk.settings.command('handoff', incoming, '-i', incident_id)}"
