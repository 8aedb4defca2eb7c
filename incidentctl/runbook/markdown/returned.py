"""A page that `show` printed, read back: its own runbook, with what people changed, removed and added."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from incidentctl.record import record
from incidentctl.runbook.decode_steps import slug
from incidentctl.runbook.markdown.blocks import Document, Place, document
from incidentctl.runbook.markdown.carried import Items, Keys, Text, Value, at, carried, own, put, yaml_text
from incidentctl.runbook.markdown.draft import Draft, Remark, Step
from incidentctl.runbook.markdown.edits import Change, Printed, Printer, changes
from incidentctl.runbook.markdown.emit import comment_lines, portions, to_be_read
from incidentctl.runbook.markdown.reader import read
from incidentctl.runbook.markdown.units import Unit, units_of
from incidentctl.runbook.markdown.words import sense_of
from incidentctl.runbook.model import ListStep, Note, Question, Route, Runbook, Template, TreeStep, steps_below

_MOST_UNITS: Final = 20_000
_MOST_CHANGES: Final = 300
_LISTS: Final[dict[str, Route]] = {
    "## First five minutes": ("first_five_minutes",),
    "## All clear": ("all_clear", "checklist"),
}
_TREE: Final[Route] = ("decision_tree",)
_TEXTS: Final[Route] = ("comms", "templates")
Errors = Callable[[str], int]
"""How many errors a judge finds in a YAML text."""


@record
class Returned:
    """The runbook of a page after its edits, as YAML.

    `draft` is what was added, its one document all that should have been.  `edits` say what became of the page's
    changes, `kept` what is gone from the page and could not be taken out of the runbook.
    """

    text: str
    draft: Draft
    edits: tuple[Remark, ...]
    kept: tuple[Remark, ...]


def returned(service: str, name: str, text: str, printer: Printer, errors: Errors) -> Returned | None:
    """The runbook of a page, where it carries one that is sound, and is not another page by now; else None."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = carried(text)
    if found is None:
        return None
    yaml, first, last = found
    lines = [line if not first <= number < last else "" for number, line in enumerate(text.split("\n"))]
    page = units_of(lines)
    printed = Printed(service, yaml, printer)
    if printed.book is None or len(page) > _MOST_UNITS:
        return None
    edits = changes(printed.units, page)
    if len(edits) > _MOST_CHANGES:
        return None
    editor = _Editor(service, document(name, "\n".join(lines)), page, printed, errors)
    for change in edits:
        editor.take(change)
    editor.finish()
    return Returned(editor.text(), editor.draft(), tuple(editor.edits[::-1]), tuple(editor.kept[::-1]))


