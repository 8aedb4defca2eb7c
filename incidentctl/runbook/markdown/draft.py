"""What an import has made so far: the parts of a runbook, each with the lines it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from incidentctl.record import record
from incidentctl.runbook.markdown.blocks import Document, Place


@record
class Step:
    """A step; `kind` is `note`, `action`, `rollback`, `do` or `ask`.  `raw` is the source that it stands for."""

    kind: str
    text: str
    at: Place
    raw: str
    run: str = ""
    shell: bool = False
    needs: tuple[tuple[str, str], ...] = ()
    expect: str = ""
    why: str = ""
    look: str = ""
    yes: tuple[Step, ...] = ()
    no: tuple[Step, ...] = ()
    is_item: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is written of the step itself; the keys of its branches say the yes and the no."""
        answers = [word for word, below in (("yes", self.yes), ("no", self.no)) if below]
        needs = (word for need in self.needs for word in need)
        return (self.text, self.run, self.expect, self.why, self.look, *needs, *answers)

    def below(self) -> Iterator[Step]:
        """The step and all under it."""
        yield self
        for step in (*self.yes, *self.no):
            yield from step.below()

    def as_note(self) -> Step:
        """The same as a text to read, in the words of the source."""
        return Step("note", self.raw, self.at, self.raw)


@record
class Part:
    """A link, a person, a level or a template: its `name`, its keys, and the source that it stands for."""

    section: str
    name: str
    values: tuple[tuple[str, str | tuple[str, ...]], ...]
    at: Place
    raw: str

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is written of it; how somebody is reached is a key."""
        ways = (key for key, _ in self.values) if self.section == "people" else ()
        values = (text for _, value in self.values for text in ([value] if isinstance(value, str) else value))
        return (self.name, *ways, *values)

    def as_note(self) -> Step:
        """The same as a text to read."""
        return Step("note", self.raw, self.at, self.raw)


@record
class Remark:
    """A line of the report: where, and what became of it."""

    at: Place
    text: str

    def __str__(self) -> str:
        return f"{self.at}: {self.text}"


@record
class Draft:
    """Everything for one service.

    `head` are the single values at the top, `comments` what is kept as YAML comments.  Parts that say the same as
    their source line for line (`carried`) need no second copy in a note.
    """

    service: str
    documents: tuple[Document, ...]
    head: tuple[Part, ...] = ()
    parts: tuple[Part, ...] = ()
    first: tuple[Step, ...] = ()
    tree: tuple[Step, ...] = ()
    rollback: tuple[Step, ...] = ()
    checklist: tuple[Step, ...] = ()
    comments: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def described(self) -> tuple[Part, ...]:
        """Those of `head` that are the description, a paragraph each."""
        return tuple(part for part in self.head if part.name.startswith("description "))

    def steps(self) -> Iterator[Step]:
        """Every step, wherever it stands."""
        for top in (*self.first, *self.rollback, *self.tree, *self.checklist):
            yield from top.below()

    def with_notes(self, notes: Sequence[Step]) -> Draft:
        """With notes more in the tree, where their lines stood."""
        order = [one.file for one in self.documents]
        tree = sorted((*self.tree, *notes), key=lambda step: (order.index(step.at.file), step.at.start))
        return replace(self, tree=tuple(tree))

    def without(self, wrong: Sequence[Step | Part], reasons: Sequence[str]) -> Draft:
        """The same, where what is `wrong` is a note instead."""
        remarks = tuple(Remark(one.at, f"kept as a note: {why}") for one, why in zip(wrong, reasons, strict=True))
        steps = tuple(one for one in wrong if isinstance(one, Step))
        parts = tuple(one for one in (*self.head, *self.parts) if one in wrong)
        changed = replace(
            self,
            head=tuple(one for one in self.head if one not in parts),
            parts=tuple(one for one in self.parts if one not in parts),
            first=_without(self.first, steps),
            tree=_without(self.tree, steps),
            rollback=_without(self.rollback, steps),
            checklist=_without(self.checklist, steps),
            remarks=(*self.remarks, *remarks),
        )
        return changed.with_notes([part.as_note() for part in parts])


def _without(steps: tuple[Step, ...], wrong: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(
        step.as_note() if step in wrong else replace(step, yes=_without(step.yes, wrong), no=_without(step.no, wrong))
        for step in steps
    )
