"""`incidentctl change`: the change log, which the question about the last deploys reads."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from incidentctl.cli.options import Explained, JsonOption
from incidentctl.errors import NotAllowed, UserError

if TYPE_CHECKING:
    from typer._click import Context

    from incidentctl.cli.settings import Settings
    from incidentctl.cli.wiring import Desk
    from incidentctl.clock import Clock
    from incidentctl.incident.words import Change
    from incidentctl.journal.changes import Changes

_BEHIND: Final = "incidentctl.change.command"
_LONGEST_NAME: Final = 200
_SHOWN: Final = 20
_KEPT: Final = "The change is written down all the same."


class Parsed(Explained):
    """Keeps what stands behind `--` as it is: it is another program's command line."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Our own words are those before it."""
        if "--" in args:
            cut = args.index("--")
            ctx.meta[_BEHIND] = args[cut + 1 :]
            args = args[:cut]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """What may stand on the line."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


def change(
    ctx: typer.Context,
    service: Annotated[
        str | None, typer.Argument(metavar="SERVICE", help="What was changed.", show_default="list all services")
    ] = None,
    text: Annotated[
        str | None,
        typer.Argument(metavar="TEXT", help="The change in a few words.", show_default="list the changes"),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="When: 02:55 in the runbook's time zone, or RFC 3339.",
                     show_default="now"),
    ] = None,
    run: Annotated[
        bool, typer.Option("--run", help="Run the COMMAND behind `--`, and record how it ends.")
    ] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Write down a change; --run -- COMMAND runs it, too.

    With --run the command keeps its input, output and exit status.
    """
    words: Sequence[str] = ctx.meta.get(_BEHIND, ())
    _refuse_half_given(service, text, words, run=run, at=at, as_json=as_json)
    if run:
        raise typer.Exit(_run(ctx.obj, str(service), text, words))
    if text is None:
        _list(ctx.obj, service, as_json=as_json)
    else:
        _write_down(ctx.obj, str(service), text, at)


def _refuse_half_given(
    service: str | None, text: str | None, words: Sequence[str], *, run: bool, at: str | None, as_json: bool
) -> None:
    """Whoever forgot a word must not believe that something was run, or written down.  Raises NotAllowed."""
    if service is not None and not service.strip():
        raise NotAllowed("The name of the service is empty")
    if text is not None and not text.strip():
        raise NotAllowed("The text of the change is empty")
    if words and not run:
        raise NotAllowed("Nothing was run", "To run what stands behind `--`, write --run before it.")
    if run and not words:
        raise NotAllowed(
            "Nothing was run: no command stands behind `--`", "Write: incidentctl change SERVICE --run -- COMMAND"
        )
    if run and service is None:
        raise NotAllowed("Nothing was run: no service is named", "Name it before --run.")
    if at is not None and (run or text is None):
        raise NotAllowed("--at belongs to a TEXT", "What is run with --run is written down as it happens.")
    if as_json and (run or text is not None):
        raise NotAllowed("--json belongs to the list", "Leave TEXT and --run out.")


# --- TEXT --------------------------------------------------------------------------------------------------


def _write_down(settings: Settings, service: str, text: str, at: str | None) -> None:
    from incidentctl.cli.moments import moment_of
    from incidentctl.cli.settings import MEMORY
    from incidentctl.cli.wiring import open_desk
    from incidentctl.incident.words import Change
    from incidentctl.text.redact import redact

    name = _name(service)
    with open_desk(settings, "read") as desk, closing(_opened(settings)) as log:
        now = desk.clock.now()
        moment = moment_of(at, _timezone(settings, name), now) if at else now
        made = Change(name, redact(text.strip()), moment, settings.name())
        log.record(made)
        desk.console.bare(f"Written down: {_line(made)}")
        if remark := _remark(settings, name):
            desk.warnings.warn(f"{remark} {_KEPT}")
        if settings.store_path() is None:
            desk.warnings.warn(f"Nothing is saved: the store `{MEMORY}` ends with this command.")


def _opened(settings: Settings) -> Changes:
    from incidentctl.journal.changes import open_changes

    return open_changes(settings.store_path())


def _name(service: str) -> str:
    """What stands on one line wherever it is shown, and holds no secret."""
    from incidentctl.text.escape import one_line
    from incidentctl.text.redact import redact

    return one_line(redact(service), _LONGEST_NAME)


