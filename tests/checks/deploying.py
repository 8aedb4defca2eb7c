"""How the tests about deploys ask, and the git repositories that they make."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from incidentctl.checks.deploys.ask import ask
from incidentctl.checks.interface import Found
from incidentctl.incident.words import Change
from tests.checks.asked import asked, inquiry
from tests.needs import needs

NOW: Final = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
ALONE: Final = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def look(values: dict[str, str], *changes: Change, **given: Any) -> Found:  # noqa: ANN401 - those of Inquiry
    """What the check finds, with a change log that holds `changes`."""

    def read(service: str, since: datetime) -> Sequence[Change]:
        return [one for one in changes if one.service == service and max(one.at, one.ended_at or one.at) >= since]

    return asked(ask, inquiry("deploys", values, **{"now": NOW, "service": "checkout", "changes": read, **given}))


class Repository:
    """A real one."""

    def __init__(self, folder: Path, *, bare: bool = False) -> None:
        needs("git")
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))

    def git(self, *words: str, at: datetime = NOW, by: str = "Ana") -> str:
        stamp = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        person = {f"GIT_{part}_{what}": value for part in ("AUTHOR", "COMMITTER")
                  for what, value in (("NAME", by), ("EMAIL", "a@example.com"))}  # fmt: skip
        times = {"GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE": stamp}
        done = subprocess.run(
            ["git", "-C", str(self.folder), *words],
            env={**os.environ, **ALONE, **person, **times}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, subject: str, at: datetime, by: str = "Ana", tag: str = "") -> str:
        """A commit that was committed then, however old its author says it is; its name, shortened."""
        self.git("commit", "--quiet", "--allow-empty", "-m", subject, at=at, by=by)
        if tag:
            self.git("tag", tag)
        return self.git("rev-parse", "HEAD")[:10]

    def clone(self, folder: Path, *options: str, fetched: datetime | None = None) -> Repository:
        """A clone of it, made, or last fetched, at that moment."""
        self.git("clone", "--quiet", *options, f"file://{self.folder}", str(folder))
        copy = Repository.__new__(Repository)
        copy.folder = folder
        copy.fetched(fetched or NOW)
        return copy

    def fetched(self, at: datetime, name: str = "logs/refs/remotes/origin/HEAD") -> None:
        """What a clone, or a fetch (`FETCH_HEAD`), would have left then."""
        os.utime(self.folder / ".git" / name, (at.timestamp(), at.timestamp()))
