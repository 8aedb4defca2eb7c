"""Where the settings come from: an option, else the environment, else what is usual on this machine."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from incidentctl.errors import NotFound, StoreUnreachable
from incidentctl.record import record
from incidentctl.runbook.find import find_directory

MEMORY = "memory:"
_SQLITE = "sqlite:///"
HERE_IS_GONE = "The folder that this terminal is in is not there any more"
_STORES = "Name a file: --store PATH, or sqlite:///PATH, or memory:"


@record
class Settings:
    """The global options as they were given; None where an option was left out."""

    runbooks: Path | None = None
    store: str | None = None
    me: str | None = None
    color: bool = True

    def runbooks_folder(self) -> Path | None:
        """The folder of the runbooks: named, or `runbooks/` here or in a folder above; None where there is none.

        Raises NotFound where a named folder is not there, or the current one is not there any more.
        """
        named = self.runbooks or _path_from_environment("INCIDENTCTL_RUNBOOKS") or _runbooks_here()
        if named is None:
            return None
        if not named.is_dir():
            message = f"There is no folder of runbooks at {named}"
            raise NotFound(message, "Name it with --runbooks DIR or INCIDENTCTL_RUNBOOKS.")
        return named

    def store_path(self) -> Path | None:
        """The file of the store; None for `memory:`.  Raises StoreUnreachable for a kind of store that is not known."""
        url = self.store if self.store is not None else os.environ.get("INCIDENTCTL_STORE", "")
        if url == MEMORY:
            return None
        if url.startswith(_SQLITE):
            url = url.removeprefix(_SQLITE)
        if self.store is not None and not url:
            raise StoreUnreachable("--store names no file", _STORES)
        if "://" in url:
            scheme = url.partition("://")[0]
            message = f"A store at `{scheme}://` cannot be used by this version"
            raise StoreUnreachable(message, _STORES)
        return Path(url).expanduser() if url else state_folder() / "incidents.db"

    def name(self) -> str:
        """Who is at the keyboard: --me, INCIDENTCTL_ME, git's user.name, else the login."""
        given = self.me or os.environ.get("INCIDENTCTL_ME") or ""
        return _clean(given) or _clean(_git_name()) or _login()

    def command(self, *words: str) -> str:
        """A command line that goes on with the same settings, ready to be pasted."""
        options = [("--runbooks", self.runbooks), ("--store", self.store), ("--me", self.me)]
        given = [part for option, value in options if value is not None for part in (option, str(value))]
        return shlex.join(["incidentctl", *given, *words])


def state_folder() -> Path:
    """Where the program keeps what it writes for this person."""
    from platformdirs import user_state_path  # only where no store is named

    return user_state_path("incidentctl")


def cache_folder() -> Path:
    """Where the program keeps what it can make again; not absolute where this person has no home."""
    from platformdirs import user_cache_path

    return user_cache_path("incidentctl")


def _runbooks_here() -> Path | None:
    try:
        return find_directory(None, Path.cwd())
    except FileNotFoundError as error:
        raise NotFound(HERE_IS_GONE, "Go to one that is, or name the runbooks: --runbooks DIR") from error


def _path_from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value).expanduser() if value else None


def _clean(name: str) -> str:
    """One line without control characters, short enough for a header."""
    return "".join(letter for letter in " ".join(name.split()) if letter.isprintable())[:60]


def _git_name() -> str:
    import subprocess

    try:
        # git alone knows its includes.  A fixed command without a shell, found wherever git is installed.
        done = subprocess.run(
            ["git", "config", "--get", "user.name"],  # noqa: S607
            capture_output=True, text=True, timeout=2, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout


def _login() -> str:
    import getpass  # the last resort

    try:
        return _clean(getpass.getuser()) or "somebody"
    except (OSError, KeyError, ImportError):
        return "somebody"
