"""The error boundary: the one place that turns an error into words, a report and an exit status."""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress
from typing import Final, NoReturn

from incidentctl.cli.exit_status import ExitStatus, status_of
from incidentctl.cli.version import VERSION
from incidentctl.errors import UserError
from incidentctl.text.escape import clean

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
"""Why a stream is not written that was opened before the program began: no bug of ours."""
_BARRED: Final = {errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EROFS, *_NO_ROOM}
"""Why the machine lets nobody at a path that somebody named."""


def program() -> NoReturn:
    """`main`, and out at once: Python would take apart all that was loaded, which the system does for nothing.

    Whatever has to be closed is closed by then, as it has to be for a process that is killed.
    """
    try:
        main()
    except SystemExit as end:
        with suppress(OSError, ValueError):  # what cannot be written is told as ever, at Python's own end
            sys.stdout.flush()
            sys.stderr.flush()
            if isinstance(end.code, int):
                os._exit(end.code)
        raise


def main() -> NoReturn:
    """Run the command line and exit; nothing but this prints an error."""
    _open_what_is_closed()
    if sys.argv[1:] == ["--version"]:
        # Scripts and bug reports ask only this; no command has to be loaded for it.
        sys.stdout.write(f"incidentctl {VERSION}\n")
        sys.exit(ExitStatus.DONE)
    # Nothing that start-up makes is garbage; looking for it some eighty times costs a tenth of the first prompt.
    gc.set_threshold(100_000)
    try:
        _command(sys.argv[1:])
    except UserError as error:
        show_error(error)
        sys.exit(status_of(error))
    except KeyboardInterrupt:  # without Typer, as with it
        sys.exit(ExitStatus.INTERRUPTED)
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitStatus.FINDINGS)
    except Exception as bug:  # noqa: BLE001 - whatever is left is a bug of ours
        if isinstance(bug, OSError):
            _blame_the_machine(bug)
        _show_bug(bug)
        sys.exit(ExitStatus.BUG)
    sys.exit(ExitStatus.DONE)


def _command(words: list[str]) -> None:
    """Run the command that `words` are."""
    if words[:1] == ["lint"]:
        from incidentctl.cli import linting

        asked = linting.plain(words[1:])
        if asked is not None:
            from incidentctl.cli.settings import Settings

            sys.exit(linting.run(asked, Settings()))
    from incidentctl.cli.app import app

    # Usage errors, --help, Ctrl-C and a reader that is gone end inside, with 2, 0, 130 and 1.
    app(prog_name="incidentctl")


def _open_what_is_closed() -> None:
    """A program may be begun with a stream closed (`<&-`), which Python shows as None: then nobody is there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            from pathlib import Path

            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open until the end


def _blame_the_machine(error: OSError) -> None:
    """End with 4, where it is a path or the output that cannot be used, and nothing of ours is wrong."""
    if error.filename is None and error.errno in _NO_ROOM:
        _stop_writing(error)
    if error.errno == errno.ENOENT and _here_is_gone():
        from incidentctl.cli.settings import HERE_IS_GONE

        show_error(UserError(HERE_IS_GONE, "Go to one that is, and do it there."))
        sys.exit(ExitStatus.NOT_THERE)
    if error.filename is not None and error.errno in _BARRED:
        show_error(UserError(f"{os.fsdecode(error.filename)} cannot be used: {error.strerror}"))
        sys.exit(ExitStatus.NOT_THERE)


def _here_is_gone() -> bool:
    """Whether the current folder was deleted: then no relative path leads anywhere."""
    try:
        os.getcwd()  # noqa: PTH109 - pathlib need not be loaded for it
    except OSError:
        return True
    return False


def _stop_writing(why: OSError) -> NoReturn:
    """Say that the output is not whole, and end with 4.

    What is left of it goes nowhere: Python flushes standard output once more at its end, and would end with 120.
    """
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    _say(f"The output cannot be written: {why.strerror}\nMake room, or send it elsewhere.")
    sys.exit(ExitStatus.NOT_THERE)


def _say(text: str) -> None:
    """On standard error; where that cannot be written either, the exit status has to say it alone."""
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")


def show_error(error: UserError) -> None:
    """What happened, where, and what to do next, on standard error.  It may quote what somebody wrote."""
    from incidentctl.text.redact import redact

    for text in (error.message, error.hint):
        if text:
            _say(clean(redact(text), lines=True))


def _show_bug(bug: Exception) -> None:
    from incidentctl.text.redact import redact

    message = clean(redact(f"incidentctl failed, which is a bug: {type(bug).__name__}: {bug}"))
    where = _write_report(bug)
    _say(f"{message}\nWhat reached the store is safe; go on with: incidentctl resume\n{where}")


def _write_report(bug: Exception) -> str:
    """Write down what is needed to mend it, redacted; where no file can be written, say it here."""
    import platform
    import traceback

    from incidentctl.cli.settings import state_folder
    from incidentctl.clock import SystemClock
    from incidentctl.text.redact import redact

    trace = "".join(traceback.format_exception(bug))
    report = redact(f"incidentctl {VERSION}\nPython {sys.version}\n{platform.platform()}\n{sys.argv}\n\n{trace}")
    try:
        folder = state_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        where = folder / f"bug-{SystemClock().now():%Y%m%d-%H%M%S}.txt"
        where.write_text(report, encoding="utf-8", errors="replace")
    except OSError:
        return report
    return f"The report is in {where}"
