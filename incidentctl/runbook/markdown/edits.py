"""What people edited on a page that `show` printed, taken into the runbook that the page carries.

Printing is the only description of the page that there is.  An edit is where a page differs from what its runbook
prints; it is taken where the runbook can be changed so that it prints the edit, at that place and nowhere else.
Everything that was written between is read as any Markdown is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

from incidentctl.record import record
from incidentctl.runbook.load import ReadLayer, joined, read_layer
from incidentctl.runbook.markdown.carried import Keys, Text, Value, own, put, texts, value_of, yaml_text
from incidentctl.runbook.markdown.units import Unit, units_of
from incidentctl.runbook.model import Route, Runbook
from incidentctl.runbook.source import Problems

Printer = Callable[[Runbook], str]
"""A runbook as the page that `show --format markdown` prints, without the comment."""
_MOST: Final = 400
_ALIKE: Final = 0.4
_NOTHING: Final = frozenset[str]()
_TITLES: Final = frozenset({"**If yes:**", "**If no:**", "To undo:", "To see:", "In a shell:", "## Links", "## People"})
"""What is printed above something, and not without it."""


@record
class Change:
    """Units `first` to `last` of what the runbook prints stand as units `start` to `end` on the page."""

    first: int
    last: int
    start: int
    end: int


class Printed:
    """A runbook that is changed, and what it prints."""

    def __init__(self, service: str, yaml: str, printer: Printer) -> None:
        self._service = service
        self._printer = printer
        self._shared = read_layer(None, Problems())
        self._file = Path(f"{service}.yaml")
        self.value: Value = Keys({})
        self.book: Runbook | None = None
        self.units: list[Unit] = []
        self._read(yaml)

    def _read(self, yaml: str) -> None:
        problems = Problems()
        loaded = joined(self._service, [self._shared, self._layer(yaml, problems)], problems)
        self.book = loaded.book
        if loaded.book is not None and loaded.root is not None:
            self.value = put(value_of(loaded.root), ("service",), Text(self._service))
            self.book, self.units = self._print(self.value)

    def _layer(self, yaml: str, problems: Problems) -> ReadLayer:
        return read_layer(self._file, problems, yaml.encode("utf-8", "replace"))

    def _print(self, value: Value) -> tuple[Runbook | None, list[Unit]]:
        yaml = yaml_text(own(value if isinstance(value, Keys) else Keys({}), self._service))
        problems = Problems()
        book = joined(self._service, [self._shared, self._layer(yaml, problems)], problems).book
        return book, units_of(self._printer(book).split("\n")) if book is not None else []

    def becomes(self, value: Value, expected: Sequence[str] | None = None, without: frozenset[str] = _NOTHING) -> bool:
        """Take `value` where it can be walked and prints `expected`, whatever it prints if that is None.

        The titles `without` may be missing, or may be there.
        """
        book, units = self._print(value)
        printed = [unit.text for unit in units if unit.text not in without]
        if book is None or (expected is not None and printed != [line for line in expected if line not in without]):
            return False
        self.value, self.book, self.units = value, book, units
        return True

    # --- one edit

    def replace(self, number: int, new: Unit) -> bool:
        """Let unit `number` say what `new` says."""
        old = self.units[number]
        if old.is_code != new.is_code:
            return False
        changes = self._changes(old, new)
        before = self.value, self.book, self.units
        for paths, text, line in changes:
            expected = [unit.text for unit in self.units]
            expected[number] = line
            if not any(self.becomes(put(self.value, path, text), expected) for path in paths):
                self.value, self.book, self.units = before
                return False
        return bool(changes)

    def _changes(self, old: Unit, new: Unit) -> list[tuple[list[Route], Text | None, str]]:
        """Which texts are to be changed, into what, and the line as it reads after each of these changes."""
        if old.is_code:
            paths = [path for path, one in texts(self.value) if one.text.strip("\n") == old.text]
            paths += [path for path, one in texts(self.value) if _one_line(one.text) == old.text and path not in paths]
            return [(paths, Text(new.text), new.text)]
        slots = list(self._slots(old.text))
        parts = _parts(old.text, slots)
        found = re.fullmatch("".join("(.*?)" if is_slot else re.escape(part) for part, is_slot in parts), new.text)
        changes, line = [], [part for part, _ in parts]
        places = [place for place, (_, is_slot) in enumerate(parts) if is_slot]
        for place, (_, _, paths), text in zip(places, slots, found.groups() if found else (), strict=False):
            if text != line[place]:
                line[place] = text
                changes.append((paths, Text(text) if text else None, "".join(line)))
        return changes

    def _slots(self, line: str) -> Iterator[tuple[int, int, list[Route]]]:
        """Where texts of the runbook stand in a line, the longest first choice, in the order of the line."""
        known: dict[str, list[Route]] = {}
        for path, one in texts(self.value):
            if 0 < len(one.text) <= 2 * len(line) and (text := _one_line(one.text)) in line:
                known.setdefault(text, []).append(path)
        taken: list[tuple[int, int, list[Route]]] = []
        for text in sorted(known, key=len, reverse=True):
            for found in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", line):
                if all(found.end() <= start or end <= found.start() for start, end, _ in taken):
                    taken.append((found.start(), found.end(), known[text]))
        yield from sorted(taken, key=lambda slot: slot[:2])

    def remove(self, first: int, last: int) -> bool:
        """Let the units from `first` up to `last` be gone, with what they tell of."""
        expected = [unit.text for unit in (*self.units[:first], *self.units[last:])]
        tried: set[Route] = set()
        for path in self._told_by(self.units[first:last]):
            for length in range(len(path), 0, -1):
                if path[:length] not in tried and len(tried) < _MOST:
                    tried.add(path[:length])
                    if self.becomes(put(self.value, path[:length], None), expected, _TITLES):
                        return True
        return False

    def _told_by(self, units: Sequence[Unit]) -> list[Route]:
        told = "\n".join(unit.text for unit in units)
        return [path for path, one in texts(self.value) if one.text and _one_line(one.text) in _one_line(told)]


def changes(printed: Sequence[Unit], page: Sequence[Unit]) -> list[Change]:
    """Where the page differs, the last place first; each replaced unit by itself."""
    matcher = SequenceMatcher(None, [one.text for one in printed], [one.text for one in page])
    found = [
        change for op, *places in matcher.get_opcodes() if op != "equal" for change in _paired(printed, page, places)
    ]
    return found[::-1]


def _paired(printed: Sequence[Unit], page: Sequence[Unit], places: Sequence[int]) -> Iterator[Change]:
    """Units that are alike belong to each other; what stands between was removed, and written."""
    first, last, start, end = places
    for old in range(first, last) if (last - first) * (end - start) <= _MOST else ():
        alike = (new for new in range(start, end) if _is_alike(printed[old], page[new]))
        new = next(alike, None)
        if new is not None:
            if first < old or start < new:
                yield Change(first, old, start, new)
            yield Change(old, old + 1, new, new + 1)
            first, start = old + 1, new + 1
    if first < last or start < end:
        yield Change(first, last, start, end)


def _is_alike(old: Unit, new: Unit) -> bool:
    if old.is_code != new.is_code or len(old.text) + len(new.text) > 4_000:
        return old.is_code and new.is_code
    if _marks(old.text) != _marks(new.text):
        return False
    return SequenceMatcher(None, old.text, new.text, autojunk=False).ratio() >= _ALIKE


def _marks(line: str) -> str:
    """What a line begins with before its first word."""
    return line[: len(line) - len(line.lstrip("#|*-`<> "))]


def _parts(line: str, slots: Sequence[tuple[int, int, list[Route]]]) -> list[tuple[str, bool]]:
    """The line cut at its slots; whether each part is one."""
    parts, done = [], 0
    for start, end, _ in slots:
        parts += [(line[done:start], False), (line[start:end], True)]
        done = end
    return [*parts, (line[done:], False)]


def _one_line(text: str) -> str:
    return " ".join(text.split())
