"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WhichArgument = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="The incident: any unique part of its id.", show_default="the open one"),
]
WhichOption = Annotated[
    str | None,
    typer.Option(
        "--incident", "-i", metavar="ID", help="The incident: any unique part of its id.", show_default="the open one"
    ),
]
AnswersOption = Annotated[
    Path | None,
    typer.Option("--answers", metavar="FILE", help="Take the replies from a YAML file.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
NoChecksOption = Annotated[
    bool,
    typer.Option("--no-checks", envvar="INCIDENTCTL_NO_CHECKS", help="Ask no source for evidence: answer by hand."),
]
