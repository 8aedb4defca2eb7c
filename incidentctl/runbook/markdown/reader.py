"""Documents -> Draft: each part is put where it belongs by what stands in it, with the heading as a hint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from incidentctl.runbook.markdown.alerts import alert_names, alert_of_title, alerts_in
from incidentctl.runbook.markdown.blocks import REPLACED, Block, Document, Place
from incidentctl.runbook.markdown.draft import Draft, Part, Remark, Step
from incidentctl.runbook.markdown.loss import lost_lines, words_of
from incidentctl.runbook.markdown.steps import heading_condition, merged, steps_of, ticked
from incidentctl.runbook.markdown.tables import defined_link, levels_of, links_in, people_of, template_of, unlike
from incidentctl.runbook.markdown.words import sense_of

_LONGEST_DESCRIPTION: Final = 2_000
_HEAD: Final = (
    ("owner", r"(?:service )?owner|owner_slack|team|owned by"),
    ("reviewed", r"(?:last )?(?:reviewed|verified)(?: on)?|last_reviewed_on|last_verified_at"),
    ("tier", r"(?:service )?tier"),
)
_LABEL: Final = re.compile(r"(?m)^[> \t*-]{0,9}\*\*([\w ]{1,40}):?\*\*:?\s*(\S.*?)\s*$")
_NEEDED: Final = {"severity": "severity levels", "people": "people to page", "templates": "texts to send"}


def read(service: str, documents: Sequence[Document], under: str = "about") -> Draft:
    """All that the documents say, in one draft; every line that holds a word is in it.

    `under` is the sense (`words.sense_of`) of what stands before the first heading.
    """
    readers = [_Reader(one, under) for one in documents]
    for reader in readers:
        reader.walk()
    head = unlike([part for one in readers for part in one.head], ())
    draft = Draft(
        service,
        tuple(documents),
        tuple(head),
        tuple(unlike([part for one in readers for part in one.parts], ())),
        first=tuple(step for one in readers for step in merged(ticked(one.steps["first"]))),
        tree=tuple(step for one in readers for step in merged(one.steps["tree"])),
        rollback=tuple(step for one in readers for step in one.steps["rollback"]),
        checklist=tuple(step for one in readers for step in merged(ticked(one.steps["clear"]))),
        comments=tuple(remark for one in readers for remark in one.comments),
        remarks=tuple(remark for one in readers for remark in one.remarks),
    )
    return _complete(_with_rollbacks(draft))


def _with_rollbacks(draft: Draft) -> Draft:
    """What undoes a deploy is offered where a deploy is the cause; without a command it is only to be read."""
    if not any(step.kind == "action" for step in draft.rollback):
        return replace(draft, rollback=()).with_notes(draft.rollback)
    steps = (replace(step, kind="rollback") if step.kind == "action" else step for step in draft.rollback)
    return replace(draft, rollback=tuple(steps))


def _complete(draft: Draft) -> Draft:
    """With a note for every line that went nowhere."""
    notes = []
    for one in draft.documents:
        for start, end in _runs(lost_lines(draft, one)):
            at = Place(one.file, start, end)
            notes.append(Step("note", one.raw(start, end), at, one.raw(start, end)))
    return draft.with_notes(notes)


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """`3, 4, 7` -> `(3, 5), (7, 8)`."""
    start = None
    for number, following in zip(numbers, [*numbers[1:], -1], strict=False):
        start = number if start is None else start
        if following != number + 1:
            yield start, number + 1
            start = None


class _Reader:
    """Walks one document, and remembers under which headings it is."""

    def __init__(self, document: Document, under: str) -> None:
        self._document = document
        self._under = under
        self._senses: dict[int, str] = {}
        self._above: tuple[str, ...] = ()
        self.steps: dict[str, list[Step]] = {"first": [], "tree": [], "rollback": [], "clear": []}
        self.head: list[Part] = []
        self.parts: list[Part] = []
        self.comments: list[Remark] = []
        self.remarks: list[Remark] = []
        self._description: list[Block] = []

    def walk(self) -> None:
        """Read it all."""
        self._front_matter()
        for number in self._document.replaced:
            at = Place(self._document.file, number, number + 1)
            self.remarks.append(Remark(at, f"control characters were replaced by `{REPLACED}`"))
        for heading, blocks in _sections(self._document.blocks):
            self._section(heading, blocks)
        self._definitions()
        self._describe()

    # --- what is no block

    def _front_matter(self) -> None:
        for number in self._document.front:
            line, at = self._document.lines[number], Place(self._document.file, number, number + 1)
            key, _, value = line.partition(":")
            self._label(key, value.strip(" \t'\""), at, line)
            if re.fullmatch(r"alert(?:[_-]?names?|s)?", key.strip(), re.IGNORECASE):
                self._answers_to(alert_names(value.strip(" []")), at, line)
            if key.strip() == "title" and value.strip():
                self._say("title", value.strip(" \t'\""), at, line)
            if line.strip(" -."):
                self.comments.append(Remark(at, line))

    def _definitions(self) -> None:
        """`[name]: address` has no block; nor is there one for its address where nothing refers to it."""
        lines = self._document.lines
        for number, line in enumerate(lines):
            rows = 2 if line.rstrip().endswith("]:") else 1
            at = Place(self._document.file, number, number + rows)
            found = defined_link(Block("other", at, " ".join(lines[number : number + rows])))
            if found is not None:
                self.parts.append(found)

    def _label(self, label: str, value: str, at: Place, raw: str) -> None:
        """`Owner: team-search`, in the front matter or in bold."""
        key = next((key for key, words in _HEAD if re.fullmatch(words, label.strip(), re.IGNORECASE)), "")
        day = re.search(r"\d{4}-\d{2}-\d{2}", value)
        if key == "reviewed":
            value = day[0] if day and _is_date(day[0]) else ""
        if key and value:
            self._say(key, value, at, raw)

    def _say(self, key: str, value: str, at: Place, raw: str) -> None:
        self.head.append(Part("head", key, (("value", value),), at, raw))

    def _answers_to(self, names: Iterable[str], at: Place, raw: str) -> None:
        for name in names:
            self._say(f"alert {name}", name, at, raw)

    # --- sections

    def _section(self, heading: Block | None, blocks: Sequence[Block]) -> None:
        sense = self._sense(heading)
        is_title = heading is not None and heading.level == 1 and not any(one.name == "title" for one in self.head)
        pending = heading
        if heading is not None and is_title:
            self._say("title", heading.text.replace("**", ""), heading.at, heading.raw)
            pending = None
        if heading is not None and heading.level == 1:
            name = alert_of_title(heading.text, "\n".join(self._document.lines))
            self._answers_to([name] if name else [], heading.at, heading.raw)
        for block in blocks if heading is None else (heading, *blocks):
            self._answers_to(alerts_in(block, heading.text if heading else ""), block.at, block.raw)
        place = sense if sense in self.steps else "tree"
        asked = heading_condition(heading.text) if heading is not None and pending is not None else ""
        if heading is not None and asked and blocks and place == "tree":
            self._collect(blocks)
            steps = merged(steps_of(blocks, 1))
            if steps:
                self.steps["tree"].append(self._asked_heading(heading, asked, steps))
                return
        rest = self._sorted_out(sense, blocks)
        if pending is not None and blocks and not rest:  # it announced what is in its own place now
            self.comments.append(Remark(pending.at, pending.text))
            return
        self._place(place, sense, pending, rest)

    def _asked_heading(self, heading: Block, question: str, steps: Sequence[Step]) -> Step:
        end = max(step.at.end for step in steps)
        raw = self._document.raw(heading.at.start, end)
        why = "" if heading.text == question else heading.text
        return Step("ask", question, replace(heading.at, end=end), raw, why=why, yes=tuple(steps))

    def _sense(self, heading: Block | None) -> str:
        """What the heading says, else what the nearest one above it says."""
        if heading is None:
            return self._under
        own = sense_of(heading.text)
        self._above = (heading.text,)
        self._senses = {level: sense for level, sense in self._senses.items() if level < heading.level}
        inherited = next((sense for _, sense in sorted(self._senses.items(), reverse=True) if sense), "")
        if heading.level == 1:
            return "about"
        self._senses[heading.level] = own or inherited
        return own or inherited

    def _sorted_out(self, sense: str, blocks: Sequence[Block]) -> list[Block]:
        """Collects what means something by itself, and gives back the blocks that become steps or text."""
        self._collect(blocks)
        rest = []
        for block in blocks:
            found = self._structured(sense, block)
            head = _head_of(block) if found and block.rows else ()
            if block.kind == "table" and block.text:  # nobody reads HTML at night
                self.comments.append(Remark(block.at, block.raw))
            if not found or not self._is_carried(block, found, head):
                rest.append(block)
            else:
                self.comments += head
            self.parts += found
            self._above = self._above_next(block, found)
        return rest

    def _above_next(self, block: Block, found: Sequence[Part]) -> tuple[str, ...]:
        """What stands above the next block: the heading, and the paragraphs since the last text that was to be sent."""
        if block.kind == "code" or found:
            return self._above[:1]
        return (*self._above, block.text[:80]) if block.kind == "paragraph" else self._above

    def _structured(self, sense: str, block: Block) -> list[Part]:
        if block.kind in ("table", "list") and not any(part.section == "severity" for part in self.parts):
            levels = levels_of(block, is_announced=sense == "severity")
            if levels:
                return list(levels)
        if sense == "people" and block.kind in ("table", "list"):
            return unlike(people_of(block), self.parts)
        to_send = _to_send(block) if sense == "comms" else None
        if to_send is not None:
            found = template_of(to_send, self._above)
            return [] if found is None else [found]
        return [part for part in self.parts if part.at == block.at] if sense == "links" and block.kind == "list" else []

    def _is_carried(self, block: Block, parts: Sequence[Part], head: tuple[Remark, ...]) -> bool:
        """Whether the parts, and a comment for the head of a table, say all that the block says."""
        if block.kind == "table" and block.text:
            texts = [text for part in parts for text in part.texts] + [remark.text for remark in head]
            said = {word for text in texts for word in words_of(text)}
            return said >= set(words_of(block.text))
        draft = Draft("", (self._document,), parts=tuple(parts), comments=head)
        lost = lost_lines(draft, self._document)
        return not any(block.at.start <= number < block.at.end for number in lost)

    def _collect(self, blocks: Sequence[Block]) -> None:
        """Links and labels, wherever they stand."""
        for block in blocks:
            self.parts += unlike(links_in(block), self.parts)
            if block.kind != "code":
                for label, value in _LABEL.findall(block.raw):
                    self._label(label, value, block.at, block.raw)

    def _place(self, place: str, sense: str, heading: Block | None, blocks: Sequence[Block]) -> None:
        prose = [
            block for block in blocks if sense == "about" and (block.kind == "paragraph" or block.raw[:1] in "-*+")
        ]
        prose = prose if not any(step.kind != "note" for step in steps_of(prose)) else []
        size = sum(len(block.raw) for block in (*self._description, *prose))
        if prose and size < _LONGEST_DESCRIPTION:
            self._description += [*([heading] if heading else []), *prose]
            heading = None
            blocks = [block for block in blocks if block not in prose]
        steps = steps_of(blocks)
        if heading is not None and heading.text and (steps or not blocks):
            steps.insert(0, Step("note", heading.text, heading.at, heading.raw))
        for step in steps:
            comment = re.fullmatch(r"\s*<!--.*?-->\s*", step.raw, re.DOTALL)
            if step.kind == "note" and comment:
                self.comments.append(Remark(step.at, step.raw))
            else:
                self.steps[place].append(step)

    def _describe(self) -> None:
        """The prose of the overview, in one part for each of its blocks."""
        for number, block in enumerate(self._description):
            text = block.text if block.kind == "heading" else block.raw
            self.head.append(Part("head", f"description {number}", (("value", text),), block.at, block.raw))


def _sections(blocks: Sequence[Block]) -> Iterator[tuple[Block | None, list[Block]]]:
    """Each heading with what stands under it, up to the next one."""
    heading: Block | None = None
    below: list[Block] = []
    for block in blocks:
        if block.kind == "heading":
            if heading is not None or below:
                yield heading, below
            heading, below = block, []
        else:
            below.append(block)
    yield heading, below


def _to_send(block: Block) -> Block | None:
    """A text that stands by itself, in a fence or behind `>`, without those."""
    if block.kind == "code":
        return block
    lines = [line.strip() for line in block.raw.split("\n")]
    if block.kind != "other" or not all(line.startswith(">") for line in lines):
        return None
    return replace(block, text="\n".join(line.lstrip("> ") for line in lines))


def _head_of(table: Block) -> tuple[Remark, ...]:
    """The names of a table's columns."""
    return (Remark(replace(table.at, end=table.at.start + 1), " | ".join(table.rows[0])),)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def not_found(draft: Draft) -> list[str]:
    """What a runbook has and the documents do not say: the defaults stand there."""
    sections = {part.section for part in draft.parts}
    keys = {part.name for part in draft.head}
    is_ranked = any(part.section == "severity" and "page" in dict(part.values) for part in draft.parts)
    lacking = [words for section, words in _NEEDED.items() if section not in sections]
    if is_ranked:
        lacking.append("whom each level pages and how often it is told (taken from the built-in level of its rank)")
    lacking += [key for key in ("owner", "reviewed") if key not in keys]
    lacking += [] if draft.first else ["first steps"]
    lacking += [] if draft.rollback else ["a rollback command"]
    return lacking + ([] if draft.checklist else ["a checklist for the end"])
