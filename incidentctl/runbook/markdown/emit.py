"""Draft -> YAML text, in which every value reads back as the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from incidentctl.record import record
from incidentctl.runbook.decode_steps import slug
from incidentctl.runbook.doubtful import read_elsewhere
from incidentctl.runbook.markdown.draft import Draft, Part, Remark, Step
from incidentctl.runbook.markdown.reader import not_found
from incidentctl.runbook.model import FOUR_QUESTIONS
from incidentctl.runbook.source import MAX_TEXT

_FIRST: Final = ("acknowledge", "channel", "dashboards", "severity", "page")
_LAST: Final = ("customers-told", "summary-posted", "post-mortem", "review-booked")
_BUILT_IN_IDS: Final = (
    "roll-back", "end-queries", "switch-to-fallback", "warm-keys", "exhausted", "verify", "note", *FOUR_QUESTIONS,
    *_FIRST, *_LAST,
)  # fmt: skip
_PLAIN: Final = re.compile(r"[A-Za-z/][A-Za-z0-9 _./()-]*")
_LONGEST_PLAIN: Final = 100
_SAYS: Final = re.compile(r"(?!`{3}|~{3}).*\w")  # no fence, and not of signs alone
_LONGEST_NOTE: Final = MAX_TEXT * 3 // 4
_SHORT: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


@record
class Emitted:
    """The YAML, and which of its lines (from 1, both inclusive) each part of the draft became, and every value."""

    text: str
    spans: tuple[tuple[int, int, Step | Part], ...]
    texts: tuple[str, ...]

    def at(self, line: int) -> Step | Part | None:
        """The smallest part that stands on a line; None for what is of no part."""
        found = [(last - first, part) for first, last, part in self.spans if first <= line <= last]
        return min(found, key=lambda one: one[0])[1] if found else None


def emitted(draft: Draft) -> Emitted:
    """The whole file."""
    writer = _Writer(draft)
    writer.write()
    return Emitted("\n".join(writer.lines) + "\n", tuple(writer.spans), tuple(writer.texts))


def scalar(text: str, indent: int = 0) -> str:
    """`text` as YAML: plain where no reader could take it for anything else, a block where it has lines, else quoted.

    What follows the first line of a block is indented by `indent` spaces.
    """
    if _PLAIN.fullmatch(text) and len(text) <= _LONGEST_PLAIN and not text.endswith(" ") and not read_elsewhere(text):
        return text
    lines = text.split("\n")
    if len(lines) > 1 and lines[0].strip() and not text[0].isspace() and lines[-1] and all(map(_stays, lines)):
        margin = " " * indent
        return "|-\n" + "\n".join(margin + line if line else "" for line in lines)
    return f'"{"".join(map(_escaped, text))}"'


def _stays(line: str) -> bool:
    """Whether a line of a block reads back as it is."""
    return line == line.rstrip() and line.isprintable()


def _escaped(char: str) -> str:
    if char in _SHORT or char.isprintable():
        return _SHORT.get(char, char)
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class _Writer:
    """Writes line by line."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.lines: list[str] = []
        self.spans: list[tuple[int, int, Step | Part]] = []
        self.texts: list[str] = []
        self._taken = set(_BUILT_IN_IDS)
        self._numbers: dict[str, int] = {}  # where to go on, of texts that stand there a thousand times

    def write(self) -> None:
        """Everything, in the order in which the format is shown."""
        draft = self.draft
        self.lines.append("format: 1")
        self._key(0, "service", draft.service)
        self._head()
        self._comments()
        self._links()
        self._mappings("people")
        self._severity()
        if draft.first:
            self._top("first_five_minutes")
            self._uses(_FIRST)
            self._steps(draft.first, 2)
        self._tree()
        self._templates()
        if draft.checklist:
            self._top("all_clear")
            self.lines.append("  checklist:")
            self._uses(_LAST, 4)
            self._steps(draft.checklist, 4)
        lacking = "; ".join(not_found(draft))
        if lacking:
            self.lines += ["", f"# Not found, so the defaults stand: {lacking}."]

    def _key(self, indent: int, key: str, text: str, dash: str = "") -> None:
        self.texts.append(text)
        margin = " " * (indent - len(dash)) + dash
        self.lines += f"{margin}{scalar(key)}: {scalar(text, indent + 2)}".split("\n")

    def _top(self, key: str) -> None:
        self.lines += ["", f"{key}:"]

    def _from(self, indent: int, part: Step | Part) -> None:
        self.lines.append(f"{' ' * indent}# from {_comment(str(part.at))}")

    def _uses(self, words: Sequence[str], indent: int = 2) -> None:
        self.lines += [f"{' ' * indent}- use: {word}" for word in words]

    # --- parts

    def _head(self) -> None:
        values = {part.name: part for part in self.draft.head}
        for key in ("title", "owner", "tier", "reviewed"):
            if key in values:
                first = len(self.lines) + 1
                self._from(0, values[key])
                self._key(0, key, _only(values[key]))
                self.spans.append((first, len(self.lines), values[key]))
        self._alerts([part for part in self.draft.head if part.name.startswith("alert ")])
        described = self.draft.described
        if described:
            self._from(0, described[0])
            self._key(0, "description", "\n\n".join(map(_only, described)).strip())

    def _alerts(self, parts: Sequence[Part]) -> None:
        self.lines += ["alerts:"] if parts else []
        for part in parts:
            first = len(self.lines) + 1
            self._from(2, part)
            self.texts.append(_only(part))
            self.lines.append(f"  - {scalar(_only(part))}")
            self.spans.append((first, len(self.lines), part))

    def _comments(self) -> None:
        if self.draft.comments:
            self.lines.append("")
        self.lines += comment_lines(self.draft.comments)

    def _of(self, section: str) -> list[Part]:
        return [part for part in self.draft.parts if part.section == section]

    def _links(self) -> None:
        if self._of("links"):
            self._top("links")
        for part in self._of("links"):
            self._part(part, 2, dash="- ")

    def _templates(self) -> None:
        if self._of("templates"):
            self._top("comms")
            self.lines.append("  templates:")
        for part in self._of("templates"):
            self._part(part, 4, dash="- ")

    def _mappings(self, section: str) -> None:
        if self._of(section):
            self._top(section)
        for part in self._of(section):
            first = len(self.lines) + 1
            self._from(2, part)
            self.lines.append(f"  {scalar(part.name)}:")
            self._values(part, 4)
            self.spans.append((first, len(self.lines), part))

    def _severity(self) -> None:
        self._mappings("severity")

    def _part(self, part: Part, indent: int, dash: str) -> None:
        first = len(self.lines) + 1
        self._from(indent, part)
        self._values(part, indent + 2, dash)
        self.spans.append((first, len(self.lines), part))

    def _values(self, part: Part, indent: int, dash: str = "") -> None:
        for key, value in part.values:
            if isinstance(value, str):
                self._key(indent, key, value, dash)
            else:
                items = ", ".join(scalar(item) if "," not in item else quoted(item) for item in value)
                self.lines.append(f"{' ' * indent}{key}: [{items}]")
            dash = ""

    # --- steps

    def _tree(self) -> None:
        if not (self.draft.tree or self.draft.rollback):
            return
        self._top("decision_tree")
        for word in FOUR_QUESTIONS:
            self.lines.append(f"  - use: {word}")
            if word == FOUR_QUESTIONS[0] and self.draft.rollback:
                self.lines.append("    if_yes:")
                self._steps(self.draft.rollback, 6)
        self._steps(self.draft.tree, 2, unread=_unread(self.draft.tree, follows_question=True))

    def _steps(self, steps: Sequence[Step], indent: int, unread: Step | None = None) -> None:
        for written in steps:
            step = to_be_read(written) if written is unread else written
            first = len(self.lines) + 1
            self._from(indent, step)
            whole = step.text.strip() or step.raw.strip() or "-"
            for text in portions(whole) if step.kind == "note" else [whole]:
                self._key(indent + 2, step.kind, text, "- ")
            for key, value in self._fields(step):
                self._key(indent + 2, key, value)
            if step.shell:
                self.lines.append(f"{' ' * (indent + 2)}shell: true")
            self._branches(step, indent + 2)
            self.spans.append((first, len(self.lines), written))

    def _fields(self, step: Step) -> Iterator[tuple[str, str]]:
        if step.kind != "note":
            yield "id", self._id(step)
        for key, value in (("why", step.why), ("look", step.look), ("run", step.run)):
            if value:
                yield key, value.strip()
        if step.expect.strip():
            yield "expect", step.expect.strip()

    def _branches(self, step: Step, indent: int) -> None:
        margin = " " * indent
        if step.needs:
            self.lines.append(f"{margin}needs:")
        for name, ask in step.needs:
            self.lines.append(f"{margin}  {scalar(name)}: {{ask: {quoted(ask)}}}")
        for key, below in (("if_yes", step.yes), ("if_no", step.no)):
            if below:
                self.lines.append(f"{margin}{key}:")
                self._steps(below, indent + 2, unread=_unread(below, follows_question=False))

    def _id(self, step: Step) -> str:
        base = slug(step.text)[:50].rstrip("-")
        name, number = base, self._numbers.get(base, 1)
        while name in self._taken:
            number += 1
            name = f"{base}-{number}"
        self._numbers[base] = number
        self._taken.add(name)
        return name


