"""An answers file: YAML -> rows.  `yes` stays the word that was written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from incidentctl.errors import NotAllowed, NotFound
from incidentctl.record import record
from incidentctl.runbook.find import did_you_mean
from incidentctl.runbook.nodes import File, ListNode, MappingNode, Node, Origin, ScalarNode
from incidentctl.runbook.quantities import parse_duration
from incidentctl.runbook.source import Problems, read_source

Answer = str | tuple[str, ...] | dict[str, str]
"""A word or text, a list, or one key with its text (`{skip: REASON}`)."""

_KEYS: Final = ("prompt", "answer", "after", "repeat")
_SHAPE: Final = "Write `- {prompt: first.acknowledge, answer: done}`."


@record
class Row:
    """One reply.  `prompt` is an id or a pattern (`*` matches dots too); without `answer` the default is taken.

    `after` is how long after the prompt was drawn the reply comes.  `file` and `line` are where the row stands.
    """

    prompt: str
    answer: Answer | None = None
    after: timedelta | None = None
    repeat: bool = False
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """`FILE:LINE`"""
        return f"{self.file}:{self.line}"


def load_answers(path: Path) -> tuple[Row, ...]:
    """Read an answers file.  Raises NotFound where it cannot be read, NotAllowed with every problem and its place."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotFound(f"The answers file {path} cannot be read: {error.strerror}") from error
    return read_answers(str(path), data)


def read_answers(name: str, data: bytes) -> tuple[Row, ...]:
    """Decode an answers file.  Raises NotAllowed, naming `name`:line:column of every problem."""
    problems = Problems()
    source = read_source(File(name, Origin.SERVICE), data, problems)
    rows = _rows(source.root, problems) if not problems.found else ()
    if problems.found:
        hints = dict.fromkeys(problem.hint for problem in problems.found if problem.hint)
        raise NotAllowed("\n".join(map(str, problems.found)), " ".join(hints))
    return rows


def _rows(root: MappingNode, problems: Problems) -> tuple[Row, ...]:
    _unknown(root, ("answers",), problems)
    listed = root.value("answers")
    if not isinstance(listed, ListNode):
        problems.at(
            listed or root, "missing-key", "an answers file has one key, `answers`, with a list below it", _SHAPE
        )
        return ()
    return tuple(row for node in listed.items if (row := _row(node, problems)) is not None)


def _row(node: Node, problems: Problems) -> Row | None:
    if not isinstance(node, MappingNode):
        problems.at(node, "wrong-type", "a row is a mapping with `prompt` and its answer", _SHAPE)
        return None
    _unknown(node, _KEYS, problems)
    prompt = node.value("prompt")
    if not isinstance(prompt, ScalarNode) or not prompt.text.strip():
        problems.at(prompt or node, "missing-key", "this row names no `prompt`", _SHAPE)
        return None
    return Row(
        prompt=prompt.text.strip(),
        answer=_answer(node, problems),
        after=_after(node, problems),
        repeat=_repeat(node, problems),
        file=node.file.name,
        line=node.span.line,
    )


def _unknown(node: MappingNode, keys: tuple[str, ...], problems: Problems) -> None:
    for name, (key, _) in node.entries.items():
        if name not in keys:
            hint = did_you_mean(name, keys) or f"The keys here are {', '.join(keys)}."
            problems.at(key, "unknown-key", f"there is no key `{name}` here", hint)


def _answer(row: MappingNode, problems: Problems) -> Answer | None:
    if "answer" not in row.entries:
        return None
    key, node = row.entries["answer"]
    match node:
        case ScalarNode() if node.is_empty:
            problems.at(
                key, "missing-key", "`answer` is empty", "Write a value, or leave `answer` out to take the default."
            )
        case ScalarNode(text=text):
            return text
        case ListNode(items=items):
            return tuple(_text(item, problems) for item in items)
        case MappingNode(entries=entries):
            if len(entries) == 1:
                return {name: _text(value, problems) for name, (_, value) in entries.items()}
            problems.at(
                node,
                "wrong-type",
                "an answer with a key has exactly one",
                "Write for example `answer: {skip: REASON}`.",
            )
        case _:
            pass
    return None


def _text(node: Node, problems: Problems) -> str:
    if isinstance(node, ScalarNode):
        return node.text
    problems.at(node, "wrong-type", "a text stands here, not a list or a mapping")
    return ""


def _after(row: MappingNode, problems: Problems) -> timedelta | None:
    node = row.value("after")
    if node is None:
        return None
    try:
        return parse_duration(_text(node, problems))
    except ValueError as error:
        problems.at(node, "bad-value", str(error))
        return None


def _repeat(row: MappingNode, problems: Problems) -> bool:
    node = row.value("repeat")
    text = _text(node, problems) if node is not None else "false"
    if node is not None and text not in ("true", "false"):
        problems.at(node, "bad-value", "`repeat` is `true` or `false`")
    return text == "true"
