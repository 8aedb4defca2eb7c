"""`incidentctl start`."""

from __future__ import annotations

from typing import Annotated

import typer

from incidentctl.cli.options import AnswersOption, NoChecksOption


def start(
    ctx: typer.Context,
    service: Annotated[str | None, typer.Argument(metavar="SERVICE", help="What is broken.")] = None,
    title: Annotated[
        str, typer.Option("--title", metavar="TEXT", help="What people see, in a few words.", show_default=False)
    ] = "",
    severity: Annotated[str | None, typer.Option("--severity", metavar="LEVEL", help="For example P1.")] = None,
    affects: Annotated[
        list[str] | None, typer.Option("--affects", metavar="SERVICE", help="Another service; repeatable.")
    ] = None,
    answers: AnswersOption = None,
    from_alert: Annotated[
        str | None, typer.Option("--from-alert", metavar="FILE", help="A webhook's JSON; - is standard input.")
    ] = None,
    no_checks: NoChecksOption = False,
    drill: Annotated[bool, typer.Option("--drill", help="Practice: never counted as a real incident.")] = False,
) -> None:
    """Record an incident, print its id, then walk it."""
    from incidentctl.cli.opening import Wanted, begin
    from incidentctl.cli.wiring import open_desk

    alert = None
    if from_alert is not None:
        from incidentctl.cli.alerting import alert_in

        alert = alert_in(from_alert)
    with open_desk(ctx.obj, "begin", answers=answers) as desk:
        desk.checks = not no_checks
        begin(desk, Wanted(service or "", title, severity, tuple(affects or ()), drill=drill, alert=alert))