def _unread(steps: Sequence[Step], *, follows_question: bool) -> Step | None:
    """The first of the notes at the end that the walk would never show, since a question stands before them."""
    last = max((place for place, step in enumerate(steps) if step.kind != "note"), default=-1)
    is_after_question = follows_question if last < 0 else steps[last].kind == "ask"
    return steps[last + 1] if is_after_question and last + 1 < len(steps) else None


def to_be_read(note: Step) -> Step:
    """A note as something to do, so that the walk comes to it."""
    text = note.text.strip() or note.raw.strip()
    if len(text) > _LONGEST_NOTE or not text:
        return note
    lines = [line.strip() for line in text.split("\n")]
    begins = next(filter(_SAYS.match, lines), lines[0])
    return replace(note, kind="action", text=f"Read: {begins[:80]}{'...' if len(begins) > 80 else ''}", why=text)


def portions(text: str) -> Iterator[str]:
    """A long text in parts that a runbook takes, cut between lines, else between words."""
    while len(text) > _LONGEST_NOTE:
        cut = max(text.rfind("\n", 1, _LONGEST_NOTE), 0) or max(text.rfind(" ", 1, _LONGEST_NOTE), 0) or _LONGEST_NOTE
        yield text[:cut].strip()
        text = text[cut:].strip()
    yield text


def quoted(text: str) -> str:
    """`text` in double quotes, whatever it is."""
    return f'"{"".join(map(_escaped, text))}"'


def comment_lines(remarks: Sequence[Remark]) -> Iterator[str]:
    """What no key of a runbook says, line by line, each with the place that it comes from."""
    for remark in remarks:
        for number, line in enumerate(remark.text.split("\n")):
            if line.strip():
                where = f"{remark.at.file}:{remark.at.start + 1 + number}"
                yield f"# from {_comment(where)}: {_comment(line.strip())}"


def _only(part: Part) -> str:
    value = part.values[0][1]
    return value.strip() if isinstance(value, str) else ""


def _comment(text: str) -> str:
    """A comment ends with its line, and takes no character that a reader refuses."""
    return "".join(char if char.isprintable() else " " for char in text)
