"""The decision tree as a Mermaid flowchart, for a page that draws one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from incidentctl.runbook.model import Action, Note, Omitted, Question, Runbook, TreeStep, steps_below
from incidentctl.text.escape import clean
from incidentctl.text.redact import redact
from incidentctl.text.times import span

_WIDTH: Final = 40
_MARKUP: Final = re.compile(r"[^\w ,.?!:/()'-]|^-|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
"""What Mermaid, HTML or Markdown could read: `1.` and `-` begin a list there."""
_START, _BETTER, _END = "start", "better", "exhausted"
_EXHAUSTED: Final = "End of the tree: go round again, open the war room, or name a hypothesis"


def runbook_mermaid(book: Runbook) -> str:
    """The questions in their order, with yes and no; from each action on, whether the numbers came back (P-TREE-5)."""
    return "\n".join(("flowchart TD", *(f"    {line}" for line in _Chart(book).lines()))) + "\n"


class _Chart:
    """Nodes in the order of the file, edges from the end back, so that each step knows what follows it."""

    def __init__(self, book: Runbook) -> None:
        self._book = book
        self._names = {id(step): f"s{number}" for number, step in enumerate(steps_below(book.tree), 1)}

    def lines(self) -> Iterator[str]:
        edges: list[str] = []
        first = self._chain(self._book.tree, _END, edges)
        yield f'{_START}(["{label(self._book.title)}"])'
        for step in steps_below(self._book.tree):
            yield self._node(step)
        yield f'{_BETTER}(["{label("Verify, then the all clear")}"])'
        yield f'{_END}(["{label(_EXHAUSTED)}"])'
        yield f"{_START} --> {first}"
        yield from reversed(edges)

    def _node(self, step: TreeStep) -> str:
        name = self._names[id(step)]
        match step:
            case Question(text=text):
                return f'{name}{{"{label(text)}"}}'
            case Action(text=text, takes=takes):
                about = f" (about {span(takes)})" if takes else ""
                return f'{name}["{label(text + about)}"]'
            case Note(text=text):
                return f'{name}[/"{label(text)}"/]'
            case Omitted(text=text, reason=reason):
                return f'{name}["{label(f"Left out: {text} ({reason})")}"]'
            case _:
                assert_never(step)

    def _chain(self, steps: Sequence[TreeStep], after: str, edges: list[str]) -> str:
        """Draw `steps` one after the other; the name of the first, or `after` where there is nothing to walk."""
        for step in reversed(steps):
            after = self._step(step, after, edges)
        return after

    def _step(self, step: TreeStep, after: str, edges: list[str]) -> str:
        name = self._names[id(step)]
        match step:
            case Question(if_yes=if_yes, if_no=if_no):
                no = self._chain(if_no, after, edges)
                edges.append(f'{name} -- "no" --> {no}')
                yes = self._chain(if_yes, after, edges)
                edges.append(f'{name} -- "yes" --> {yes}')
            case Action():
                edges.append(f'{name} -- "not better" --> {after}')
                edges.append(f'{name} -- "better" --> {_BETTER}')
            case Note():
                edges.append(f"{name} --> {after}")
            case Omitted():
                return after  # it stands there with its reason, and nothing leads to it
            case _:
                assert_never(step)
        return name


def label(text: str) -> str:
    """`text` as a label between double quotes, broken into lines; whatever Mermaid or HTML could read is an entity."""
    lines = textwrap.wrap(redact(clean(text)), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return "<br/>".join(re.sub(_MARKUP, lambda sign: f"#{ord(sign[0])};", line) for line in lines)
