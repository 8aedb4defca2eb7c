"""Another program in our place: its input, its output and its status are its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from incidentctl.subprocesses import Passing
from incidentctl.text.escape import clean

# POSIX, Shell Command Language, 2.8.2: what a shell answers for a command that it cannot find, or cannot run.
_NOT_FOUND: Final = 127
_NOT_RUN: Final = 126


def pass_through(argv: Sequence[str]) -> int:
    """Run `argv` without a shell, with our streams and all that we inherited; the status a shell would tell.

    128 and the number of the signal that ended it; 127 where there is no such program, 126 where it cannot be run,
    said on standard error.  Ctrl-C is the program's to handle; a request to us to end is passed on to it.
    """
    passing = Passing()
    with passing.of_signals():
        try:
            # A list of words, no shell.  Whatever was open for us (`<(...)`, a job server) is open for it.
            passing.begin(subprocess.Popen(list(argv), close_fds=False))  # noqa: S603
        except (OSError, ValueError) as error:
            return _not_run(argv[0], error)
        status = passing.end()
    return status if status >= 0 else 128 - status


def _not_run(name: str, error: OSError | ValueError) -> int:
    reason = getattr(error, "strerror", None) or error
    with suppress(OSError):  # nobody may read it, and the status says the same
        sys.stderr.write(clean(f"incidentctl: `{name}` cannot be run: {reason}") + "\n")
        sys.stderr.flush()
    return _NOT_FOUND if isinstance(error, FileNotFoundError | NotADirectoryError) else _NOT_RUN
