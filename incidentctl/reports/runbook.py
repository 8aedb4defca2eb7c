"""A runbook for reading: everything in the order in which it is walked, as plain text, in 80 columns at most."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from incidentctl.record import record
from incidentctl.runbook.model import (
    Action,
    Check,
    Item,
    Level,
    Link,
    ListStep,
    Note,
    Omitted,
    Person,
    Question,
    Runbook,
    Signal,
    Template,
    TreeStep,
)
from incidentctl.text.escape import clean
from incidentctl.text.redact import redact
from incidentctl.text.times import span

WIDTH: Final = 80
INDENT: Final = "  "


@record
class Line:
    """Something to read, which is broken where the line is full: `first` stands before it, `rest` below that.

    What is to be copied is `bare`, and never broken.
    """

    text: str
    first: str = ""
    rest: str = ""
    bare: bool = False


def runbook_text(book: Runbook, width: int = WIDTH) -> str:
    """The whole merged runbook in `width` columns; commands, addresses and texts stand bare on lines of their own."""
    parts = [
        _head(book),
        _section("Links", _links(book.links, "")),
        _section("Severity", (line for level in book.levels for line in _level(level))),
        _section("People", (line for person in book.people.values() for line in _person(person))),
        _section("First five minutes", _list_steps(book.first_minutes)),
        _section("Decision tree, asked strictly in this order", _tree(book.tree, "")),
        _section("Depends on", _dependencies(book)),
        _section("Signals", (line for signal in book.signals.values() for line in _signal(signal))),
        _section("Comms", _comms(book)),
        _section("All clear", _all_clear(book)),
    ]
    return "\n\n".join("\n".join(_broken(part, width)) for part in parts if part) + "\n"


def _broken(lines: Sequence[Line], width: int) -> Iterator[str]:
    for line in lines:
        if line.bare:
            yield line.text
            continue
        yield from textwrap.wrap(
            line.text, width, initial_indent=line.first, subsequent_indent=line.rest,
            break_on_hyphens=False, break_long_words=False,
        )  # fmt: skip


def _section(title: str, lines: Iterator[Line]) -> list[Line]:
    body = list(lines)
    return [Line(title.upper()), *body] if body else []


def _words(text: str, margin: str = "", *, first: str = "") -> Iterator[Line]:
    """Text to read."""
    yield Line(redact(clean(text)), margin + first, margin + " " * len(first))


def _bare(text: str) -> Iterator[Line]:
    """Text to copy."""
    yield from (Line(line, bare=True) for line in redact(clean(text, lines=True)).split("\n"))


def _head(book: Runbook) -> list[Line]:
    facts = {
        "service": book.service,
        "owner": book.owner,
        "tier": book.tier,
        "process": book.process,
        "time zone": book.timezone,
        "reviewed": book.reviewed.isoformat() if book.reviewed else "never",
        "alerts": ", ".join(book.alerts),
    }
    lines = [*_words(book.title), *_words(book.description)]
    return [*lines, *(line for name, fact in facts.items() if fact for line in _words(fact, first=f"{name}: "))]


def _links(links: Sequence[Link], margin: str) -> Iterator[Line]:
    for link in links:
        yield from _words(f"{link.title} ({link.type})", margin)
        yield from _bare(link.url)


def _level(level: Level) -> Iterator[Line]:
    yield from _words(level.meaning, first=f"{clean(level.name)}: ")
    if level.when:
        yield from _words(", ".join(condition.text for condition in level.when), INDENT, first="when any of: ")
    yield from _words(", ".join(level.page) or "nobody", INDENT, first="page: ")
    if level.update_every:
        yield from _words(f"every {span(level.update_every)}", INDENT, first="updates: ")
    if level.respond_within:
        yield from _words(f"within {level.respond_within}", INDENT, first="answered: ")
    if not level.tree:
        yield from _words("a ticket is written; the tree is not asked", INDENT)


def _person(person: Person) -> Iterator[Line]:
    ways = ", ".join(f"{kind} {address}" for kind, address in person.ways) or "no way to page is written down"
    yield from _words(f"{person.name} ({ways})", first=f"{clean(person.role)}: ")


def _list_steps(steps: Sequence[ListStep]) -> Iterator[Line]:
    number = 0
    for step in steps:
        match step:
            case Item():
                number += 1
                yield from _item(step, number)
            case Note(text=text):
                yield from _words(text, first="Note: ")
            case Omitted():
                yield from _omitted(step, "")
            case _:
                assert_never(step)


def _item(item: Item, number: int) -> Iterator[Line]:
    takes = f" (about {span(item.takes)})" if item.takes else ""
    yield from _words(f"{item.text}{takes} [{item.id}]", first=f"{number}. ")
    if item.why:
        yield from _words(item.why, INDENT, first="Why: ")
    yield from _links(item.links, INDENT)
    yield from _command("", item.run, INDENT)
    yield from _command("To undo:", item.undo, INDENT)


def _omitted(step: Omitted, margin: str) -> Iterator[Line]:
    yield from _words(f"{step.text} ({step.reason})", margin, first="Left out: ")


def _command(label: str, line: str, margin: str) -> Iterator[Line]:
    if line:
        yield from (_words(label, margin) if label else ())
        yield from _bare(line)


def _tree(steps: Sequence[TreeStep], margin: str) -> Iterator[Line]:
    number = 0
    for step in steps:
        match step:
            case Question():
                number += 1
                yield from _question(step, margin, f"{number}. " if not margin else "? ")
            case Action():
                yield from _action(step, margin)
            case Note(text=text):
                yield from _words(text, margin, first="Note: ")
            case Omitted():
                yield from _omitted(step, margin)
            case _:
                assert_never(step)


def _question(question: Question, margin: str, mark: str) -> Iterator[Line]:
    within = f" (within {span(question.within)})" if question.within else ""
    yield from _words(f"{question.text}{within} [{question.id}]", margin, first=mark)
    margin += INDENT
    if question.why:
        yield from _words(question.why, margin, first="Why: ")
    yield from _links(question.links, margin)
    for check in question.checks:
        yield from _words(_check(check), margin, first="Check: ")
    yield from _command("To see:", question.look, margin)
    for answer, steps in (("Yes", question.if_yes), ("No", question.if_no)):
        if steps:
            yield from _words(f"{answer}:", margin)
            yield from _tree(steps, margin + INDENT)


def _action(action: Action, margin: str) -> Iterator[Line]:
    takes = f" (about {span(action.takes)})" if action.takes else ""
    mark = "<- " if action.kind == "rollback" else "-> "
    yield from _words(f"{action.text}{takes} [{action.id}]", margin, first=mark)
    margin += INDENT
    facts = {
        "Why": action.why,
        "By": action.by,
        "Target": action.target,
        "Look first": ", ".join(action.blocked_by),
        "Needs": ", ".join(f"{need.name} ({need.ask})" for need in action.needs),
        "Cannot be undone": action.irreversible,
        "Expect": action.expect,
        "Ends queries": _check(action.end_queries),
        "Calls": _check(action.http),
    }
    for name, fact in facts.items():
        if fact:
            yield from _words(fact, margin, first=f"{name}: ")
    yield from _command("In a shell:" if action.shell else "", action.run, margin)
    yield from _command("To undo:", action.undo, margin)


def _check(check: Check | None) -> str:
    """The kind of source, and what it was given."""
    if check is None:
        return ""
    return f"{check.kind}: " + ", ".join(f"{key} {value}".strip() for key, value in check.values.items())


def _signal(signal: Signal) -> Iterator[Line]:
    unit = f", in {signal.unit}" if signal.unit else ""
    normal = f", normally {signal.baseline:g}" if signal.baseline else ""
    yield from _words(f"{signal.name}{unit}{normal}")
    if signal.check:
        yield from _words(_check(signal.check), INDENT)


def _dependencies(book: Runbook) -> Iterator[Line]:
    for service in book.depends_on:
        yield from _words(service)
    for external in book.externals:
        yield from _words(f"{external.name} (external)")
        yield from _bare(external.status) if external.status else ()
        yield from _tree(external.fallback, INDENT)


def _comms(book: Runbook) -> Iterator[Line]:
    if book.comms.feature:
        yield from _words(book.comms.feature, first="Customers call it: ")
    yield from _words(book.channel, first="Channel: ")
    for audience in book.comms.audiences:
        where = f" ({audience.channel})" if audience.channel else ""
        most = f", at most {audience.max_length} characters" if audience.max_length else ""
        yield from _words(f"{audience.name}{where}{most}", first="To ")
    for template in book.comms.templates:
        yield from _template(template)


def _template(template: Template) -> Iterator[Line]:
    kind = ", ".join(part for part in (template.audience, template.severity, template.phase) if part)
    yield from _words(f"Text for {kind}:")
    yield from _bare(template.text.rstrip("\n"))


def _all_clear(book: Runbook) -> Iterator[Line]:
    stable = book.all_clear.stable_for
    if stable:
        yield from _words(f"Once no severity condition has held for {span(stable)}.")
    yield from _list_steps(book.all_clear.checklist)
    yield from _words(f"The post-mortem is due within {span(book.postmortem_due)}.")
