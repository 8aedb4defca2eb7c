"""`incidentctl brief`."""

from __future__ import annotations

import typer

from incidentctl.cli.options import AnswersOption, JsonOption, WhichArgument


def brief(
    ctx: typer.Context, incident: WhichArgument = None, as_json: JsonOption = False, answers: AnswersOption = None
) -> None:
    """What someone who comes in needs, on one screen."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk
    from incidentctl.reports.brief import brief as shape
    from incidentctl.reports.brief_text import brief_text

    with open_desk(ctx.obj, "read", answers=answers) as desk:
        chosen = which(desk, incident)
        book, entries, now = desk.pinned(chosen), desk.journal.read(chosen.id), desk.clock.now()
        if as_json:
            desk.print_json(shape(book, chosen, entries, now))
        else:
            desk.console.bare(brief_text(book, chosen, entries, now).rstrip("\n"))
