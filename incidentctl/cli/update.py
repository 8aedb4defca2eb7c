"""`incidentctl update`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from incidentctl.cli.options import AnswersOption, WhichOption

if TYPE_CHECKING:
    from datetime import datetime

    from incidentctl.cli.wiring import Desk
    from incidentctl.incident.state import Incident


def update(
    ctx: typer.Context,
    text: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="With --request: what is asked, or why.", show_default=False)
    ] = "",
    request: Annotated[bool, typer.Option("--request", help="Ask for one: whoever walks is asked now.")] = False,
    incident: WhichOption = None,
    answers: AnswersOption = None,
) -> None:
    """Write one update for everybody, without the walk; or ask for one."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk
    from incidentctl.errors import NotAllowed

    if text and not request:
        message = "`update` takes a text with --request only"
        raise NotAllowed(message, "What an update says is asked: `incidentctl update`.")
    with open_desk(ctx.obj, "write", answers=answers) as desk:
        chosen = which(desk, incident)
        if request:
            _ask_for_one(desk, chosen, text)
            return
        with desk.at(chosen.id):
            desk.say_where_it_stands(desk.session.update(chosen.id), desk.prompter)


def _ask_for_one(desk: Desk, chosen: Incident, text: str) -> None:
    from incidentctl.walker import acts

    after = desk.act(chosen, acts.RequestUpdate(text))
    desk.console.say(_what_comes_of_it(after, desk.clock.now()))


def _what_comes_of_it(incident: Incident, now: datetime) -> str:
    """Whether somebody is asked now, or which update will answer it."""
    from incidentctl.text.times import span
    from incidentctl.walker.wanted import interrupts

    comms = incident.comms
    if comms.pending is not None:
        return "An update is on its way just now, and answers this."
    if incident.severity is None:
        return "Noted: the first update follows once the severity is decided."
    if comms.last_sent_at is not None and not interrupts(comms, comms.requests[-1]):
        return f"Noted: the last update is only {span(now - comms.last_sent_at)} old, so the next one answers this."
    return "Whoever walks this incident is asked for an update now."
