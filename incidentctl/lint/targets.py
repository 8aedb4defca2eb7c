"""What lint is to look at: PATH... -> folders of runbooks, and in each the files that were meant."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from incidentctl.errors import NotFound
from incidentctl.record import record
from incidentctl.runbook.find import DIRECTORY
from incidentctl.runbook.load import DEFAULTS, SUFFIXES, defaults_file, service_files


@record
class Folder:
    """A folder of runbooks: its services' files, the organisation's file where there is one, and what was meant.

    `wanted` may name a file that is not there yet, of which only the text is known (`--stdin-filename`), and what is
    named like a runbook and is no file.
    """

    path: Path
    defaults: Path | None
    services: tuple[Path, ...]
    wanted: frozenset[Path]

    @property
    def no_files(self) -> list[Path]:
        """Those of `wanted` that nobody can read: a pipe might never end, and a link may lead nowhere."""
        return sorted(self.wanted.difference(self.services, [self.defaults] if self.defaults is not None else []))

    @property
    def is_whole(self) -> bool:
        """Whether every service of the folder was meant: then all that is said of the defaults is known."""
        return self.wanted.issuperset(self.services)


def folders(paths: Sequence[Path]) -> list[Folder]:
    """The folders of `paths`, each once.  A folder stands for its runbooks, or for those in its `runbooks/`.

    Sub-folders (`drills`, `answers`) hold no runbooks.  Raises NotFound for what is not there, and for a folder
    without any runbook: a check that looks at nothing must not pass.
    """
    wanted: dict[Path, set[Path]] = {}
    for path in paths:
        if path.is_dir():
            folder, files = _runbooks_in(path)
            wanted.setdefault(folder, set()).update(files)
        elif path.is_file():
            wanted.setdefault(path.parent, set()).add(path)
        else:
            raise NotFound(missing(path), "Name runbooks, or the folder that holds them.")
    return [_folder(path, chosen) for path, chosen in wanted.items()]


def missing(path: Path) -> str:
    """Why `path` is no runbook."""
    if path.exists():
        return f"{path} is no file: a pipe or a device may never end"
    return f"{path} is a link that leads nowhere" if path.is_symlink() else f"there is no file or folder {path}"


def folder_of_text(name: Path) -> Folder:
    """The folder in which a text that is not saved yet would stand."""
    return _folder(name.parent, {name})


def _folder(path: Path, wanted: Iterable[Path]) -> Folder:
    wanted = frozenset(wanted)
    services = service_files(path)
    others = [file for file in wanted.difference(services) if not _is_no_file(file)]
    defaults = defaults_file(path) or next((file for file in others if file.stem == DEFAULTS), None)
    hidden = [file for file in others if file.stem != DEFAULTS]
    return Folder(path, defaults, tuple(sorted([*services, *hidden])), wanted)


def _runbooks_in(folder: Path) -> tuple[Path, list[Path]]:
    for place in (folder, folder / DIRECTORY):
        files = _files(place)
        if files:
            return place, files
    raise NotFound(f"there are no runbooks in {folder}", "Name the folder that holds them: incidentctl lint DIR")


def _files(folder: Path) -> list[Path]:
    defaults = defaults_file(folder)
    return [*service_files(folder), *([defaults] if defaults else []), *_no_files(folder)]


def _no_files(folder: Path) -> list[Path]:
    """What is named like a runbook in `folder`, and is neither a file nor a folder."""
    try:
        with os.scandir(folder) as entries:
            names = [
                one.name for one in entries if one.name.endswith(SUFFIXES) and not one.is_file(follow_symlinks=False)
            ]
    except OSError:
        return []  # it is not there, or may not be looked into: then it has no runbooks for us
    named = (folder / name for name in sorted(names) if name[0] not in "._" or PurePath(name).stem == DEFAULTS)
    return [path for path in named if _is_no_file(path)]


def _is_no_file(path: Path) -> bool:
    """Whether there is something that can never be read as a file; a file that is not there yet can."""
    return not path.is_file() and not path.is_dir() and (path.is_symlink() or path.exists())
