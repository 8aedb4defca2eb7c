"""`incidentctl schema`."""

from __future__ import annotations

import typer


def schema(ctx: typer.Context) -> None:
    """The JSON Schema of the runbook format, for editors."""
    import sys

    from incidentctl.cli.consoles import console_on
    from incidentctl.runbook.schema import schema_text

    console_on(sys.stdout, ctx.obj).bare(schema_text().rstrip("\n"))
