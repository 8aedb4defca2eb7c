"""A tiny program whose first question is no longer the one to ask as soon as a key comes while it looks.

It says `looking` when it begins to look; then an update is asked.
"""

from __future__ import annotations

import os
import select
import sys

from incidentctl.clock import SystemClock
from incidentctl.terminal.console import Console, look_of
from incidentctl.terminal.interface import Screen
from incidentctl.terminal.prompts import TerminalPrompter
from tests.terminal.examples import INCIDENT, TREE, UPDATE


def key_comes_while_it_looks() -> bool:
    os.write(sys.stdout.fileno(), b"looking")
    select.select([sys.stdin], [], [])
    return False


def nothing(_: str) -> bool:
    """There are no texts to copy here."""
    return False


def main() -> None:
    now = SystemClock().now
    with TerminalPrompter(Console(sys.stdout, look_of(sys.stdout, os.environ)), nothing) as prompter:
        prompter.ask(TREE, Screen(INCIDENT, now, key_comes_while_it_looks))
        prompter.tell(str(prompter.ask(UPDATE, Screen(INCIDENT, now, lambda: True))))


if __name__ == "__main__":
    main()
