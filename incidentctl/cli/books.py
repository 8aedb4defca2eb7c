"""Which runbook an incident is walked with: the service's own, the next best one, or what was pinned."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath

from incidentctl.cli.past import Past
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Layer
from incidentctl.record import record
from incidentctl.runbook.load import DEFAULTS, Loaded, RunbookText, built_in, from_texts
from incidentctl.runbook.model import Runbook
from incidentctl.runbook.source import Problem
from incidentctl.terminal.console import Console
from incidentctl.text.redact import redact


@record
class Book:
    """A runbook and the texts that an incident pins of it."""

    runbook: Runbook
    layers: tuple[Layer, ...]


def book_of(loaded: Loaded) -> Book | None:
    """The book, where nothing is wrong with it."""
    layers = tuple(Layer(text.name, text.text, text.digest) for text in loaded.texts)
    return Book(loaded.book, layers) if loaded.book is not None else None


def next_best(loaded: Loaded, service: str, folder: Path | None, past: Past, warnings: Console) -> Book:
    """The book; where it is broken, say what is wrong and where, and take the best one that can be walked."""
    say_format(loaded, warnings)
    if book := book_of(loaded):
        return book
    _say_problems(loaded, warnings)
    return (
        _last_good(service, past, warnings)
        or _without_defaults(loaded, service, warnings)
        or _built_in(service, folder, warnings)
    )


def say_format(loaded: Loaded, warnings: Console) -> None:
    """Which files are written in a format that this program does not know: their words may mean something else."""
    newer = [remark for remark in loaded.remarks if remark.slug == "unsupported-format"]
    _say(newer, warnings)
    if newer:
        warnings.warn("Going on with what this version of incidentctl understands of it.")


def _say_problems(loaded: Loaded, warnings: Console) -> None:
    _say(loaded.problems, warnings)


def _say(problems: Iterable[Problem], warnings: Console) -> None:
    """`file:line:column` on one line each, so that an editor can be pointed at it."""
    for problem in problems:
        warnings.bare(redact(f"{problem}\n  {problem.hint}".rstrip()))


def _last_good(service: str, past: Past, warnings: Console) -> Book | None:
    """What the latest incident of the service was opened with, if a file of its own was among it."""
    for outline in reversed(past.outlines):
        incident = past.incident(outline.id) if outline.service == service else None
        if incident is not None and len(incident.layers) > 1:
            book = book_of(_from_layers(incident))
            if book is not None:
                warnings.warn(f"The runbook is broken. Going on with the one that {incident.id} was opened with.")
                return book
    return None


def _without_defaults(loaded: Loaded, service: str, warnings: Console) -> Book | None:
    """The service's own runbook, where only the organisation's file is broken."""
    texts = [text for text in loaded.texts if PurePath(text.name).stem != DEFAULTS]
    if len(texts) == len(loaded.texts) or len(texts) == 1:
        return None
    book = book_of(from_texts(service, texts))
    if book is not None:
        warnings.warn("The organisation's defaults are broken. Going on with the service's runbook alone.")
    return book


def _built_in(service: str, folder: Path | None, warnings: Console) -> Book:
    warnings.warn("The runbook is broken. Going on with the built-in one, which fits any service.")
    return book_of(built_in(service, folder)) or sure(built_in(service))


def sure(loaded: Loaded) -> Book:
    """The book of a runbook that ships with the program."""
    book = book_of(loaded)
    if book is None:
        raise AssertionError(loaded.problems)
    return book


class Pinned:
    """The runbooks that incidents pinned; each text is decoded once."""

    def __init__(self, warnings: Console) -> None:
        self._warnings = warnings
        self._books: dict[tuple[Layer, ...], Runbook] = {}

    def __call__(self, incident: Incident) -> Runbook:
        """The runbook as it was when the incident opened; where that cannot be read, the built-in one, said loudly."""
        book = self._books.get(incident.layers)
        if book is None:
            book = self._books[incident.layers] = self._decoded(incident)
        return book

    def _decoded(self, incident: Incident) -> Runbook:
        loaded = _from_layers(incident)
        if loaded.book is not None:
            return loaded.book
        self._warnings.warn(
            f"The runbook that {incident.id} was opened with cannot be read by this version of incidentctl."
        )
        _say_problems(loaded, self._warnings)
        self._warnings.warn("Going on with the built-in one, which fits any service.")
        return sure(built_in(incident.service)).runbook


def _from_layers(incident: Incident) -> Loaded:
    texts = [RunbookText(layer.name, layer.text) for layer in incident.layers]
    return from_texts(incident.service, texts)
