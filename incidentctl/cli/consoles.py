"""Where a command prints.  Apart from the composition root, for the commands that neither walk nor need a store."""

from __future__ import annotations

import os
from typing import TextIO

from incidentctl.cli.settings import Settings
from incidentctl.terminal.console import Console, look_of


def console_on(out: TextIO, settings: Settings) -> Console:
    """Where to print, as the stream and the settings allow."""
    return Console(out, look_of(out, os.environ, no_color=not settings.color))