class _Editor:
    """Takes one change after the other, from the end of the page to its beginning."""

    def __init__(self, service: str, whole: Document, page: Sequence[Unit], printed: Printed, errors: Errors) -> None:
        self._service = service
        self._whole = whole
        self._page = page
        self._printed = printed
        self._errors = errors
        self._drafts: list[Draft] = []
        self._added: set[int] = set()
        self._texts: list[Keys] = []
        self.edits: list[Remark] = []
        self.kept: list[Remark] = []

    def text(self) -> str:
        """The whole file; what has no key in a runbook stands above it, as comments."""
        draft = self.draft()
        titles = [Remark(part.at, part.raw) for part in draft.head if part not in draft.described]
        return "".join(f"{line}\n" for line in comment_lines((*draft.comments, *titles))) + self.yaml()

    def yaml(self) -> str:
        """The runbook by now."""
        value = self._printed.value
        return yaml_text(own(value if isinstance(value, Keys) else Keys({}), self._service))

    def draft(self) -> Draft:
        """All that was added."""
        drafts = self._drafts[::-1]
        lines = [line if number in self._added else "" for number, line in enumerate(self._whole.lines)]
        return Draft(
            self._service,
            (document(self._whole.file, "\n".join(lines)),),
            tuple(part for one in drafts for part in one.head),
            tuple(part for one in drafts for part in one.parts),
            tree=tuple(step for one in drafts for step in (*one.first, *one.rollback, *one.tree, *one.checklist)),
            comments=tuple(remark for one in drafts for remark in one.comments),
        )

    def take(self, change: Change) -> None:
        """Change, remove or add, whatever it is."""
        printed, new = self._printed, self._page[change.start : change.end]
        old = printed.units[change.first : change.last]
        is_edit = len(old) == len(new) == 1
        if is_edit and (printed.replace(change.first, new[0]) or self._says_otherwise(change.first, new[0])):
            self._say(new, f"edited: {_words(new)}")
            return
        above = change.first - 1
        if old and printed.remove(change.first, change.last):
            self.edits.append(Remark(self._near(change), f"removed: {_words(old)}"))
        elif old:
            above = change.last - 1
            self.kept.append(Remark(self._near(change), f"gone from the page, and kept: {_words(old)}"))
        if new:
            self._add(above, new)

    def _near(self, change: Change) -> Place:
        unit = self._page[min(change.start, len(self._page) - 1)] if self._page else Unit("", 0, 1, 0)
        return Place(self._whole.file, unit.start, unit.end)

    def _say(self, units: Sequence[Unit], text: str) -> None:
        self.edits.append(Remark(Place(self._whole.file, units[0].start, units[-1].end), text))

    # --- the built-in texts

    def _says_otherwise(self, number: int, new: Unit) -> bool:
        """Whether a built-in text was edited, and can stand as the service's own."""
        printed, before = self._printed, self._printed.value
        old, heading = printed.units[number], printed.units[max(0, number - 1)].text
        texts = printed.book.comms.templates if printed.book is not None else ()
        known = next((one for one in texts if one.built_in and (one.text, _heading(one)) == (old.text, heading)), None)
        if known is None or not (old.is_code and new.is_code):
            return False
        said = (("audience", known.audience), ("severity", known.severity), ("phase", known.phase), ("text", new.text))
        text = Keys({key: Text(word) for key, word in said if word})
        faults = self._errors(self.yaml())
        is_sound = printed.becomes(_with_text(before, text)) and self._errors(self.yaml()) <= faults
        printed.becomes(before)
        self._texts += [text] if is_sound else []
        return is_sound

    def finish(self) -> None:
        """Add the texts: they stand above the built-in ones, and would have moved what was still to be looked at."""
        for text in self._texts:
            self._printed.becomes(_with_text(self._printed.value, text))

    # --- what was added

    def _add(self, above: int, new: Sequence[Unit]) -> None:
        self._added |= {number for unit in new for number in range(unit.start, unit.end)}
        units_above = self._printed.units[above::-1] if above >= 0 else []
        section = next((one.text for one in units_above if _is_section(one)), "")
        draft = self._read(new, section)
        before = self._printed.value
        if not section and self._describes(draft, before):
            self._drafts.append(draft)
            self._say(new, f"added: {_words(new)}")
            return
        place = self._place(above, new[0], section)
        head = tuple(part for part in draft.head if part not in draft.described)
        noted = tuple(_as_notes(draft, self._whole))
        notes = replace(draft, head=head, parts=(), first=(), rollback=(), checklist=(), tree=noted)
        last = (*_TREE, self._length(before, _TREE))
        for one, where in ((draft, place), (notes, place), (notes, last)):
            if self._grown(one, where, before):
                self._drafts.append(one)
                self._say(new, f"added: {_words(new)}")
                return

    def _read(self, new: Sequence[Unit], section: str) -> Draft:
        """What was added, as any Markdown under a heading of that sense; the lines keep their numbers."""
        margin = min(unit.indent for unit in new)
        lines = ["" for _ in self._whole.lines]
        for number in range(new[0].start, new[-1].end):
            line = self._whole.lines[number]
            lines[number] = line[min(margin, len(line) - len(line.lstrip(" "))) :]
        sense = sense_of(section.removeprefix("## ")) if section else "about"
        return read(self._service, [document(self._whole.file, "\n".join(lines))], sense)

    def _describes(self, draft: Draft, before: Value) -> bool:
        """Prose at the top goes on with the description."""
        said = [str(part.values[0][1]) for part in draft.described]
        if not said or len(said) != len(draft.head) or any(draft.steps()):
            return False
        known = at(before, ("description",))
        text = "\n\n".join([*([known.text.strip()] if isinstance(known, Text) and known.text else []), *said])
        return self._printed.becomes(put(before, ("description",), Text(text)))

    def _grown(self, draft: Draft, place: Route, before: Value) -> bool:
        """Whether the runbook can be walked with the steps of `draft` at `place`, and no worse than before."""
        if draft.described:
            return False  # prose beside steps has no place among them: all of it is kept as it was written
        taken = set(_ids(self._printed.book))
        value = before
        for part in draft.parts:
            if part.section == "links":
                value = put(value, ("links",), Items((*_items(value, ("links",)), _keys(part.values))))
            elif part.section == "people" and at(value, ("people", part.name)) is None:
                value = put(value, ("people", part.name), _keys(part.values))
        steps = (*draft.first, *draft.rollback, *draft.tree, *draft.checklist)
        items = list(_items(value, place[:-1]))
        is_last = place[:-1] == _TREE and int(place[-1]) >= len(items)
        new = [_step(one, taken) for step in steps for one in _readable(step, is_last=is_last)]
        items[int(place[-1]) : int(place[-1])] = new
        if new:
            value = put(value, place[:-1], Items(tuple(items)))
        faults = self._errors(self.yaml())
        if not self._printed.becomes(value):
            return False
        if self._errors(self.yaml()) <= faults:
            return True
        self._printed.becomes(before)
        return False

    def _length(self, value: Value, path: Route) -> int:
        return len(_items(value, path))

    # --- where it belongs

    def _place(self, above: int, new: Unit, section: str) -> Route:
        """Where in the lists of the runbook it stands: beside the step that is printed above it."""
        base = _LISTS.get(section, _TREE)
        end = (*base, self._length(self._printed.value, base))
        if section not in (*_LISTS, "## Decision tree"):
            return end
        for number in range(above, -1, -1):
            unit = self._printed.units[number]
            if _is_section(unit):
                return (*base, 0)
            for step in self._steps(base):
                if _names(unit, step.id):
                    return self._beside(step, unit, self._printed.units[above], new) or end
        return end

    def _steps(self, base: Route) -> Iterator[TreeStep | ListStep]:
        book = self._printed.book
        if book is not None and base == _TREE:
            yield from steps_below(book.tree)
        elif book is not None:
            yield from book.first_minutes if base == ("first_five_minutes",) else book.all_clear.checklist

    def _beside(self, step: TreeStep | ListStep, named: Unit, above: Unit, new: Unit) -> Route | None:
        route = step.route
        if not route or not isinstance(route[-1], int) or at(self._printed.value, route) is None:
            return None
        if new.text.startswith("#") and route[0] == _TREE[0]:
            return (*_TREE, int(route[1]) + 1)
        branch = {"**If yes:**": "if_yes", "**If no:**": "if_no"}.get(above.text)
        if isinstance(step, Question):  # what is read before it is answered stands before it
            return (*route, branch, 0) if branch else route
        is_beside = new.indent > named.indent or (new.indent == named.indent and new.text.startswith(("- ", "1. ")))
        if len(route) > 2 and not is_beside and isinstance(route[-3], int):
            route = route[:-2]
        return (*route[:-1], int(route[-1]) + 1)


