"""Nodes -> plain values.  What does not fit is a Problem, and the value is as though it had not been written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

from incidentctl.runbook.find import near
from incidentctl.runbook.keys import LINK, NEED
from incidentctl.runbook.model import Link, Need
from incidentctl.runbook.nodes import ListNode, MappingNode, Node, Origin, ScalarNode
from incidentctl.runbook.quantities import parse_duration
from incidentctl.runbook.source import Problems

_MANY: Final = 30
_LONGEST_WORD: Final = 80
_duration: Final = lru_cache(maxsize=1024)(parse_duration)
_KIND: Final = {ScalarNode: "a text", ListNode: "a list", MappingNode: "a mapping"}


def kind_of(node: Node) -> str:
    """What was written, in words."""
    return _KIND[type(node)]


@lru_cache(maxsize=1024)  # the names of levels, steps and signals are asked again and again
def is_word(text: str, beside: str = "-_") -> bool:
    """Whether `text` is one plain word of at most 80 ASCII letters, digits and what may stand beside them."""
    inside = text.translate(str.maketrans("", "", beside))
    return text.isascii() and inside.isalnum() and text[0].isalnum() and len(text) <= _LONGEST_WORD


def text_of(node: Node, problems: Problems, name: str) -> str:
    """The text of a scalar without the white space around it."""
    if isinstance(node, ScalarNode):
        return node.text.strip()
    problems.at(node, "wrong-type", f"`{name}` takes a text, and this is {kind_of(node)}")
    return ""


def items_of(node: Node, problems: Problems, name: str) -> list[Node]:
    """The items of a list; a single value in its place is a problem."""
    if isinstance(node, ListNode):
        return node.items
    hint = f"Write `[{node.text}]`." if isinstance(node, ScalarNode) and len(node.text) < 60 else ""
    problems.at(node, "wrong-type", f"`{name}` takes a list, and this is {kind_of(node)}", hint)
    return []


class Fields:
    """One mapping, read key by key.  A key that is not in `known` is a problem; so is a node of another kind."""

    def __init__(self, node: Node, problems: Problems, known: Collection[str] | None, name: str) -> None:
        self.node = node if isinstance(node, MappingNode) else MappingNode(node.file, node.route, node.start, node.end)
        self.problems = problems
        self._is_mapping = isinstance(node, MappingNode)
        if not self._is_mapping:
            problems.at(node, "wrong-type", f"{name} takes a mapping of keys, and this is {kind_of(node)}")
        for word in self.node.entries if known is not None else ():
            if known is not None and word not in known and not problems.enough:
                key, _ = self.node.entries[word]
                hint, fix = _meant(word, known, self.node)
                problems.at(key, "unknown-key", f"there is no key `{word}` in {name}", hint, fix)

    def value(self, key: str) -> Node | None:
        """The node of a value; None where nothing was written."""
        return self.node.value(key) if key in self.node.entries else None  # most keys were not

    def text(self, key: str, default: str = "") -> str:
        """A text without the white space around it."""
        entry = self.node.entries.get(key)
        if entry is None:  # nearly always this or the next one, and it is asked a hundred thousand times
            return default
        node = entry[1]
        if type(node) is ScalarNode:
            return node.text.strip() or default
        return text_of(node, self.problems, key) or default

    def required(self, key: str, name: str) -> str:
        """A text that has to be there."""
        text = self.text(key)
        if not text and self._is_mapping and not isinstance(self.value(key), ListNode | MappingNode):
            self.problems.at(self.value(key) or self.node, "missing-key", f"{name} needs `{key}`")
        return text

    def items(self, key: str) -> list[Node]:
        """The nodes of a list."""
        node = self.value(key)
        return [] if node is None else items_of(node, self.problems, key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        texts = (text_of(item, self.problems, key) for item in self.items(key))
        return tuple(text for text in texts if text)

    def fields(self, key: str, known: Collection[str] | None, name: str) -> Fields | None:
        """A mapping within this one; None where it is not there."""
        node = self.value(key)
        return None if node is None else Fields(node, self.problems, known, name)

    def entries(self, key: str) -> list[tuple[ScalarNode, Node]]:
        """The keys and values of a mapping whose keys are the author's; a key with nothing behind it is left out."""
        inner = self.fields(key, None, f"`{key}`")
        return [] if inner is None else [entry for name, entry in inner.node.entries.items() if inner.value(name)]

    def flag(self, key: str, *, default: bool) -> bool:
        """`true` or `false`, and no other word: `yes` and `on` are texts."""
        word = self.word(key, ("true", "false"), "")
        return word == "true" if word else default

    def word(self, key: str, words: Sequence[str], default: str) -> str:
        """One of `words`."""
        text = self.text(key)
        if not text or text in words:
            return text or default
        node = self.value(key) or self.node
        hint = self.problems.suggest(text, words)
        self.problems.at(node, "bad-value", f"`{key}` takes {listed(words)}, and not `{text}`", hint)
        return default

    def whole(self, key: str) -> int | None:
        """A whole number in base 10, above zero: `010` is ten."""
        text = self.text(key)
        if not text:
            return None
        digits = text.replace("_", "").replace(",", "")
        number = int(digits) if is_word(text, "_,") and digits.isdigit() else 0
        if number < 1:
            message = f"`{key}` takes a whole number, and not `{text}`"
            self.problems.at(self.value(key) or self.node, "bad-value", message)
            return None
        return number

    def duration(self, key: str, least: timedelta = timedelta()) -> timedelta | None:
        """A duration with its unit (`5 min`), at least `least`."""
        text = self.text(key)
        if not text:
            return None
        node = self.value(key) or self.node
        try:
            duration = _duration(text)
        except ValueError as error:
            message, _, hint = str(error).partition(": ")
            slug = "bare-number" if is_word(text, "._") and text[-1].isdigit() else "bad-value"
            self.problems.at(node, slug, f"`{key}`: {message}", hint[:1].upper() + hint[1:] + "." if hint else "")
            return None
        if duration < least:
            self.problems.at(node, "bad-value", f"`{key}`: `{text}` is too short", f"The shortest is {_words(least)}.")
            return None
        return duration

    def day(self, key: str) -> date | None:
        """A date, as `2026-11-02`."""
        text = self.text(key)
        if not text:
            return None
        dashes = text[4:5] + text[7:8]  # Python reads 20261102 and 2026-W45-1 too, and people misread them
        try:
            return date.fromisoformat(text if dashes == "--" else "")
        except ValueError:
            message = f"`{key}` takes a date, and not `{text}`"
            self.problems.at(self.value(key) or self.node, "bad-value", message, "Write for example `2026-11-02`.")
            return None


