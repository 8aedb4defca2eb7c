"""What lint said of a tree, kept by the hash of all that it depends on: an unchanged tree costs reading and hashing.

One file for each folder and way of asking.  A file that is broken, old or cannot be written is as though there were
none; and since its name and its entries are hashes of everything that was looked at, it cannot be out of date.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from incidentctl.lint.said import (
    Neighbour,
    Plain,
    Said,
    Surroundings,
    neighbour_of,
    plain_neighbour,
    plain_said,
    plain_surroundings,
    said_of,
)

_MOST_FILES: Final = 256
_MOST_BYTES: Final = 32 << 20
_LIBRARIES: Final = ("yaml", "jinja2", "tzdata")  # what we say rests on what they say
_ZONES: Final = Path("/usr/share/zoneinfo")
_PACKAGE: Final = Path(__file__).parents[1]


def digest(data: bytes) -> str:
    """The SHA-256 of `data` in hexadecimal."""
    import hashlib

    return hashlib.sha256(data).hexdigest()


def digest_of(around: Surroundings) -> str:
    """The same for what the rules know of other services."""
    return digest(_written(plain_surroundings(around)))


class Shelf:
    """What was said of the services of one folder; nothing is found on it, and nothing kept, without a `file`."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._old: dict[str, Any] = _content(file) if file is not None else {}
        self._new: dict[str, Any] = {}

    @property
    def keeps(self) -> bool:
        """Whether anything is kept; if not, nothing need be hashed either."""
        return self._file is not None

    def neighbour(self, name: str, hashed: str) -> Neighbour | None:
        """What is known of the service whose file `name` has these bytes."""
        entry = self._entry(name, hashed)
        with suppress(KeyError, TypeError, ValueError):  # whatever somebody wrote into the file
            return neighbour_of(entry["neighbour"]) if entry else None
        return None

    def said(self, name: str, hashed: str, around: str) -> Said | None:
        """What was said of it beside these services."""
        entry = self._entry(name, hashed)
        with suppress(KeyError, TypeError, ValueError):
            return said_of(entry["said"]) if entry and entry.get("around") == around else None
        return None

    def keep(self, name: str, hashed: str, neighbour: Neighbour, around: str, said: Said | None) -> None:
        """Remember it for the next time; `said` is None where nobody asked."""
        entry = {"digest": hashed, "neighbour": plain_neighbour(neighbour)}
        if said is not None:
            entry |= {"around": around, "said": plain_said(said)}
        elif old := self._entry(name, hashed):
            entry = old
        self._new[name] = entry

    def save(self, beside: Sequence[str] = ()) -> None:
        """Write what was kept, and of `beside`, which nobody looked at now, what was there before."""
        if self._file is None:
            return
        entries = {name: self._old[name] for name in beside if name in self._old} | self._new
        if entries != self._old:
            _save(self._file, entries)

    def _entry(self, name: str, hashed: str) -> dict[str, Any] | None:
        entry = self._new.get(name) or self._old.get(name)
        return entry if isinstance(entry, dict) and entry.get("digest") == hashed else None


def shelf(cache: Path | None, about: Sequence[Plain]) -> Shelf:
    """The shelf in the folder `cache` for one tree; `about` is everything else that the findings depend on.

    With `cache` None one that keeps nothing.
    """
    if cache is None:
        return Shelf()
    return Shelf(cache / f"{digest(_written([*about, _program()]))}.json")


def _program() -> Plain:
    """The program itself: an edited rule, another library or another Python may say something else."""
    from importlib.util import find_spec

    specs = (find_spec(name) for name in _LIBRARIES)
    origins = [Path(spec.origin) for spec in specs if spec is not None and spec.origin]
    stamps = [_stamp(path) for path in (*origins, _ZONES)]
    return [sys.version, str(_PACKAGE), sorted(_code(str(_PACKAGE))), stamps]


def _code(folder: str) -> Iterator[tuple[str, int, int]]:
    """Every file of the program: its name, size, and when it was changed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _code(entry.path)
            else:
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns


def _stamp(path: Path) -> Plain:
    try:
        return [str(path), path.stat().st_mtime_ns]
    except OSError:
        return [str(path), 0]


def _written(plain: Plain) -> bytes:
    return json.dumps(plain, sort_keys=True).encode()


# --- the file: a line with the digest of all that follows, so that half a file, or a changed one, is none ----


def _content(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            hashed, _, body = stream.read(_MOST_BYTES + 1).partition(b"\n")
        content = json.loads(body) if hashed.decode() == digest(body) else {}
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _save(file: Path, entries: dict[str, Any]) -> None:
    body = json.dumps(entries).encode()
    if len(body) + 100 > _MOST_BYTES:
        return
    import tempfile  # with half a dozen libraries, which a run that keeps nothing does without

    name = ""
    with suppress(OSError):
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".new")
            with os.fdopen(handle, "wb") as stream:
                stream.write(digest(body).encode() + b"\n" + body)
            Path(name).replace(file)
            name = ""
        finally:
            if name:
                Path(name).unlink(missing_ok=True)
        _tidy(file.parent)


def _tidy(folder: Path) -> None:
    """Only the newest files stay; what a killed process left is one of the old ones."""
    files = [path for path in folder.iterdir() if path.suffix in (".json", ".new")]
    if len(files) > _MOST_FILES:
        files.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in files[_MOST_FILES:]:
            path.unlink(missing_ok=True)
