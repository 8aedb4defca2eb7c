"""`incidentctl timeline`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from incidentctl.cli.options import AnswersOption, JsonOption, WhichArgument
from incidentctl.errors import NotFound


class Format(StrEnum):
    """How the timeline is written."""

    TEXT = "text"
    JSON = "json"


def timeline(
    ctx: typer.Context,
    incident: WhichArgument = None,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TEXT,
    as_json: JsonOption = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.", show_default=False)
    ] = None,
    answers: AnswersOption = None,
) -> None:
    """What happened, in the order in which it happened."""
    from incidentctl.cli.which import which
    from incidentctl.cli.wiring import open_desk

    with open_desk(ctx.obj, "read", answers=answers) as desk:
        text = desk.timeline(which(desk, incident), as_json=as_json or form is Format.JSON)
        if output is None:
            desk.console.bare(text.rstrip("\n"))
        else:
            _write(output, text)


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror or error}"
        raise NotFound(message, "Name another file with --output FILE.") from error
