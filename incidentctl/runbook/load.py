"""The only reader of runbook files: a service's name -> its merged Runbook, the texts it came from, what is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Final

from incidentctl.errors import NotFound
from incidentctl.record import record
from incidentctl.runbook.decode import decode
from incidentctl.runbook.decode_values import listed
from incidentctl.runbook.defaults import Catalogue, merged_layers
from incidentctl.runbook.find import DIRECTORY, did_you_mean
from incidentctl.runbook.model import Runbook
from incidentctl.runbook.nodes import File, MappingNode, Origin, Span
from incidentctl.runbook.source import MAX_BYTES, Problem, Problems, Source, read_source

BUILT_IN: Final = "built-in"
DEFAULTS: Final = "_defaults"
SUFFIXES: Final = (".yaml", ".yml")
_SERVICE_KEY: Final = r"""(?m)^service:[ \t]+(['"]?)([\w.-]+)\1[ \t]*(?:#.*)?$"""


@record
class RunbookText:
    """One file as it was read: `name` is where it is, `data` the bytes on the disk.

    What a runbook is made of is `text` alone, which may by now be without its secrets.
    """

    name: str
    text: str
    data: bytes | None = None

    @property
    def encoded(self) -> bytes:
        """`text` in UTF-8."""
        return self.text.encode("utf-8", "surrogatepass")

    @property
    def digest(self) -> str:
        """The SHA-256 of the file in hexadecimal; of `text` where there was none."""
        import hashlib  # which takes as long to load as reading five runbooks, and lint without a cache needs none

        return hashlib.sha256(self.encoded if self.data is None else self.data).hexdigest()


@record
class Loaded:
    """What became of a service's files, the lowest layer first.

    `book` is None where there is any problem.  `remarks` are what lint says besides (`tree.Tree` adds what only
    lint looks for); they keep nobody from walking.
    For lint there are also `draft`, what could be read even where there are problems, and `root`, the merged nodes that
    know where everything was written (`places`); both are None where a file is no YAML at all.  `sources` are the nodes
    of each of the `texts`.
    """

    book: Runbook | None
    texts: tuple[RunbookText, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...] = ()
    draft: Runbook | None = None
    root: MappingNode | None = None
    sources: tuple[Source, ...] = ()


def services(directory: Path | None) -> list[str]:
    """The names of all services that have a file in `directory`, sorted."""
    return sorted({_service_of(path) or path.stem for path in service_files(directory)})


def load_service(directory: Path | None, service: str) -> Loaded:
    """The runbook of `service`: the built-in one, the organisation's defaults and its own file, merged.

    Its file is SERVICE.yaml or SERVICE.yml, else the first that says `service: SERVICE`.  What is wrong in a file is
    told in `problems`.  Raises NotFound, naming what was probably meant, where there is no file for it.
    """
    path = _file_of(directory, service)
    if path is None or directory is None:
        where = f" in {shown(directory)}" if directory is not None else ""
        raise NotFound(f"there is no runbook for `{service}`{where}", _instead(directory, service))
    return _loaded(service, _layers(directory, path))


def _instead(directory: Path | None, service: str) -> str:
    """What was probably meant; where nothing is near, which services there are."""
    if directory is None:
        return f"There is no folder `{DIRECTORY}` here or above: name one with --runbooks DIR."
    known = services(directory)
    if not known:
        return "No service has one yet: incidentctl new writes it."
    return did_you_mean(service, known) or f"The services that have one: {listed(known, 'and')}."


def built_in(service: str, directory: Path | None = None) -> Loaded:
    """The generic runbook, for a service that has none, with the organisation's defaults of `directory`."""
    return _loaded(service, _layers(directory))


def from_texts(service: str, texts: Iterable[RunbookText]) -> Loaded:
    """The runbook from texts that were kept; the same as when they were read from files."""
    problems = Problems()
    layers = [_kept(text, problems) for text in texts]
    return joined(service, layers, problems)


def _kept(text: RunbookText, problems: Problems) -> ReadLayer:
    return ReadLayer(text, read_source(File(text.name, _origin(text.name)), text.encoded, problems))


# --- files -------------------------------------------------------------------------------------------------


def service_files(directory: Path | None) -> list[Path]:
    """The services' files in `directory`: not the defaults, nothing hidden, nothing in directories below."""
    if directory is None:
        return []
    try:
        with os.scandir(directory) as entries:
            return [directory / name for name in sorted(entry.name for entry in entries if _is_service_file(entry))]
    except OSError:
        return []  # the directory is not there or may not be looked into: it has no runbooks for us


def _is_service_file(entry: os.DirEntry[str]) -> bool:
    if not entry.name.endswith(SUFFIXES) or entry.name[0] in "._":
        return False
    return entry.is_file(follow_symlinks=False) or os.path.isfile(entry.path)  # noqa: PTH113 - a link may lead nowhere


def _file_of(directory: Path | None, service: str) -> Path | None:
    files = service_files(directory)
    by_name = (path for path in files if path.stem == service)
    by_key = (path for path in files if service and _service_of(path) == service)
    return next(by_name, None) or next(by_key, None)


def _service_of(path: Path) -> str:
    """What a file's `service:` says; empty where it cannot be read, or does not say it in the plain way."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return service_in(file.read(MAX_BYTES))
    except OSError:
        return ""


def service_in(text: str) -> str:
    """What the `service:` of a text says, without reading it as YAML."""
    match = re.search(_SERVICE_KEY, text)
    return match[2] if match else ""


def defaults_file(directory: Path | None) -> Path | None:
    """The organisation's file in `directory`, where there is one."""
    paths = [directory / f"{DEFAULTS}{suffix}" for suffix in SUFFIXES] if directory is not None else []
    try:
        return next((path for path in paths if path.is_file()), None)
    except OSError:
        return None


def _layers(directory: Path | None, *above: Path) -> list[Path]:
    """The files of a service from the lowest layer up, the built-in one left out."""
    defaults = defaults_file(directory)
    return [*([defaults] if defaults else []), *above]


def shown(path: Path) -> str:
    """A path as a person would type it from here."""
    try:
        here = os.getcwd()  # noqa: PTH109 - `relative_to` takes ten times as long, and every finding is shown
    except OSError:
        return str(path)
    whole, above = os.path.join(here, path), here.rstrip(os.sep) + os.sep  # noqa: PTH118 - likewise
    if whole.startswith(above) and whole != above:
        return whole.removeprefix(above)
    return "." if whole.rstrip(os.sep) == here else str(path)


# --- reading -----------------------------------------------------------------------------------------------


def _loaded(service: str, paths: Sequence[Path]) -> Loaded:
    problems = Problems()
    layers = [read_layer(None, problems), *(read_layer(path, problems) for path in paths)]
    return joined(service, layers, problems)


@record
class ReadLayer:
    """A file as it was read, and its nodes."""

    text: RunbookText
    source: Source


def read_layer(path: Path | None, problems: Problems, data: bytes | None = None) -> ReadLayer:
    """The file at `path`, or the built-in one; `data` is its content where that is known already.

    Never raises: what cannot be read is a problem.
    """
    if path is None:
        return _composed(BUILT_IN, (Path(__file__).parent / "builtin" / "runbook.yaml").read_bytes(), problems)
    name = shown(path)
    try:
        if data is None:
            data = file_bytes(path)
    except OSError as error:
        file_ = File(name, _origin(name))
        problems.on(file_, Span(1, 1, 1, 1), "syntax", f"the file cannot be read: {error.strerror or error}")
    return _composed(name, data or b"", problems)


def file_bytes(path: Path) -> bytes:
    """What is in a file: one byte more than is allowed at most, so that a larger one is seen.  Raises OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size or MAX_BYTES  # what is asked for is reserved, so no more than is there
        return file.read(min(size, MAX_BYTES) + 1)


def _composed(name: str, data: bytes, problems: Problems) -> ReadLayer:
    text = RunbookText(name, data.decode("utf-8", "replace"), data)
    return ReadLayer(text, read_source(File(name, _origin(name)), data, problems))


def _origin(name: str) -> Origin:
    if name == BUILT_IN:
        return Origin.BUILT_IN
    return Origin.ORGANISATION if PurePath(name).stem == DEFAULTS else Origin.SERVICE


@record
class Shared:
    """The layers that all services have, the lowest first; the same merged; and the steps that they define."""

    layers: tuple[ReadLayer, ...]
    root: MappingNode
    steps: Catalogue


def joined(service: str, layers: Sequence[ReadLayer], problems: Problems, shared: Shared | None = None) -> Loaded:
    """The runbook of `service` from its layers, the lowest first; what is wrong with them is in `problems`.

    `shared` is what is known of those that all services have, where somebody looked at them already.
    """
    sources = [layer.source for layer in layers]
    readable = bool(sources) and all(source.readable for source in sources)
    root = _merged(sources, shared) if readable else None
    steps = shared.steps if shared is not None else None
    draft = decode(service, root, sources, problems, steps) if root is not None else None
    texts = tuple(layer.text for layer in layers)
    found, remarks = (_in_order(some, texts) for some in (problems.found, problems.remarks))
    return Loaded(None if found else draft, texts, found, remarks, draft, root, tuple(sources))


def _merged(sources: Sequence[Source], shared: Shared | None) -> MappingNode:
    if shared is None:
        return merged_layers([source.root for source in sources])
    return merged_layers([shared.root, *(source.root for source in sources[len(shared.layers) :])])


def _in_order(problems: Sequence[Problem], texts: Sequence[RunbookText]) -> tuple[Problem, ...]:
    """Each once, by layer and place."""
    order = [text.name for text in texts]
    return tuple(sorted(dict.fromkeys(problems), key=lambda one: (order.index(one.file), one.line, one.column)))
