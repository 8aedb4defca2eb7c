"""`incidentctl history`."""

from __future__ import annotations

import typer

from incidentctl.cli.options import JsonOption


def history(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Earlier incidents, the latest first."""
    from incidentctl.cli.wiring import open_desk
    from incidentctl.reports import history as report

    with open_desk(ctx.obj, "read") as desk:
        folded = [desk.past.incident(one.id) for one in reversed(desk.past.outlines)]
        past = [(desk.pinned(incident), incident) for incident in folded if incident]
        now = desk.clock.now()
        if as_json:
            desk.print_json(report.history(past, now))
        else:
            desk.console.bare(report.history_text(past, now).rstrip("\n"))
