"""YAML text -> nodes that know their place.  Every scalar stays the text that was written.

The nodes are composed here from the C parser's events: `yaml.compose` recurses in C without a limit, so a file of
brackets would end the program, and it resolves `yes` and `12:30` into things that nobody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, NoReturn, TypeVar

import yaml
from yaml.error import Mark

from incidentctl.record import record
from incidentctl.runbook.find import did_you_mean
from incidentctl.runbook.inherited import Inherited
from incidentctl.runbook.model import Route
from incidentctl.runbook.nodes import File, ListNode, MappingNode, Node, ScalarNode, Span, path_text

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 40
MAX_NODES: Final = 50_000
MAX_TEXT: Final = 20_000
ENOUGH: Final = 100
_LONGEST_MESSAGE: Final = 400
_PLAIN_TAGS: Final = ("!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_Event = Any  # PyYAML's stubs give no event its anchor, and every mark may be None there
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HINTS: Final = (
    ("mapping values are not allowed", "Put quotes around a text that holds a colon and a space."),
    ("cannot start any token", "Put quotes around a text that begins with %, @ or a backquote."),
    ("did not find expected key", "A line above may be indented otherwise, or a quote or bracket is not closed."),
    ("could not find expected ':'", "A line above may be indented otherwise, or lacks its colon."),
    (
        "did not find expected '-'",
        "Begin this line with `- `, or indent it like the item that it belongs to.",
    ),
)
_UNCLOSED: Final = (
    ("expected ',' or", "The bracket that begins here is not closed, or a comma is missing."),
    ("end of stream", "The quote that begins here is not closed."),
)


T = TypeVar("T")


@record
class Problem:
    """Something that is wrong with a runbook file, where, and what to do.

    `slug` is the rule's, one of `slugs.STRUCTURAL`.  Lines and columns count from 1.  `path` is the place in the
    runbook (`decision_tree[0].if_yes`), `hint` may be empty.  `fix`, where it is not empty, is what mends it: the text
    that belongs in the place of the one that is covered, or, where a key is missing, the line that the mapping lacks.
    `route` is `path` in its parts.  All of it may hold foreign text: whoever prints it escapes it.
    """

    slug: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    path: str
    message: str
    hint: str = ""
    fix: str = ""
    route: Route = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class Problems:
    """Collects what is wrong, so that a person hears of everything at once.

    `found` is what keeps a runbook from being walked; `remarks` are for lint alone.  `inherited` is what other services
    have, too.
    """

    def __init__(self, inherited: Inherited | None = None) -> None:
        self.found: list[Problem] = []
        self.remarks: list[Problem] = []
        self._inherited = inherited or _NOTHING

    @property
    def enough(self) -> bool:
        """Whether so much was found that nobody would read more."""
        return len(self.found) >= ENOUGH

    def once(self, node: Node, make: Callable[..., T], *given: object, beside: Hashable = ()) -> T:
        """`make(*given)`, or what that was for another service which inherits `node`, if nothing was wrong with it.

        `beside` is all that it depends on besides `node` and what all services of the folder share.
        """
        if node not in self._inherited:
            return make(*given)
        known = self._inherited.get(node, make, beside)
        if known is not None:
            return known
        before = (len(self.found), len(self.remarks))
        made = make(*given)
        if before == (len(self.found), len(self.remarks)) and max(before) < ENOUGH:
            self._inherited.keep(node, make, beside, made)
        return made

    def suggest(self, word: str, words: Iterable[str], otherwise: str = "") -> str:
        """The hint for a word that is none of `words`: what was probably meant, else `otherwise`."""
        return "" if self.enough else did_you_mean(word, words) or otherwise

    def at(self, node: Node, slug: str, message: str, hint: str = "", fix: str = "") -> None:
        """Something is wrong with `node`."""
        if not self.enough:
            self.found.append(_problem(slug, node.file, node.span, node.route, message, hint, fix))

    def on(self, file: File, span: Span, slug: str, message: str, hint: str = "") -> None:
        """Something is wrong at a place that has no node."""
        if not self.enough:
            self.found.append(_problem(slug, file, span, (), message, hint))

    def remark(self, node: Node, slug: str, message: str, hint: str = "", fix: str = "") -> None:
        """Something about `node` is to be mended, and need not stop a walk."""
        if len(self.remarks) < ENOUGH:
            self.remarks.append(_problem(slug, node.file, node.span, node.route, message, hint, fix))


_NOTHING: Final = Inherited()


def _problem(slug: str, file: File, span: Span, route: Route, message: str, hint: str, fix: str = "") -> Problem:
    place = (span.line, span.column, span.end_line, span.end_column)
    path, message, hint, fix = map(_shortened, (path_text(route), message, hint, fix))
    return Problem(slug, file.name, *place, path, message, hint, fix, route)


def _shortened(text: str) -> str:
    """What a message quotes may be a whole file."""
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]} ..."


class _Stop(Exception):
    """The text cannot be read any further."""


@record
class Source:
    """A file that was read, and its nodes; an empty file is an empty mapping.

    `readable` is false where the text cannot be used at all; `root` is then empty, and the Problems say why.
    `scalars` are all texts and keys, in order; None where that is not known, or where an anchor or a tag is counted to
    one of them.
    """

    file: File
    root: MappingNode
    readable: bool = True
    scalars: tuple[ScalarNode, ...] | None = None


def read_source(file: File, data: bytes, problems: Problems) -> Source:
    """Compose `data`.  Never raises and never constructs: what is wrong is added to `problems`, with its place."""
    nothing = MappingNode(file, (), _START, _START)
    text = _text(file, data, problems)
    if text is None:
        return Source(file, nothing, readable=False)
    composer = _Composer(file, text, problems)
    try:
        root = composer.document()
    except _Stop:
        return Source(file, nothing, readable=False)
    except yaml.YAMLError as error:
        _explain(file, text, error, problems)
        return Source(file, nothing, readable=False)
    if root is None or isinstance(root, MappingNode):
        return Source(file, root or nothing, scalars=composer.scalars)
    problems.at(root, "wrong-type", "the file holds a mapping of keys (`service: checkout`), and this is not one")
    return Source(file, nothing, readable=False)


_START: Final = Mark("", 0, 0, 0, None, 0)


def _text(file: File, data: bytes, problems: Problems) -> str | None:
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024} KiB"
        problems.on(file, Span(1, 1, 1, 1), "too-large", message, "Keep what is read at 3 AM, and link to the rest.")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _place(data[: error.start].decode("utf-8", "replace"))
        problems.on(file, place, "encoding", "the file is not UTF-8", "Save it as UTF-8.")
        return None
    if text.startswith("\ufeff"):
        problems.on(
            file, Span(1, 1, 1, 2), "encoding", "the file begins with a byte order mark", "Save it without one."
        )
        return None
    if "\0" in text:
        problems.on(file, _place(text[: text.index("\0")]), "encoding", "there is a NUL character here", "Remove it.")
        return None
    return text


def _place(before: str) -> Span:
    """The place of the character that follows `before`."""
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Span(line, column, line, column + 1)


def _explain(file: File, text: str, error: yaml.YAMLError, problems: Problems) -> None:
    """The parser's words, at the parser's place, with what a person can do about it."""
    mark: Mark | None = getattr(error, "problem_mark", None)
    if mark is None:  # a character that YAML does not allow: the parser gives only an offset in bytes
        offset = max(0, getattr(error, "position", 0) or 0)
        before = text.encode()[:offset].decode("utf-8", "replace")
        hint = f"Remove it: U+{ord(text[len(before)]):04X}." if len(before) < len(text) else "Remove it."
        message = "there is a character here that YAML does not allow"
        problems.on(file, _place(before), "encoding", message, hint)
        return
    said = str(getattr(error, "problem", ""))
    hint = next((hint for words, hint in _HINTS if words in said), "")
    for words, unclosed in _UNCLOSED:  # where it began is of more use than where the file ended
        if words in said:
            mark, hint = getattr(error, "context_mark", None) or mark, unclosed
    slug, message = "syntax", f"this is not YAML: {said}"
    if re.match(r" *\t", "".join(text.split("\n")[mark.line : mark.line + 1])):
        slug, message, hint = "encoding", "a tab indents this line", "Indent with spaces."
    problems.on(file, Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2), slug, message, hint)


def _holds_control(text: str) -> bool:
    """Whether an escape made a control character; unescaped ones are refused by the parser."""
    return not text.isprintable() and any((one < " " and one not in "\n\t") or "\x7f" <= one <= "\x9f" for one in text)


class _Composer:
    """Events -> nodes, within the limits."""

    def __init__(self, file: File, text: str, problems: Problems) -> None:
        self._file = file
        self._problems = problems
        self._next = _Loader(text).get_event
        self._anchors: dict[str, Node | None] = {}
        self._nodes = 0
        self._scalars: list[ScalarNode] = []
        self._exact = True

    @property
    def scalars(self) -> tuple[ScalarNode, ...] | None:
        """As `Source` has them."""
        return tuple(self._scalars) if self._exact else None

    def document(self) -> Node | None:
        """The first document's root; None where the file is empty.  A second document is a problem."""
        self._next()  # the stream's start
        event = self._next()
        if type(event) is yaml.StreamEndEvent:
            return None
        root = self._node(self._next(), (), 0)
        self._next()  # the document's end
        event = self._next()
        if type(event) is not yaml.StreamEndEvent:
            self._stop(event, (), "syntax", "a second document begins here", "A file holds one: remove the `---`.")
        return None if isinstance(root, ScalarNode) and root.is_empty else root

    def _node(self, event: _Event, route: Route, depth: int) -> Node:
        if type(event) is yaml.AliasEvent:
            return self._alias(event, route)
        anchor: str | None = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None
        node: Node
        if event.tag is not None and event.tag not in _PLAIN_TAGS:
            place = Node(self._file, route, event.start_mark, event.end_mark)
            self._problems.at(place, "syntax", f"YAML tags are not read, and this is tagged `{event.tag}`")
        if type(event) is yaml.ScalarEvent:
            node = self._scalar(event, route)
        elif depth >= MAX_DEPTH:
            self._stop(event, route, "too-large", f"this is nested more than {MAX_DEPTH} deep")
        elif type(event) is yaml.MappingStartEvent:
            node = self._mapping(event, route, depth)
        else:
            node = self._list(event, route, depth)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop(event, route, "too-large", f"the file has more than {MAX_NODES} values")
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, event: _Event, route: Route) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            words = "stands inside what it names" if event.anchor in self._anchors else "names nothing above it"
            self._stop(event, route, "syntax", f"the alias `*{event.anchor}` {words}")
        # Written out, a few aliases of aliases fill the memory; so they count as what they stand for.
        self._nodes += node.count
        if self._nodes > MAX_NODES:
            self._stop(event, route, "too-large", f"the aliases stand for more than {MAX_NODES} values")
        return node

    def _list(self, start: _Event, route: Route, depth: int) -> ListNode:
        node = ListNode(self._file, route, start.start_mark, start.end_mark)
        event = self._next()
        while type(event) is not yaml.SequenceEndEvent:
            item = self._node(event, (*route, len(node.items)), depth + 1)
            if not node.items:
                node.end = item.end
            node.items.append(item)
            node.count += item.count
            event = self._next()
        return node

    def _mapping(self, start: _Event, route: Route, depth: int) -> MappingNode:
        node = MappingNode(self._file, route, start.start_mark, start.end_mark)
        entries = node.entries
        event = self._next()
        while type(event) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent:
                self._stop(event, route, "syntax", "a key is a plain word, and this is not")
            name = event.value
            key = self._scalar(event, (*route, name))
            if not entries:
                node.end = key.end
            value = self._node(self._next(), key.route, depth + 1)
            node.count += 1 + value.count
            if name not in entries:
                entries[name] = (key, value)
            else:
                message = f"`{name}` is here a second time; the first is on line {entries[name][0].span.line}"
                self._problems.at(key, "duplicate-key", message)
            event = self._next()
        return node

    def _scalar(self, event: _Event, route: Route) -> ScalarNode:
        text, quoted = event.value, bool(event.style)  # of a plain scalar the C parser says "", the other one None
        if len(text) > MAX_TEXT:
            self._stop(event, route, "too-large", f"this text is longer than {MAX_TEXT} characters")
        node = ScalarNode(self._file, route, event.start_mark, event.end_mark, text, quoted=quoted)
        self._scalars.append(node)
        if event.anchor is not None or event.tag is not None:
            self._exact = False
        if quoted and _holds_control(text):
            self._problems.at(
                node, "encoding", "this text holds a control character", "Remove the escape that makes it."
            )
        return node

    def _stop(self, event: _Event, route: Route, slug: str, message: str, hint: str = "") -> NoReturn:
        self._problems.at(Node(self._file, route, event.start_mark, event.end_mark), slug, message, hint)
        raise _Stop
