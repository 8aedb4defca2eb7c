"""Blocks -> steps: commands become actions, `if ... then ...` becomes a question, the rest is kept to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from incidentctl.runbook.markdown.blocks import Block, Place
from incidentctl.runbook.markdown.commands import Command, command, commands_in, is_command
from incidentctl.runbook.markdown.draft import Step

_DEEPEST: Final = 5
_LONGEST_TITLE: Final = 300
_LONGEST_NOTE: Final = 4_000
_CONDITION: Final = re.compile(
    r"(?:\*\*|_)?(?:if|in case(?: of)?)\s+(?P<what>.+?)(?P<sep>,|:|\s+then\b|\s+(?:->|→|=>))(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ARROW: Final = re.compile(r"(?P<what>[^`:→]{3,120}?)(?P<sep>\s+(?:->|→|=>)\s+)(?P<rest>.+)", re.DOTALL)
_YES_NO: Final = re.compile(
    r"(?:\W|\d)*(?:is|are|does|do|did|was|were|has|have|can|could|will)\b.*\?\W*", re.IGNORECASE
)
_SO: Final = re.compile(r"\W*(?:if )?yes\b", re.IGNORECASE)
_ELSE: Final = re.compile(r"\W*(?:otherwise|if not|else|(?:if )?no)\b", re.IGNORECASE)
_ANSWER: Final = re.compile(
    r"^\W*(?:yes|no)\b(?:\*\*|_)?\s*(?:[:,\u2013\u2014]|->|\u2192|-\s)(?:\*\*|_)?\s*", re.IGNORECASE
)
_CODE: Final = re.compile(r"`([^`]+)`")
_IMPERATIVE: Final = re.compile(
    r"\W*(?:then |next,? |first,? |please )?(?:run|execute|check|use|restart|apply|scale|delete|drain|cordon|describe"
    r"|list|look at|inspect|verify|get|call|stop|start|roll back|do)\b",
    re.IGNORECASE,
)
_CHOICE: Final = re.compile(
    r"\b(?:or|either|alternatively|instead|unless|if|not|never|e\.g|such as|like)\b", re.IGNORECASE
)
_PROBLEM: Final = re.compile(r"symptom|problem|condition|scenario|^if\b|issue|^error", re.IGNORECASE)
_REMEDY: Final = re.compile(r"fix|action|resolution|solution|mitigation|remed|what to do|^then\b", re.IGNORECASE)


def steps_of(blocks: Sequence[Block], depth: int = 0) -> list[Step]:
    """The steps of blocks that follow each other."""
    found: list[Step] = []
    rest = list(blocks)
    while rest:
        block = rest.pop(0)
        following = rest[0] if rest else None
        steps, used = _step(block, following, depth)
        if used:
            rest.pop(0)
        found += steps
    return _with_otherwise(found)


def _step(block: Block, following: Block | None, depth: int) -> tuple[list[Step], bool]:
    """The steps of a block, and whether the one that follows went into them."""
    match block.kind:
        case "paragraph":
            return _paragraph(block, following, depth)
        case "code":
            return _code(block, "", block.at), False
        case "list":
            return [step for item in block.blocks for step in item_steps(item, depth)], False
        case "table":
            return table_steps(block), False
        case _:
            return [note(block)], False


def note(block: Block) -> Step:
    """A block as it stands, to be read; of a table in HTML what it says."""
    text = block.text if block.kind == "table" and block.text else block.raw
    return Step("note", text, block.at, text)


def item_steps(item: Block, depth: int) -> list[Step]:
    """A list item: steps where it holds a command or a condition, else a note."""
    if depth >= _DEEPEST or not item.blocks or item.blocks[0].kind != "paragraph":
        return [replace(note(item), is_item=True)]
    steps = steps_of(item.blocks, depth + 1)
    if all(step.kind == "note" for step in steps):
        return [replace(note(item), is_item=True)]
    return steps


# --- paragraphs --------------------------------------------------------------------------------------------


def _paragraph(block: Block, following: Block | None, depth: int) -> tuple[list[Step], bool]:
    asked = _asked(block, following, depth)
    if asked is not None:
        return [asked], following is not None and asked.at.end > block.at.end
    if following is not None and following.kind == "code" and len(block.text) <= _LONGEST_TITLE:
        steps = _code(following, block.text, _span(block, following))
        if steps[0].kind != "note":
            return steps, True
    line = _one_command(block.text)
    if line is not None and len(block.text) <= _LONGEST_TITLE:
        return [_action(line, _plain(block.text), block.at, block.raw)], False
    return _several(block) or [note(block)], False


def _several(block: Block) -> list[Step]:
    """`Run `a`, then `b`` as a note and an action for each command; nothing where one may be chosen, or all may not do.

    Each has to be a command as it stands, or the rest would be half of what is to be done.
    """
    lines = [line for line in _CODE.findall(block.text) if is_command(line)]
    is_told = _IMPERATIVE.match(block.text) and not _CHOICE.search(_CODE.sub("", block.text))
    found = [command(line) for line in lines]
    whole = [one for one in found if one is not None]
    if not is_told or len(whole) < 2 or len(whole) < len(found) or len(block.text) > _LONGEST_TITLE:
        return []
    return [note(block), *(_action(one, "", block.at, one.written) for one in whole)]


def _asked(block: Block, following: Block | None, depth: int) -> Step | None:
    """A question, where the paragraph is a condition and it is said what follows from it."""
    text = block.text
    parts = condition(text)
    if parts is None or _ELSE.match(text) or _SO.match(text) or depth >= _DEEPEST:
        return None
    what, then = parts
    is_open = then.endswith(":") and following is not None and following.kind in ("list", "code")
    if then and not is_open:
        then_block = replace(block, text=then)
        return Step("ask", what, block.at, block.raw, why=_plain(text), yes=(_consequence(then_block),))
    if following is None or following.kind not in ("list", "code"):
        return None
    if following.kind == "code" and text.rstrip("*_ ").endswith("?"):
        return None  # a command under a question is how to find out, and not what to do about a yes
    below = steps_of([*([replace(block, text=then, raw=then)] if then else []), following], depth + 1)
    yes, no = _branches(below)
    both = _span(block, following)
    raw = f"{block.raw}\n\n{following.raw}"
    return Step("ask", what, both, raw, why=_plain(text), look=_look(text), yes=yes, no=no) if yes else None


def _look(question: str) -> str:
    """The command that answers a question, where it stands in it and needs nothing."""
    line = _one_command(question) if question.rstrip("*_ ").endswith("?") else None
    return line.run if line is not None and not (line.needs or line.shell) else ""


def condition(text: str) -> tuple[str, str] | None:
    """`If the queue is long, restart it` -> the question, and what follows from a yes (empty: what stands below)."""
    if len(text) > _LONGEST_TITLE:
        return None
    if _YES_NO.fullmatch(text) and text.count("?") == 1:
        return _plain(text), ""
    is_chain = len(re.findall(r"->|→|=>", text)) > 1
    found = _CONDITION.fullmatch(text) or (None if is_chain else _ARROW.fullmatch(text))
    if found is None:
        return None
    what, then = found["what"], found["rest"].strip(" *_")
    is_cut = what.count("`") % 2 or what.count("(") != what.count(")") or "?" in what
    if is_cut or re.match(r"(?:or|and|but)\b", then) or re.search(r"[.!?]\W*\s+\W*[A-Z]", f"{what} {then}"):
        return None  # an aside in the middle, or more than one sentence: which part follows from what is a guess
    what = _plain(what).strip(" .:*_")
    return (f"{what[:1].upper()}{what[1:]}?", then) if what else None


def heading_condition(text: str) -> str:
    """`3. If the queue is long` -> the question that a heading asks; empty where it asks none."""
    plain = _plain(text)
    found = re.fullmatch(r"(?:[\d.]+\s+)?(?:if|when|in case(?: of)?)\s+([^:,?]+)", plain, re.IGNORECASE)
    if found is not None:
        return f"{found[1][:1].upper()}{found[1][1:]}?"
    return plain if _YES_NO.fullmatch(plain) and plain.count("?") == 1 else ""


def _branches(steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """What follows from a yes and from a no."""
    no = tuple(step for step in steps if step.kind != "ask" and _ELSE.match(step.text.lstrip("-*+ ")))
    return tuple(_without_answer(step) for step in steps if step not in no), tuple(map(_without_answer, no))


def _without_answer(step: Step) -> Step:
    """`Yes: roll back` -> `roll back`, which stands under `if_yes`."""
    text = step.text if step.kind == "ask" else _ANSWER.sub("", step.text, count=1)
    return replace(step, text=text) if text.strip() else step


def _consequence(block: Block) -> Step:
    """What is to be done when the answer is yes."""
    line = _one_command(block.text)
    text = _plain(block.text)
    return Step("action", text, block.at, block.raw) if line is None else _action(line, text, block.at, block.raw)


def _with_otherwise(steps: list[Step]) -> list[Step]:
    """`Otherwise ...` belongs to the question above it."""
    for before, after in pairwise(list(steps)):
        if before.kind == "ask" and not before.no and after.kind in ("note", "action") and _ELSE.match(_text(after)):
            at = steps.index(before)
            other = replace(after, kind="action", text=_plain(_text(after)))
            both = replace(before.at, end=max(before.at.end, after.at.end))
            steps[at : at + 2] = [replace(before, no=(other,), at=both, raw=f"{before.raw}\n{after.raw}")]
    return steps


def _text(step: Step) -> str:
    return step.text.lstrip("-*+ 0123456789.)")


# --- commands ----------------------------------------------------------------------------------------------


def _one_command(text: str) -> Command | None:
    """The command in a sentence that holds one, in backquotes."""
    lines = [line for line in _CODE.findall(text) if is_command(line)]
    return command(lines[0]) if len(lines) == 1 else None


def _code(block: Block, title: str, at: Place) -> list[Step]:
    """A code block as one action for each of its commands; as a note where it is anything else."""
    found = commands_in(block.text, block.info)
    if not found or sum(len(one.expect) for one in found) > _LONGEST_NOTE:
        return [note(block)]
    raw = block.raw if at == block.at else f"{title}\n\n{block.raw}"
    if len(found) == 1:
        return [_action(found[0], " ".join(filter(None, (_plain(title), found[0].title))), at, raw)]
    heading = [Step("note", title, at, title)] if title else []
    return [*heading, *(_asked_above(_action(one, one.title, at, "")) for one in found)]


def _asked_above(step: Step) -> Step:
    """A command under `# If the disk is full:` is done when it is."""
    asked = condition(step.text)
    if asked is None or step.text.endswith("?"):
        return step
    return Step("ask", asked[0], step.at, step.raw, why=step.text, yes=(replace(step, text=asked[1] or step.text),))


def _action(one: Command, text: str, at: Place, raw: str) -> Step:
    shown = one.run if len(one.run) <= 60 else f"{one.run[:60]}..."
    raw = raw or "\n".join(filter(None, (one.title and f"# {one.title}", one.written, one.expect)))
    return Step("action", text or f"Run {shown}", at, raw, one.run, one.shell, one.needs, one.expect)


# --- tables ------------------------------------------------------------------------------------------------


def table_steps(block: Block) -> list[Step]:
    """A table of symptoms and what to do about each becomes questions; any other is kept as it stands."""
    head, *rows = block.rows or ((),)
    remedy = next((place for place, cell in enumerate(head) if place and _REMEDY.search(cell)), 0)
    if not remedy or not _PROBLEM.search(head[0]) or not all(row[0] and row[remedy] for row in rows):
        return [note(block)]
    names = " | ".join(head)
    found = (_row(_row_at(block, number), head, row, remedy) for number, row in enumerate(rows))
    return [replace(note(block), text=names, raw=names), *found]


def _row_at(table: Block, number: int) -> Block:
    """The place of one row, where each has a line of its own: not in HTML."""
    start = table.at.start + 2 + number
    return table if table.text else replace(table, at=replace(table.at, start=start, end=start + 1))


def _row(block: Block, head: tuple[str, ...], row: tuple[str, ...], remedy: int) -> Step:
    others = [
        f"{name}: {cell}"
        for place, (name, cell) in enumerate(zip(head, row, strict=True))
        if cell and place not in (0, remedy)
    ]
    then = _consequence(Block("paragraph", block.at, row[remedy], row[remedy]))
    raw = " | ".join(row)
    return Step("ask", f"{_plain(row[0]).rstrip('?')}?", block.at, raw, why="; ".join(others), yes=(then,))


# --- putting together --------------------------------------------------------------------------------------


def merged(steps: Sequence[Step]) -> list[Step]:
    """Notes that follow each other become one, as long as it can be read in one go."""
    found: list[Step] = []
    for step in steps:
        last = found[-1] if found else None
        if last is not None and last.kind == step.kind == "note" and len(last.text) + len(step.text) < _LONGEST_NOTE:
            gap = "\n" if last.is_item and step.is_item else "\n\n"
            at = replace(last.at, end=max(last.at.end, step.at.end))
            found[-1] = replace(step, text=last.text + gap + step.text, raw=last.raw + gap + step.raw, at=at)
        else:
            found.append(step)
    return found


def ticked(steps: Sequence[Step]) -> list[Step]:
    """The steps as a list that is ticked takes them: no questions, and what is a line of a list can be ticked."""
    return list(_ticked(steps))


def _ticked(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        one_line = re.fullmatch(r"(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.+)", step.text)
        is_one_action = step.kind == "ask" and len(step.yes) == 1 and step.yes[0].kind == "action" and not step.no
        if is_one_action:
            yield replace(step.yes[0], text=step.why or step.text, at=step.at, raw=step.raw)
        elif step.kind == "ask":
            yield step.as_note()
        elif step.kind == "note" and step.is_item and one_line and len(step.text) <= _LONGEST_TITLE:
            yield replace(step, kind="do", text=_plain(one_line[1]))
        elif step.kind == "action" and not (step.needs or step.expect or step.why):
            yield replace(step, kind="do")
        else:
            yield step


def _span(first: Block, last: Block) -> Place:
    return replace(first.at, end=last.at.end)


def _plain(text: str) -> str:
    """One line, without the marks of bold."""
    return " ".join(re.sub(r"\*\*", "", text).split())
