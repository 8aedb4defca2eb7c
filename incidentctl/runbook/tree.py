"""All runbooks of one folder, for lint: what the services share is read and composed once."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from incidentctl.runbook.decode import shared_steps
from incidentctl.runbook.defaults import merged_layers
from incidentctl.runbook.doubtful import doubtful_texts
from incidentctl.runbook.inherited import Inherited
from incidentctl.runbook.load import Loaded, ReadLayer, Shared, joined, read_layer
from incidentctl.runbook.source import Problem, Problems


class Tree:
    """The services over one organisation's file, or over none.

    `given` are texts that are taken in place of what is in the files: not saved yet, or of an earlier revision.
    """

    def __init__(self, defaults: Path | None, given: Mapping[Path, bytes] | None = None) -> None:
        self._given = given or {}
        problems = Problems()
        paths = [None] if defaults is None else [None, defaults]
        layers = tuple(self._read(path, problems) for path in paths)
        self._shared_problems = tuple(problems.found)
        sources = [layer.source for layer in layers]
        self._shared = Shared(layers, merged_layers([source.root for source in sources]), shared_steps(sources))
        self._inherited = Inherited(self._shared.root)

    def load(self, path: Path) -> Loaded:
        """The runbook of the service whose file is `path`, with all that is wrong with it and the layers under it."""
        problems = self._problems()
        layers = [*self._shared.layers, self._read(path, problems)]
        loaded = _with_doubts(joined(path.stem, layers, problems, self._shared))
        return replace(loaded, remarks=(*_emptiness(path.stem, loaded), *loaded.remarks))

    def load_shared(self) -> Loaded:
        """The organisation's file over the built-in runbook, as a service that says nothing has it."""
        return _with_doubts(joined("defaults", self._shared.layers, self._problems(), self._shared))

    def _problems(self) -> Problems:
        problems = Problems(self._inherited)
        problems.found.extend(self._shared_problems)
        return problems

    def _read(self, path: Path | None, problems: Problems) -> ReadLayer:
        return read_layer(path, problems, None if path is None else self._given.get(path))


def _with_doubts(loaded: Loaded) -> Loaded:
    """With the doubtful texts among the remarks: a walk does without looking for them."""
    return replace(loaded, remarks=(*loaded.remarks, *doubtful_texts(loaded)))


def _emptiness(service: str, loaded: Loaded) -> Iterator[Problem]:
    """That the service's own file says nothing, where that is so: a walk takes it for the built-in runbook."""
    source, text = loaded.sources[-1], loaded.texts[-1]
    if source.readable and not source.root.entries:
        message = "nothing in the file is read: it has no key" if text.text.strip() else "the file is empty"
        hint = f"Remove it: `incidentctl new {shlex.quote(service)}` asks what a runbook needs, and writes one."
        yield Problem("empty-file", text.name, 1, 1, 1, 1, "", message, hint)
