"""Steps -> the typed tree and the two lists that are ticked, with every `use` filled in from the layers below."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from incidentctl.record import record
from incidentctl.runbook.decode_severity import Signals, checks_of
from incidentctl.runbook.decode_sources import check_of
from incidentctl.runbook.decode_values import Fields, is_word, kind_of, links_of, listed, needs_of, text_of
from incidentctl.runbook.defaults import Catalogue, placed, word_of
from incidentctl.runbook.keys import ACTIONS, FALLBACK_STEPS, LIST_STEPS, NOT_LISTED, OMITTED, STEPS, TREE_STEPS
from incidentctl.runbook.model import Action, External, Item, Link, ListStep, Note, Omitted, Question, TreeStep
from incidentctl.runbook.nodes import ListNode, MappingNode, Node, Origin, ScalarNode
from incidentctl.runbook.source import MAX_DEPTH, MAX_NODES, Problems

MAX_STEPS: Final = 2_000
_EXTERNAL: Final = "external-dependency"


@record
class _Step:
    """A step whose kind is known and whose `use` is filled in."""

    kind: str
    id: str
    text: str
    fields: Fields
    used: str = ""
    omit: str | None = None

    @property
    def place(self) -> tuple[str | int, ...]:
        return self.fields.node.route


class Steps:
    """Reads the steps of one section: the tree, or one of the lists.  An id stands once in a section.

    `nodes` are all that share the ids; `reserved` are ids whose prompts mean something else.
    """

    def __init__(
        self,
        problems: Problems,
        steps: Catalogue,
        signals: Signals,
        nodes: Sequence[Node],
        reserved: Sequence[str] = (),
    ) -> None:
        self._problems = problems
        self._steps = steps
        self._signals = signals
        self._reserved = reserved
        self._nodes = nodes
        self._taken: dict[str, Node] = {}
        self._inside: list[str] = []
        self._left = MAX_STEPS
        self._used_nodes = 0
        self._user: Node | None = None
        self.externals: tuple[External, ...] = ()

    @cached_property
    def _written(self) -> set[str]:
        """The ids that a slug must not take."""
        return set(written_ids(self._nodes))

    # --- the three sorts of lists

    def tree(self, nodes: Sequence[Node]) -> tuple[TreeStep, ...]:
        """The steps of the decision tree, or of one branch of it."""
        return tuple(self._tree_steps(nodes, TREE_STEPS))

    def fallback(self, nodes: Sequence[Node]) -> tuple[Action | Note, ...]:
        """What to do when an external dependency fails: actions and notes, no questions."""
        return tuple(step for step in self._tree_steps(nodes, FALLBACK_STEPS) if isinstance(step, Action | Note))

    def items(self, nodes: Sequence[Node]) -> tuple[ListStep, ...]:
        """The steps of a list that is ticked."""
        return tuple(self._list_steps(nodes))

    def _tree_steps(self, nodes: Sequence[Node], kinds: Sequence[str]) -> Iterator[TreeStep]:
        for node in nodes:
            step = self._open(node, kinds)
            if step is None:
                continue
            self._inside.append(step.used)
            if step.omit is not None:
                yield Omitted(step.id, step.text, step.omit, step.place)
            elif step.kind == "ask":
                yield self._question(step)
            elif step.kind == "note":
                yield Note(step.id, step.text, step.place)
            else:
                yield _action(step)
            self._inside.pop()

    def _list_steps(self, nodes: Sequence[Node]) -> Iterator[ListStep]:
        for node in nodes:
            step = self._open(node, LIST_STEPS)
            if step is None:
                continue
            if step.omit is not None:
                yield Omitted(step.id, step.text, step.omit, step.place)
            elif step.kind == "note":
                yield Note(step.id, step.text, step.place)
            else:
                yield _item(step)

    # --- what a step is

    def _open(self, node: Node, kinds: Sequence[str]) -> _Step | None:
        self._left -= 1
        if self._left < 0:
            if self._left == -1:
                self._problems.at(self._mendable(node), "too-large", f"there are more than {MAX_STEPS} steps")
            return None
        if not isinstance(node, MappingNode):
            hint = f"Begin it with one of {listed(kinds)}."
            self._problems.at(node, "wrong-type", f"a step is a mapping, and this is {kind_of(node)}", hint)
            return None
        if "use" not in node.entries:
            return self._written_out(node, kinds)
        base = self._used(node)
        if base is None:
            return None
        if "omit" in node.entries:
            return self._omitted(node, base)
        return self._written_out(placed(node, base), kinds, word_of(node, "use"))

    def _mendable(self, node: Node) -> Node:
        """Nobody can mend a built-in step: the one that uses it stands for it."""
        return self._user if node.file.origin is Origin.BUILT_IN and self._user is not None else node

    def _used(self, node: MappingNode) -> MappingNode | None:
        """The step that `use` names."""
        if node.file.origin is not Origin.BUILT_IN:
            self._user = node
        _, value = node.entries["use"]
        word = text_of(value, self._problems, "use")
        base = self._steps.get(word)
        if base is None and isinstance(value, ScalarNode):
            hint = self._problems.suggest(word, self._steps, f"The steps are {listed(self._steps, 'and')}.")
            self._problems.at(value, "unknown-use", f"there is no step `{word}` to use", hint)
        elif word in self._inside or len(self._inside) > MAX_DEPTH:
            self._problems.at(value, "unknown-use", f"the step `{word}` is used within itself, or too deep")
            return None
        return base if base is not None and self._fits(base, value) else None

    def _fits(self, base: MappingNode, value: Node) -> bool:
        """A few steps that are used many times must not fill the memory, as aliases must not."""
        before = self._used_nodes
        self._used_nodes += base.count
        if before <= MAX_NODES < self._used_nodes:
            self._problems.at(value, "too-large", f"the steps that are used stand for more than {MAX_NODES} values")
        return self._used_nodes <= MAX_NODES

    def _omitted(self, node: MappingNode, base: MappingNode) -> _Step:
        fields = Fields(node, self._problems, OMITTED, "a step that is omitted")
        reason = fields.text("omit")
        if not reason:
            key, _ = node.entries["omit"]
            message = f"`omit` needs a reason why `{word_of(node, 'use')}` is left out"
            self._problems.at(key, "missing-key", message)
        kind = next((kind for kind in STEPS if kind in base.entries), "ask")
        word = word_of(node, "use")
        self._take(word, node)
        return _Step(kind, word, word_of(base, kind), fields, word, reason)

    def _written_out(self, node: MappingNode, kinds: Sequence[str], used: str = "") -> _Step | None:
        found = [kind for kind in STEPS if kind in node.entries]
        if not found:
            first = next(iter(node.entries), "")
            kinds = (*kinds, "use")
            hint = self._problems.suggest(first, kinds, f"A step has one of the keys {listed(kinds)}.")
            self._problems.at(node, "missing-key", "this step does not say what it is", hint)
            return None
        if len(found) > 1:
            self._problems.at(node, "conflicting-keys", f"a step is one thing, and this is {listed(found, 'and')}")
            return None
        kind = found[0]
        if kind not in kinds:
            hint = f"It takes {listed((*kinds, 'use'))}."
            self._problems.at(node, "unknown-key", f"a step `{kind}` has no place in this list", hint)
            return None
        keys = {**STEPS[kind], "omit": "text"} if used else STEPS[kind]  # for whoever misspelt it
        fields = Fields(node, self._problems, keys, f"a step `{kind}`")
        text = fields.required(kind, "a step")
        return _Step(kind, self._id(fields, text), text, fields, used)

    # --- ids

    def _id(self, fields: Fields, text: str) -> str:
        """The id that was written, else the slug of the text."""
        name = fields.text("id")
        if not name:
            return self._take(self._named(self._unique(slug(text)), fields.node), fields.node)
        node = fields.value("id") or fields.node
        if not is_word(name):
            hint = f"Write for example `{slug(name)}`: letters, digits, `-` and `_`."
            self._problems.at(node, "bad-value", f"`{name}` cannot be an id", hint)
        elif name in self._reserved:
            message = f"the id `{name}` belongs to a prompt of the walk"
            self._problems.at(node, "duplicate-id", message, "Choose another one.")
        return self._take(name, node)

    def _named(self, name: str, node: MappingNode) -> str:
        """An id made of the text changes with the text; a note is not answered, so nothing remembers its id."""
        if "note" not in node.entries:
            hint = f"Write `id: {name}`, so that a new wording stays the same step."
            self._problems.remark(node, "missing-id", "this step has no `id`", hint, f"id: {name}")
        return name

    def _take(self, name: str, node: Node) -> str:
        first = self._taken.setdefault(name, node)
        if first is not node:
            at = f"line {first.span.line}" if first.file == node.file else f"{first.file.name}:{first.span.line}"
            hint = f"The other step is at {at}."
            if node.file.origin is Origin.BUILT_IN:
                hint = "It comes with the built-in step: write an `if_yes` of its own."
            self._problems.at(self._mendable(node), "duplicate-id", f"the id `{name}` is already taken", hint)
        return name

    def _unique(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self._taken or candidate in self._written or candidate in self._reserved:
            number += 1
            candidate = f"{name}-{number}"
        return candidate

    # --- questions

    def _question(self, step: _Step) -> Question:
        fields = step.fields
        checks = checks_of(fields, self._signals)
        if step.id == _EXTERNAL and self.externals:
            if_yes, links = self._externals_first(step), tuple(map(_status_link, filter(_has_status, self.externals)))
        else:
            if_yes, links = self.tree(fields.items("if_yes")), ()
        return Question(
            id=step.id,
            text=step.text,
            why=fields.text("why"),
            within=fields.duration("within"),
            look=fields.text("look"),
            checks=checks,
            links=links_of(fields) + links,
            if_yes=if_yes,
            if_no=self.tree(fields.items("if_no")),
            route=step.place,
        )

    def _externals_first(self, step: _Step) -> tuple[TreeStep, ...]:
        """What follows the yes: each external with its fallback, then what the runbook wrote itself."""
        own = step.fields.value("if_yes")
        written = own.items if isinstance(own, ListNode) and own.file.origin is not Origin.BUILT_IN else []
        if len(self.externals) == 1:
            return (*self._fallback_of(self.externals[0]), *self.tree(written))
        questions = [self._external_question(external, step.fields.node) for external in self.externals]
        return (*questions, *self.tree(written))

    def _external_question(self, external: External, node: Node) -> Question:
        return Question(
            id=self._take(self._unique(f"{_EXTERNAL}-{slug(external.name)}"), node),
            text=f"Is {external.name} failing?",
            links=(_status_link(external),) if external.status else (),
            if_yes=self._fallback_of(external),
            route=external.route,
        )

    def _fallback_of(self, external: External) -> tuple[Action | Note, ...]:
        if not external.status:
            return external.fallback
        name = self._unique(f"{slug(external.name)}-status")
        return (Note(name, f"{external.name}'s status page: {external.status}", external.route), *external.fallback)


def slug(text: str) -> str:
    """`Is the queue long?` -> `is-the-queue-long`; at most 60 characters, never empty."""
    ascii_text = (text if text.isascii() else _without_accents(text[:200])).lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:60].rstrip("-") or "step"


def _without_accents(text: str) -> str:
    from unicodedata import normalize  # a library of its own, which most runbooks do without

    return normalize("NFKD", text).encode("ascii", "ignore").decode()


def _has_status(external: External) -> bool:
    return bool(external.status)


def _status_link(external: External) -> Link:
    return Link("status-page", f"{external.name} status", external.status, external.route)


def _action(step: _Step) -> Action:
    fields = step.fields
    return Action(
        id=step.id,
        text=step.text,
        kind="rollback" if step.kind == "rollback" else "action",
        why=fields.text("why"),
        run=fields.text("run"),
        shell=_shell(fields),
        needs=needs_of(fields),
        target=fields.text("target"),
        expect=fields.text("expect"),
        undo=fields.text("undo"),
        irreversible=fields.text("irreversible"),
        takes=fields.duration("takes"),
        timeout=fields.duration("timeout"),
        by=fields.text("by"),
        blocked_by=fields.texts("blocked_by"),
        end_queries=check_of(fields, "end_queries", ACTIONS),
        http=check_of(fields, "http", ACTIONS),
        route=step.place,
    )


def _shell(fields: Fields) -> bool:
    """`shell: true` takes no inputs: what a person types must not reach a shell."""
    shell = fields.flag("shell", default=False)
    needs = fields.value("needs")
    if shell and needs is not None:
        message, hint = "a command with `shell: true` takes no inputs", "Remove `needs`, or `shell: true`."
        fields.problems.at(needs, "conflicting-keys", message, hint)
    return shell


def _item(step: _Step) -> Item:
    fields = step.fields
    for name in NOT_LISTED if step.kind == "action" else ():
        if fields.value(name) is not None:
            key, _ = fields.node.entries[name]
            hint = "The decision tree takes it; here, write the whole command into `run`."
            fields.problems.at(key, "unknown-key", f"`{name}` has no place in a step that is ticked", hint)
    return Item(
        id=step.id,
        text=step.text,
        why=fields.text("why"),
        run=fields.text("run"),
        shell=_shell(fields),
        target=fields.text("target"),
        expect=fields.text("expect"),
        undo=fields.text("undo"),
        irreversible=fields.text("irreversible"),
        takes=fields.duration("takes"),
        links=links_of(fields),
        route=step.place,
    )


def written_ids(nodes: Iterable[Node]) -> Iterator[str]:
    """Every id at and below `nodes` that a person wrote: a slug must not take one of them."""
    for node in nodes:
        if isinstance(node, MappingNode):
            yield word_of(node, "id") or word_of(node, "use")
            yield from written_ids(value for _, value in node.entries.values())
        elif isinstance(node, ListNode):
            yield from written_ids(node.items)
