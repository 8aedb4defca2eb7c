"""For `doctor`: the program, the settings with where each came from, and the store."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from incidentctl.cli.settings import MEMORY, Settings, cache_folder, state_folder
from incidentctl.cli.version import VERSION
from incidentctl.errors import UserError
from incidentctl.reports.doctor import Examination, Kind, Result
from incidentctl.runbook.load import shown
from incidentctl.terminal.console import Console

_ENOUGH: Final = 100 << 20
_MEGABYTE: Final = 1 << 20
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def of_program(
    settings: Settings, console: Console, folder: Path | None, zones: Iterable[str]
) -> Iterator[Examination]:
    """Versions, the terminal, each setting with its source, every folder that is written, the time `zones`."""
    yield _here(
        "incidentctl", "ok", f"{VERSION}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    )
    yield _terminal(console)
    yield _runbooks(settings, folder)
    yield _here("your name", "ok", f"{settings.name()}, from {_source_of_name(settings)}")
    yield _folder("bug reports", state_folder(), "they are printed")
    yield _folder("cache", cache_folder(), "lint looks at every file anew")
    yield from _zones(zones)


def _here(subject: str, result: Result, said: str = "", hint: str = "", kind: Kind = "program") -> Examination:
    return Examination(subject, kind, "", result, said, hint)


def _terminal(console: Console) -> Examination:
    look = console.look
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        why = "standard input and standard output are not both one: nobody is asked"
        return _here("terminal", "skipped", why)
    parts = (
        f"{console.columns} columns",
        look.term or "no TERM",
        "colour" if look.color else "no colour",
        "Unicode" if look.unicode else "ASCII alone, by the locale",
    )
    return _here("terminal", "ok", ", ".join(parts))


def _runbooks(settings: Settings, folder: Path | None) -> Examination:
    if folder is None:
        why = "no folder here or above, so every walk takes the built-in runbook"
        return _here("runbooks", "skipped", why, "Write one with `incidentctl new SERVICE`, or name it: --runbooks DIR")
    by = _given(settings.runbooks is not None, "--runbooks", "INCIDENTCTL_RUNBOOKS", "found here or above")
    said = f"{shown(folder)}, {by}"
    if not os.access(folder, os.R_OK | os.X_OK):
        return _here("runbooks", "failed", f"{said}: it may not be read", f"Let {settings.name()} read it.")
    return _here("runbooks", "ok", said)


def _given(by_option: bool, option: str, variable: str, default: str) -> str:
    """Where a setting came from."""
    if by_option:
        return f"by {option}"
    return f"by {variable}" if os.environ.get(variable) else default


def _source_of_name(settings: Settings) -> str:
    return _given(bool(settings.me), "--me", "INCIDENTCTL_ME", "git or the login").removeprefix("by ")


def _folder(subject: str, folder: Path, else_: str) -> Examination:
    """A folder that the program can do without."""
    if folder.is_absolute() and _can_be_written(folder):
        return _here(subject, "ok", shown(folder))
    return _here(subject, "skipped", f"{folder} cannot be written; {else_}")


def _can_be_written(folder: Path) -> bool:
    """Whether files can be put into it, or it can be made; by a file without a name, of which nothing is left."""
    try:
        with TemporaryFile(dir=_nearest(folder)):
            return True
    except OSError:
        return False


def _nearest(path: Path) -> Path:
    """The path, or what is there above it."""
    whole = path.absolute()
    return next((one for one in (whole, *whole.parents) if os.path.exists(one)), Path("/"))  # noqa: PTH110 - never raises


def _zones(names: Iterable[str]) -> Iterator[Examination]:
    from zoneinfo import ZoneInfo

    for name in dict.fromkeys(names):
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            yield _here(f"time zone {name}", "failed", "nobody here knows it; times are told in UTC", "Install tzdata.")
        else:
            yield _here(f"time zone {name}", "ok")


# --- the store ---------------------------------------------------------------------------------------------


def of_store(settings: Settings) -> Iterator[Examination]:
    """Whether the store can be opened and written, who else may read it, and its room.  Nothing is left behind."""
    by = _given(settings.store is not None, "--store", "INCIDENTCTL_STORE", "by default")
    try:
        path = settings.store_path()
    except UserError as error:
        yield _store("store", "failed", f"{error.message} ({by})", error.hint)
        return
    if path is None:
        yield _store("store", "skipped", f"{MEMORY}, {by}: nothing outlives a command")
        return
    where = f"{shown(path)}, {by}"
    yield _opened(path, where) if _holds_something(path) else _to_be_made(path, where)
    yield from _permissions(path)
    yield _room(path)


def _store(subject: str, result: Result, said: str, hint: str = "") -> Examination:
    return _here(subject, result, said, hint, "store")


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _to_be_made(path: Path, where: str) -> Examination:
    """There is no store yet, and none is made."""
    if _can_be_written(path.parent) and not path.is_dir():
        return _store("store", "ok", f"{where}: not there yet, and can be made")
    there = _nearest(path)
    why = "is a folder" if there == path.absolute() else "cannot be written" if there.is_dir() else "is no folder"
    return _store("store", "failed", f"{where}: it cannot be made, for {there} {why}", "Name another: --store PATH")


def _opened(path: Path, where: str) -> Examination:
    from incidentctl.journal.sqlite import SqliteJournal

    try:
        with closing(SqliteJournal(path)) as store:
            mode, count = store.examined(), len(store.incidents())
    except UserError as error:
        return _store("store", "failed", error.message, error.hint)
    incidents = "1 incident" if count == 1 else f"{count} incidents"
    return _store("store", "ok", f"{where}: {incidents}, can be written (SQLite, {mode})")


def _permissions(path: Path) -> Iterator[Examination]:
    """What is in a store is for its owner: 0600, in a folder where nobody else can put files."""
    for one, wrong, why, mend in (
        (path, _OTHERS, "others on this machine may open it", "chmod 600"),
        (path.parent, _OTHERS_WRITE, "others on this machine may put files into it", "chmod go-w"),
    ):
        try:
            mode = stat.S_IMODE(one.stat().st_mode)
        except OSError:
            continue
        subject = f"permissions of {shown(one)}"
        if mode & wrong:
            # A folder such as /tmp is everybody's, and has to stay so.
            hint = "Name a store elsewhere: --store PATH" if mode & stat.S_ISVTX else f"{mend} {one}"
            yield _store(subject, "failed", f"{mode:04o}: {why}", hint)
        else:
            yield _store(subject, "ok", f"{mode:04o}")


def _room(path: Path) -> Examination:
    there = _nearest(path.parent)
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        return _store("free space", "unknown", f"{there}: {error.strerror or error}")
    said = f"{free / (_MEGABYTE << 10):.1f} GB" if free >= _MEGABYTE << 10 else f"{free // _MEGABYTE} MB"
    if free < _ENOUGH:
        return _store(
            "free space", "failed", f"{said} are left", "Free some space, or name another store: --store PATH"
        )
    return _store("free space", "ok", said)
