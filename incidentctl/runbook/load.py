"""The only reader of runbook files: a service's name -> its merged Runbook, the texts it came from, what is wrong."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Final

from incidentctl.errors import NotFound
from incidentctl.record import record
from incidentctl.runbook.decode import decode
from incidentctl.runbook.find import did_you_mean
from incidentctl.runbook.model import Runbook
from incidentctl.runbook.source import MAX_BYTES, File, Origin, Problem, Problems, Span, read_source

BUILT_IN: Final = "built-in"
DEFAULTS: Final = "_defaults"
_SUFFIXES: Final = (".yaml", ".yml")
_SERVICE_KEY: Final = r"""(?m)^service:[ \t]+(['"]?)([\w.-]+)\1[ \t]*(?:#.*)?$"""


@record
class RunbookText:
    """One file as it was read: `name` is where it is, `digest` the SHA-256 of its bytes in hexadecimal."""

    name: str
    text: str
    digest: str


@record
class Loaded:
    """What became of a service's files, the lowest layer first; `book` is None where there is any problem."""

    book: Runbook | None
    texts: tuple[RunbookText, ...]
    problems: tuple[Problem, ...]


def services(directory: Path | None) -> list[str]:
    """The names of all services that have a file in `directory`, sorted."""
    return sorted({_service_of(path) or path.stem for path in _files(directory)})


def load_service(directory: Path | None, service: str) -> Loaded:
    """The runbook of `service`: the built-in one, the organisation's defaults and its own file, merged.

    Its file is SERVICE.yaml or SERVICE.yml, else the first that says `service: SERVICE`.  What is wrong in a file is
    told in `problems`.  Raises NotFound, naming what was probably meant, where there is no file for it.
    """
    path = _file_of(directory, service)
    if path is None or directory is None:
        where = f" in {_shown(directory)}" if directory is not None else ""
        raise NotFound(f"there is no runbook for `{service}`{where}", did_you_mean(service, services(directory)))
    return _loaded(service, [*_defaults(directory), path])


def built_in(service: str, directory: Path | None = None) -> Loaded:
    """The generic runbook, for a service that has none, with the organisation's defaults of `directory`."""
    return _loaded(service, _defaults(directory))


def from_texts(service: str, texts: Iterable[RunbookText]) -> Loaded:
    """The runbook from texts that were kept; the same as when they were read from files."""
    kept, problems = tuple(texts), Problems()
    return _decoded(service, [(text, text.text.encode("utf-8", "surrogatepass")) for text in kept], problems)


# --- files -------------------------------------------------------------------------------------------------


def _files(directory: Path | None) -> list[Path]:
    """The services' files: not the defaults, nothing hidden, nothing in directories below."""
    if directory is None:
        return []
    try:
        return [path for path in sorted(directory.iterdir()) if _is_service_file(path)]
    except OSError:
        return []  # the directory is not there or may not be looked into: it has no runbooks for us


def _is_service_file(path: Path) -> bool:
    return path.suffix in _SUFFIXES and path.name[0] not in "._" and path.is_file()


def _file_of(directory: Path | None, service: str) -> Path | None:
    files = _files(directory)
    by_name = (path for path in files if path.stem == service)
    by_key = (path for path in files if service and _service_of(path) == service)
    return next(by_name, None) or next(by_key, None)


def _service_of(path: Path) -> str:
    """What a file's `service:` says, without reading it as YAML; empty where it does not say it in the plain way."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            match = re.search(_SERVICE_KEY, file.read(MAX_BYTES))
    except OSError:
        return ""
    return match[2] if match else ""


def _defaults(directory: Path | None) -> list[Path]:
    """The organisation's file, where there is one."""
    paths = [directory / f"{DEFAULTS}{suffix}" for suffix in _SUFFIXES] if directory is not None else []
    try:
        return [path for path in paths if path.is_file()][:1]
    except OSError:
        return []


def _shown(path: Path) -> str:
    """A path as a person would type it from here."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


# --- reading -----------------------------------------------------------------------------------------------


def _loaded(service: str, paths: Sequence[Path]) -> Loaded:
    problems = Problems()
    layers = [_built_in_layer(), *(_read(path, problems) for path in paths)]
    return _decoded(service, layers, problems)


def _built_in_layer() -> tuple[RunbookText, bytes]:
    path = Path(__file__).parent / "builtin" / "runbook.yaml"
    return _layer(BUILT_IN, path.read_bytes())


def _read(path: Path, problems: Problems) -> tuple[RunbookText, bytes]:
    name, data = _shown(path), b""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # one more than is allowed, so that a larger one is seen
    except OSError as error:
        file_ = File(name, _origin(name))
        problems.on(file_, Span(1, 1, 1, 1), (), f"the file cannot be read: {error.strerror or error}")
    return _layer(name, data)


def _layer(name: str, data: bytes) -> tuple[RunbookText, bytes]:
    digest = hashlib.sha256(data).hexdigest()
    return RunbookText(name, data.decode("utf-8", "replace"), digest), data


def _origin(name: str) -> Origin:
    if name == BUILT_IN:
        return Origin.BUILT_IN
    return Origin.ORGANISATION if PurePath(name).stem == DEFAULTS else Origin.SERVICE


def _decoded(service: str, layers: Sequence[tuple[RunbookText, bytes]], problems: Problems) -> Loaded:
    sources = [read_source(File(text.name, _origin(text.name)), data, problems) for text, data in layers]
    book = decode(service, sources, problems) if sources and all(source.readable for source in sources) else None
    order = [text.name for text, _ in layers]
    found = sorted(dict.fromkeys(problems.found), key=lambda one: (order.index(one.file), one.line, one.column))
    return Loaded(None if found else book, tuple(text for text, _ in layers), tuple(found))
