"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

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


class Explained(TyperCommand):
    """A command whose help writes an argument as the documentation does, and names the options of every command."""

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """Typer puts braces around what has to be there."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The options that stand before a command or after it."""
        super().format_epilog(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text("As everywhere: --runbooks DIR, --store URL, --me NAME, --no-color.")