def _heading(one: Template) -> str:
    return f"### Text for {', '.join(filter(None, (one.audience, one.severity, one.phase)))}"


def _with_text(value: Value, text: Keys) -> Value:
    """The runbook with one more text to send, above the others."""
    known = at(value, _TEXTS)
    others = known if isinstance(known, Items) else Items((), adds=True)
    return put(value, _TEXTS, replace(others, items=(text, *others.items)))


def _is_section(unit: Unit) -> bool:
    return unit.text.startswith("## ") and not unit.is_code


def _names(unit: Unit, name: str) -> bool:
    """Whether the unit is where a step with that id is printed."""
    return not unit.is_code and (
        unit.text.endswith(f" `{name}`") or f"`{name}`" in unit.text.partition(",")[0].split(":")
    )


def _ids(book: Runbook | None) -> Iterator[str]:
    if book is not None:
        lists = (*book.first_minutes, *book.all_clear.checklist)
        yield from (step.id for step in (*steps_below(book.tree), *lists) if not isinstance(step, Note))
        yield from ("exhausted", "verify", "note")


def _items(value: Value | None, path: Route) -> tuple[Value, ...]:
    found = at(value, path)
    return found.items if isinstance(found, Items) else ()


def _keys(values: Sequence[tuple[str, str | tuple[str, ...]]]) -> Keys:
    return Keys({key: Text(one) if isinstance(one, str) else Items(tuple(map(Text, one))) for key, one in values})


def _words(units: Sequence[Unit]) -> str:
    words = " ".join(" ".join(unit.text for unit in units).split())
    return words if len(words) <= 70 else f"{words[:70]}..."


def _as_notes(draft: Draft, whole: Document) -> Iterator[Step]:
    for step in (*draft.first, *draft.rollback, *draft.tree, *draft.checklist):
        yield step if step.kind == "note" else step.as_note()
    for part in (*draft.described, *draft.parts):
        yield replace(part.as_note(), text=whole.raw(part.at.start, part.at.end))


def _readable(step: Step, *, is_last: bool) -> Iterator[Step]:
    """A note in parts that are not too long; the walk shows no note that nothing follows, so that is done instead."""
    if step.kind != "note":
        yield step
        return
    for text in portions(step.text.strip() or "-"):
        one = replace(step, text=text)
        yield to_be_read(one) if is_last else one


def _step(step: Step, taken: set[str]) -> Keys:
    """A step of a draft as it is written."""
    entries: dict[str, Value] = {step.kind: Text(step.text.strip() or step.raw.strip() or "-")}
    if step.kind != "note":
        entries["id"] = Text(_free(slug(step.text)[:50].rstrip("-"), taken))
    for key, text in (("why", step.why), ("look", step.look), ("run", step.run), ("expect", step.expect)):
        if text.strip():
            entries[key] = Text(text.strip())
    if step.shell:
        entries["shell"] = Text("true", is_quoted=False)
    if step.needs:
        entries["needs"] = Keys({name: Keys({"ask": Text(ask)}) for name, ask in step.needs})
    for key, below in (("if_yes", step.yes), ("if_no", step.no)):
        if below:
            entries[key] = Items(tuple(_step(one, taken) for one in below))
    return Keys(entries)


def _free(base: str, taken: set[str]) -> str:
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name