def _timezone(settings: Settings, service: str) -> str:
    """The runbook's, where it can be read."""
    from incidentctl.runbook.load import load_service

    try:
        book = load_service(settings.runbooks_folder(), service).book
    except UserError:
        return "UTC"
    return book.timezone if book is not None else "UTC"


def _remark(settings: Settings, service: str) -> str:
    """A misspelt service is found by nobody.  Where there are no runbooks, no name is wrong."""
    from incidentctl.runbook.find import did_you_mean
    from incidentctl.runbook.load import services

    try:
        known = services(settings.runbooks_folder())
    except (UserError, OSError):
        return ""
    if not known or service.casefold() in {one.casefold() for one in known}:
        return ""
    return f"There is no runbook for {service}. {did_you_mean(service, known)}".rstrip()


# --- --run -------------------------------------------------------------------------------------------------


def _run(settings: Settings, service: str, text: str | None, words: Sequence[str]) -> int:
    """Whatever becomes of the log, the command is run, and its status is ours."""
    import shlex

    from incidentctl.cli.passing import pass_through
    from incidentctl.clock import SystemClock
    from incidentctl.incident.words import Change
    from incidentctl.text.redact import redact

    clock = SystemClock()
    command, name = redact(shlex.join(words)), _name(service)
    said = redact(text.strip()) if text else command
    begun = Change(name, said, clock.now(), settings.name(), command=command)
    if remark := _remark(settings, name):
        _say(f"{remark} {_KEPT}")
    kept = _begin(settings, begun)
    status = pass_through(words)
    if kept:
        _end(settings, kept, clock, status)
    return status


def _begin(settings: Settings, begun: Change) -> str:
    """The id of what was written down; empty where that failed."""
    try:
        with closing(_opened(settings)) as log:
            return log.record(begun)
    except (UserError, OSError, RuntimeError) as error:
        _say_lost(error, "The change is not written down")
        return ""


def _end(settings: Settings, kept: str, clock: Clock, status: int) -> None:
    try:
        with closing(_opened(settings)) as log:
            log.ended(kept, clock.now(), status)
    except (UserError, OSError, RuntimeError) as error:
        _say_lost(error, f"That it ended with {status} is not written down")


def _say_lost(error: Exception, what: str) -> None:
    hint = error.hint if isinstance(error, UserError) else ""
    _say(f"{what}: {error}\n{hint}".strip())


def _say(text: str) -> None:
    """On standard error, as far as anybody reads it: the output is the command's."""
    from incidentctl.text.escape import clean

    with suppress(OSError):
        sys.stderr.write(clean(f"incidentctl: {text}", lines=True) + "\n")
        sys.stderr.flush()


# --- the list ----------------------------------------------------------------------------------------------


def _list(settings: Settings, service: str | None, *, as_json: bool) -> None:
    from incidentctl.cli.wiring import open_desk

    with open_desk(settings, "read") as desk, closing(_opened(settings)) as log:
        found = log.all(None if service is None else _name(service))
        if as_json:
            desk.print_json({"schema": "incidentctl/changes/1", "changes": [_plain(one) for one in found]})
        else:
            _print(desk, service, found)


def _print(desk: Desk, service: str | None, found: Sequence[Change]) -> None:
    if not found:
        where = "" if service is None else f" of {_name(service)}"
        desk.console.bare(f"No changes{where} are written down.")
        if service is not None and (remark := _remark(desk.settings, _name(service))):
            desk.warnings.warn(remark)
    for one in found[:_SHOWN]:
        desk.console.bare(_line(one))
    if len(found) > _SHOWN:
        desk.console.bare(f"{len(found) - _SHOWN} older ones: --json lists all")


def _line(change: Change) -> str:
    """`2026-11-23 14:02 UTC  checkout  v1.42 (Ana)`"""
    from incidentctl.text.changes import what
    from incidentctl.text.escape import clean

    return clean(f"{change.at:%Y-%m-%d %H:%M} UTC  {change.service}  {what(change)} ({change.by})")


def _plain(change: Change) -> dict[str, Any]:
    from incidentctl.incident.plain import timestamp

    return {
        "service": change.service,
        "text": change.text,
        "command": change.command or None,
        "at": timestamp(change.at),
        "by": change.by,
        "ended_at": None if change.ended_at is None else timestamp(change.ended_at),
        "status": change.status,
    }
