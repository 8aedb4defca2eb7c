"""Deploys from a local clone: each first-parent commit on a branch is one, at its committer time.

Keys: `git.repository` (a folder, from the runbook's), `git.ref` (else `origin/HEAD`, else `HEAD`).

A clone knows nothing newer than its last fetch.  The repository's own configuration may be anybody's: nothing that it
names is run, nothing is fetched, nothing is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from incidentctl.checks.deploys.deploy import Deploy, Seen, short
from incidentctl.checks.interface import Inquiry, Unknown
from incidentctl.subprocesses import Done, run
from incidentctl.text.times import span

_MOST: Final = 1 << 20
_COMMITS: Final = 200
_FRESH: Final = timedelta(hours=1)
_FIELDS: Final = ("%H", "%ct", "%an", "%s", "%D")
_USUAL: Final = ("refs/remotes/origin/HEAD", "HEAD")
# A hook or an editor that started us may have set these, and they would win over -C.
_ELSEWHERE: Final = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_CONFIG_PARAMETERS",
)  # fmt: skip
_ENVIRON: Final[dict[str, str | None]] = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    # A partial clone would fetch what it lacks, with whatever program its configuration names.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
    **dict.fromkeys(_ELSEWHERE),
}
_SETTINGS: Final = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "log.showSignature=false")


async def deploys(inquiry: Inquiry) -> Seen:
    """The last commits of the branch.  Raises Unknown and Unfinished."""
    clone = Clone(inquiry.folder, inquiry.required("git.repository"), inquiry.seconds)
    return await asyncio.to_thread(clone.seen, inquiry.text("git.ref"), inquiry.now)


class Clone:
    """A repository on this machine, asked through git."""

    def __init__(self, folder: Path, repository: str, seconds: float) -> None:
        """`repository` counts from `folder`.  Each call of git may take `seconds`."""
        self._folder = folder / Path(repository).expanduser()
        self._seconds = seconds

    def seen(self, ref: str, now: datetime) -> Seen:
        """What the branch holds, and whether that can be all.  Raises Unknown, with git's own reason."""
        shallow, *marks = self._lines("rev-parse", "--is-shallow-repository", *_git_paths())
        commits = self._commits(self._commit(ref))
        doubt, remark = self._freshness([self._folder / mark for mark in marks], now)
        if shallow == "true":
            doubt = doubt or "the clone is shallow: not all of its history is there"
        return Seen(tuple(commits), doubt, remark)

    def _commit(self, ref: str) -> str:
        """The commit that `ref` names, or the one that is usual."""
        for name in (ref,) if ref else _USUAL:
            done = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            if done.status == 0:
                return done.out.decode("ascii", "replace").strip()
        raise Unknown(f"git knows no `{ref}` in {self._folder}" if ref else f"there is no commit in {self._folder}")

    def _commits(self, commit: str) -> Iterator[Deploy]:
        done = self._checked(
            "log", "--first-parent", "--no-show-signature", "--no-patch", "--no-color", "--no-notes",
            "--encoding=UTF-8", f"--max-count={_COMMITS}", f"--format={'%x00'.join(_FIELDS)}", "-z", commit, "--",
        )  # fmt: skip
        parts = iter(done.out.decode("utf-8", "replace").split("\0"))
        for name, seconds, author, subject, names in zip(parts, parts, parts, parts, parts, strict=False):
            tags = [one.strip()[5:] for one in names.split(",") if one.strip().startswith("tag: ")]
            what = f"{', '.join(tags)}: {subject}" if tags else subject
            yield Deploy(_at(seconds), what, author, short(name))

    def _freshness(self, marks: Sequence[Path], now: datetime) -> tuple[str, str]:
        """Why newer deploys may not be seen, and what to say about it where they most likely are."""
        if not self._lines("remote"):
            return "", ""
        fetched = max((when for when in map(_written, marks) if when), default=None)
        if fetched is None:
            return "nobody knows when it was last fetched: newer deploys may not be seen", ""
        said = f"last fetched {span(now - fetched)} ago"
        return ("", said) if now - fetched <= _FRESH else (f"{said}: newer deploys are not seen", "")

    def _lines(self, *words: str) -> list[str]:
        return self._checked(*words).out.decode("utf-8", "surrogateescape").splitlines()

    def _checked(self, *words: str) -> Done:
        done = self._git(*words)
        if done.status:
            said = done.err.decode("utf-8", "replace").strip().partition("\n")[0]
            raise Unknown(f"git cannot read it: {said.removeprefix('fatal: ') or f'it ended with {done.status}'}")
        return done

    def _git(self, *words: str) -> Done:
        settings = [word for one in _SETTINGS for word in ("-c", one)]
        argv = ["git", "--no-pager", "-C", str(self._folder), *settings, *words]
        return run(argv, seconds=self._seconds, most=_MOST, environ=_ENVIRON)


def _git_paths() -> Iterator[str]:
    """The files that a fetch, or else the clone itself, wrote last."""
    for name in ("FETCH_HEAD", "logs/refs/remotes/origin/HEAD"):
        yield "--git-path"
        yield name


def _written(path: Path) -> datetime | None:
    """When a file was last written.  A fetch that failed leaves its file empty."""
    try:
        status = path.stat()
    except OSError:
        return None
    return datetime.fromtimestamp(status.st_mtime, UTC) if status.st_size else None


def _at(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unknown("git tells a time that no calendar has") from error
