"""A tiny program for the terminal tests: it asks Requests made by hand, and prints each outcome on a line.

    python -m tests.tty.asks NAME... [--due-after SECONDS] [--plain]

With `--due-after`, the first prompt is no longer the one to ask after so long: an update is asked, then the first
prompt again.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from incidentctl.clock import SystemClock
from incidentctl.errors import UserError
from incidentctl.incident.state import Comms, Incident
from incidentctl.terminal.console import Console, look_of
from incidentctl.terminal.interface import Replied, Screen, Withdrawn
from incidentctl.terminal.plain import PlainPrompter
from incidentctl.terminal.prompts import TerminalPrompter
from tests.terminal.examples import ALL, INCIDENT, UPDATE

REFUSED = "too long"
"""A text that the program does not take."""


def ask_all(prompter: TerminalPrompter | PlainPrompter, names: Sequence[str], due_after: float | None) -> None:
    clock = SystemClock()
    incident = opened_before(clock)
    queue = [ALL[name] for name in names]
    until = time.monotonic() + due_after if due_after else None
    while queue:
        request = queue[0]
        outcome = prompter.ask(request, Screen(incident, clock.now, _open_until(None if request is UPDATE else until)))
        if isinstance(outcome, Replied) and REFUSED in str(outcome.reply):
            prompter.refused("that is too long", "Write less.")
            continue
        prompter.tell(f"=> {request.prompt}\n{outcome}")
        if isinstance(outcome, Withdrawn):
            until = None
            queue.insert(0, UPDATE)
        elif isinstance(outcome, Replied):
            queue.pop(0)


def opened_before(clock: SystemClock) -> Incident:
    now = clock.now()
    comms = Comms(due_at=now + timedelta(minutes=17), sent=1)
    return replace(INCIDENT, opened_at=now - timedelta(minutes=12), comms=comms)


def _open_until(moment: float | None) -> Callable[[], bool]:
    return lambda: moment is None or time.monotonic() < moment


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="+", choices=ALL)
    parser.add_argument("--due-after", type=float)
    given = parser.parse_args()
    console = Console(sys.stdout, look_of(sys.stdout, os.environ))
    with TerminalPrompter(console) if console.look.terminal else PlainPrompter(console, sys.stdin) as prompter:
        ask_all(prompter, given.names, given.due_after)
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