def one_kind(fields: Fields, kinds: Sequence[str], name: str) -> str:
    """Which of `kinds` is written: the highest layer's, so that a service replaces what the organisation chose.

    Empty where there is none; two in one file are a problem.
    """
    found = [(node.file.origin, kind) for kind in kinds if (node := fields.value(kind)) is not None]
    if not found:
        return ""
    highest: Origin = max(origin for origin, _ in found)
    chosen = [kind for origin, kind in found if origin == highest]
    for kind in chosen[1:]:
        key, _ = fields.node.entries[kind]
        fields.problems.at(key, "conflicting-keys", f"{name} takes one of `{chosen[0]}` and `{kind}`, and not both")
    return chosen[0]


def links_of(fields: Fields) -> tuple[Link, ...]:
    """`links`: a list of `{type, title, url}`."""
    problems = fields.problems
    return tuple(problems.once(item, _link, item, problems) for item in fields.items("links"))


def _link(node: Node, problems: Problems) -> Link:
    fields = Fields(node, problems, LINK, "a link")
    url = fields.required("url", "a link")
    return Link(fields.text("type", "other"), fields.text("title", url), url, node.route)


def needs_of(fields: Fields) -> tuple[Need, ...]:
    """`needs`: the inputs of a command, `{pod: {ask: "Which pod?"}}`."""
    needs = []
    for key, value in fields.entries("needs"):
        if not (key.text.isascii() and key.text.isidentifier()):
            message = f"`{key.text}` cannot be the name of an input"
            fields.problems.at(key, "bad-value", message, "Use letters, digits and `_`.")
        inner = Fields(value, fields.problems, NEED, f"the input `{key.text}`")
        needs.append(Need(key.text, inner.required("ask", f"the input `{key.text}`")))
    return tuple(needs)


def _meant(key: str, known: Collection[str], beside: MappingNode) -> tuple[str, str]:
    """The hint for an unknown key, and the key that was meant, where that one is not there yet."""
    if key == "<<":
        return "YAML's merge key is not read: write `use:` for a step, or an alias for a whole value.", ""
    meant = next(iter(near(key, known, 1)), "")
    if not meant:
        return (f"The keys are {listed(known, 'and')}." if known else "It takes none."), ""
    return f"Did you mean `{meant}`?", "" if meant in beside.entries else meant


def listed(words: Iterable[str], last: str = "or") -> str:
    """Words as a message names them: `a`, `b` or `c`; of many only the first."""
    *first, final = [f"`{word}`" for word in islice(words, _MANY)] or ["none"]
    return f"{', '.join(first)} {last} {final}" if first else final


def _words(duration: timedelta) -> str:
    seconds = int(duration.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
