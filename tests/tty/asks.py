"""A tiny program for the terminal tests: it asks Requests made by hand, and prints each outcome on a line.

    python -m tests.tty.asks NAME... [--due-after SECONDS] [--due-at FILE]

With `--due-after`, the first prompt is no longer the one to ask after so long, with `--due-at` as soon as there is such
a file: an update is asked, then the first prompt again.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from incidentctl.clock import SystemClock
from incidentctl.comms.channels import clipboard
from incidentctl.errors import UserError
from incidentctl.incident.state import Comms, Incident
from incidentctl.terminal.console import Console, look_of
from incidentctl.terminal.interface import Replied, Screen, Withdrawn
from incidentctl.terminal.plain import PlainPrompter
from incidentctl.terminal.prompts import TerminalPrompter
from tests.terminal.examples import ALL, INCIDENT, UPDATE

REFUSED = "too long"
"""A text that the program does not take."""


def ask_all(prompter: TerminalPrompter | PlainPrompter, names: Sequence[str], is_due: Callable[[], bool]) -> None:
    clock = SystemClock()
    incident = opened_before(clock)
    queue = [ALL[name] for name in names]
    interrupted = False
    while queue:
        request = queue[0]
        lasts = interrupted or request is UPDATE
        outcome = prompter.ask(request, Screen(incident, clock.now, _always if lasts else lambda: not is_due()))
        if isinstance(outcome, Replied) and REFUSED in str(outcome.reply):
            prompter.refused("that is too long", "Write less.")
            continue
        prompter.tell(f"=> {request.prompt}\n{outcome}")
        if isinstance(outcome, Withdrawn):
            interrupted = True
            queue.insert(0, UPDATE)
        elif isinstance(outcome, Replied):
            queue.pop(0)


def opened_before(clock: SystemClock) -> Incident:
    now = clock.now()
    comms = Comms(due_at=now + timedelta(minutes=17), sent=1)
    return replace(INCIDENT, opened_at=now - timedelta(minutes=12), comms=comms)


def _always() -> bool:
    return True


def due_of(seconds: float | None, file: Path | None) -> Callable[[], bool]:
    """Whether the update is due by now: after so long, once the file is there, or never."""
    begin = time.monotonic()
    if seconds is not None:
        return lambda: time.monotonic() >= begin + seconds
    return lambda: file is not None and file.exists()


def prompter_on(console: Console) -> TerminalPrompter | PlainPrompter:
    if console.look.terminal:
        return TerminalPrompter(console, copy)
    return PlainPrompter(console, sys.stdin, copy)


def copy(text: str) -> bool:
    return clipboard.copy(text, os.environ, seconds=10)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="+", choices=ALL)
    parser.add_argument("--due-after", type=float)
    parser.add_argument("--due-at", type=Path)
    given = parser.parse_args()
    console = Console(sys.stdout, look_of(sys.stdout, os.environ))
    with prompter_on(console) as prompter:
        ask_all(prompter, given.names, due_of(given.due_after, given.due_at))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("=> stopped")
        sys.exit(130)
    except UserError as error:
        print(f"=> {type(error).__name__}: {error.message} / {error.hint}")
        sys.exit(3)
