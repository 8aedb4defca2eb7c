"""What changed against a revision of git, and what the runbooks were then."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from incidentctl.errors import NotFound
from incidentctl.lint.targets import Folder
from incidentctl.record import record
from incidentctl.runbook.model import Runbook
from incidentctl.runbook.source import MAX_BYTES
from incidentctl.runbook.tree import Tree
from incidentctl.subprocesses import Done, Unfinished, run

_SECONDS: Final = 20.0
_MOST: Final = 8 << 20
# git asks nobody, shows nothing on the way, and leaves the repository as it is.
_ENVIRON: Final = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "LC_ALL": "C"}


@record
class Revision:
    """A commit, as seen from the folder of a tree of runbooks."""

    commit: str
    folder: Path

    def changed(self) -> set[Path]:
        """The files of the folder that differ from the commit, or are new, tracked or not."""
        differ = _git(self.folder, "diff", "--name-only", "--no-ext-diff", "--relative", "-z", self.commit, "--", ".")
        new = _git(self.folder, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
        if differ.status or new.status:
            raise NotFound(f"git cannot say what changed: {_said(differ if differ.status else new)}")
        names = (differ.out + new.out).decode("utf-8", "surrogateescape").split("\0")
        return {self.folder / name for name in names if name}

    def text(self, path: Path) -> bytes | None:
        """What a file of the folder held; None where it was not there."""
        done = _git(self.folder, "cat-file", "blob", f"{self.commit}:./{path.name}")
        return None if done.status else done.out

    def runbook(self, folder: Folder, path: Path) -> Runbook | None:
        """The service's runbook as it was walked then; None where there was none, or it could not be walked."""
        then = self.text(path)
        if then is None:
            return None
        shared = self.text(folder.defaults) if folder.defaults is not None else None
        given = {path: then} if shared is None or folder.defaults is None else {path: then, folder.defaults: shared}
        return Tree(folder.defaults if shared is not None else None, given).load(path).book


def revision(name: str, folder: Path) -> Revision:
    """The commit that `name` stands for in the repository around `folder`.  Raises NotFound, with git's reason."""
    done = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    commit = done.out.decode("ascii", "replace").strip()
    if done.status or not commit:
        hint = _said(done) or "In CI, the whole history may have to be fetched: git fetch --unshallow"
        raise NotFound(f"git knows no revision `{name}` in {folder}", hint)
    return Revision(commit, folder)


def changed_alone(folders: Sequence[Folder], revisions: dict[Path, Revision]) -> list[Folder]:
    """The folders with what changed in them; where the organisation's file did, all of its services."""
    kept = []
    for folder in folders:
        changed = revisions[folder.path].changed()
        everything = {*folder.services, *folder.wanted} if folder.defaults in changed else changed
        wanted = folder.wanted & everything
        if wanted:
            kept.append(Folder(folder.path, folder.defaults, folder.services, wanted))
    return kept


def _git(folder: Path, *words: str) -> Done:
    try:
        return run(["git", *words], cwd=folder, seconds=_SECONDS, most=max(_MOST, MAX_BYTES), environ=_ENVIRON)
    except Unfinished as error:
        hint = "Install git, or leave --since out: then every runbook is looked at."
        if isinstance(error.__cause__, OSError):
            raise NotFound(f"--since asks git what changed, and {error.message}", hint) from error
        raise


def _said(done: Done) -> str:
    return done.err.decode("utf-8", "replace").strip()
