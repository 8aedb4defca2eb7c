"""A merged runbook as Markdown, for a wiki: everything that `show` prints, under headings that say what it is.

Commands, texts and ids are code, so that nothing of them is changed; all else is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from incidentctl.runbook.markdown.carried import comment
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
from incidentctl.runbook.nodes import Node
from incidentctl.text.escape import clean
from incidentctl.text.redact import redact
from incidentctl.text.times import span


def runbook_page(book: Runbook, root: Node) -> str:
    """The runbook as a page that `import` reads back as the same runbook; `root` is what it was decoded from."""
    return f"{runbook_markdown(book)}\n{comment(root, book.service, redact)}\n"


def runbook_markdown(book: Runbook) -> str:
    """The whole runbook as CommonMark with tables, ending in one line break; what it carries is left out."""
    blocks = [f"# {said(book.title)}", *([said(book.description)] if book.description else []), _facts(book)]
    blocks += _section("Links", ["\n".join(f"- {_link(link)}" for link in book.links)])
    blocks += _section("Severity", [_severity(book.levels)])
    blocks += _section("People", [_people(list(book.people.values()))])
    blocks += _section("First five minutes", _list_steps(book.first_minutes))
    blocks += _section("Decision tree", _tree(book.tree))
    blocks += _section("Depends on", _dependencies(book))
    blocks += _section("Signals", [_signals(list(book.signals.values()))])
    blocks += _section("Comms", _comms(book))
    blocks += _section("All clear", _all_clear(book))
    return "\n\n".join(blocks) + "\n"


def _section(title: str, blocks: Iterable[str]) -> list[str]:
    body = [block for block in blocks if block]
    return [f"## {title}", *body] if body else []


# --- words, code, links, tables ----------------------------------------------------------------------------


def said(text: str) -> str:
    """Foreign text on one line, in which nothing is markup."""
    line = " ".join(redact(clean(text)).split())
    line = re.sub(r"([\\`*_\[\]<>|&~$])", r"\\\1", line)
    line = re.sub(r"^([#+=-])", r"\\\1", line)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", line)


def code(text: str) -> str:
    """Text as code within a line, whatever backquotes it holds."""
    text = " ".join(redact(clean(text)).split())
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def block(text: str, language: str) -> str:
    """Text as a block of code, as it stands."""
    text = redact(clean(text, lines=True)).rstrip("\n")
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _link(link: Link) -> str:
    return f"{said(link.type)}: {_to(link.title, link.url)}"


def _to(title: str, url: str) -> str:
    url = " ".join(redact(clean(url)).split())
    if not re.match(r"https?://", url):
        return f"{said(title)} {code(url)}"
    url = url.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
    return f"[{said(title)}](<{url}>)"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(text: str) -> str:
    # A bar ends a cell even within code.
    return code(text).replace("|", "\\|")


def _under(mark: str, blocks: Iterable[str]) -> str:
    """Blocks as one item of a list: the first behind `mark`, the others below it."""
    lines = "\n\n".join(blocks).split("\n")
    margin = " " * len(mark)
    return "\n".join((mark if number == 0 else margin if line else "") + line for number, line in enumerate(lines))


def _check(check: Check | None) -> str:
    """`postgres` and what it was given."""
    if check is None:
        return ""
    given = ", ".join(f"{said(key)} {code(value)}".strip() for key, value in check.values.items())
    return f"{said(check.kind)}: {given}" if given else said(check.kind)


# --- the sections ------------------------------------------------------------------------------------------


def _facts(book: Runbook) -> str:
    facts = {
        "Service": code(book.service),
        "Owner": said(book.owner),
        "Tier": said(book.tier),
        "Process": book.process,
        "Time zone": code(book.timezone),
        "Reviewed": book.reviewed.isoformat() if book.reviewed else "never",
        "Alerts": ", ".join(map(code, book.alerts)),
    }
    return "\n".join(f"- {name}: {fact}" for name, fact in facts.items() if fact)


def _severity(levels: Sequence[Level]) -> str:
    titles = ("Level", "Meaning", "Holds when any of", "Who is paged", "Updates")
    rows = (
        (
            said(level.name),
            said(level.meaning),
            ", ".join(_cell(condition.text) for condition in level.when),
            ", ".join(map(said, level.page)) or "nobody",
            _updates(level),
        )
        for level in levels
    )
    return _table(titles, rows) if levels else ""


def _updates(level: Level) -> str:
    every = f"every {span(level.update_every)}" if level.update_every else ""
    answered = f"answered within {said(level.respond_within)}" if level.respond_within else ""
    ticket = "" if level.tree else "a ticket; the tree is not asked"
    return "; ".join(filter(None, (every, answered, ticket))) or "none"


def _people(people: Sequence[Person]) -> str:
    rows = (
        (said(one.role), said(one.name), ", ".join(f"{way} {_cell(where)}" for way, where in one.ways) or "not written")
        for one in people
    )
    return _table(("Role", "Name", "How to reach"), rows) if people else ""


def _signals(signals: Sequence[Signal]) -> str:
    rows = (
        (
            said(one.name),
            said(one.unit),
            f"{one.baseline:g}" if one.baseline else "",
            _check(one.check).replace("|", "\\|"),
        )
        for one in signals
    )
    return _table(("Signal", "Unit", "Baseline", "Measured by"), rows) if signals else ""


def _list_steps(steps: Sequence[ListStep]) -> Iterator[str]:
    number = 0
    for step in steps:
        match step:
            case Item():
                number += 1
                yield _under(f"{number}. ", _item(step))
            case Note(text=text):
                yield f"Note: {said(text)}"
            case Omitted():
                yield _left_out(step)
            case _:
                assert_never(step)


def _item(item: Item) -> Iterator[str]:
    yield f"{said(item.text)}{_about(item)} {code(item.id)}"
    yield from _read(item)
    yield from _command("", item.run)
    yield from _command("To undo:", item.undo)


def _about(step: Item | Action) -> str:
    return f" (about {span(step.takes)})" if step.takes else ""


def _read(step: Item | Question) -> Iterator[str]:
    if step.why:
        yield said(step.why)
    if step.links:
        yield "\n".join(f"- {_link(link)}" for link in step.links)


def _command(what: str, line: str) -> Iterator[str]:
    if line:
        yield from ([what] if what else [])
        yield block(line, "sh")


def _left_out(step: Omitted) -> str:
    return f"Left out: {said(step.text)} {code(step.id)}: {said(step.reason)}"


def _tree(steps: Sequence[TreeStep]) -> Iterator[str]:
    """The questions under headings of their own; what stands between them stands between them."""
    number = 0
    for step in steps:
        if isinstance(step, Question):
            number += 1
            yield f"### {number}. {said(step.text)}"
            yield from _question(step)
        elif isinstance(step, Omitted):
            yield f"### Left out: {said(step.text)}"
            yield f"{code(step.id)}: {said(step.reason)}"
        else:
            yield "\n\n".join(_step(step))


def _question(question: Question) -> Iterator[str]:
    within = f", within {span(question.within)}" if question.within else ""
    yield f"{code(question.id)}{within}"
    yield from _read(question)
    if question.checks:
        yield "\n".join(f"- Check: {_check(check)}" for check in question.checks)
    yield from _command("To see:", question.look)
    for answer, steps in (("If yes", question.if_yes), ("If no", question.if_no)):
        if steps:
            yield f"**{answer}:**"
            yield from (_under(f"{number}. ", _step(step)) for number, step in enumerate(steps, 1))


def _step(step: TreeStep) -> Iterator[str]:
    match step:
        case Question(text=text):
            yield f"**Question:** {said(text)}"
            yield from _question(step)
        case Action():
            yield from _action(step)
        case Note(text=text):
            yield f"Note: {said(text)}"
        case Omitted():
            yield _left_out(step)
        case _:
            assert_never(step)


def _action(action: Action) -> Iterator[str]:
    yield f"**{action.kind.capitalize()}:** {said(action.text)}{_about(action)} {code(action.id)}"
    if action.why:
        yield said(action.why)
    facts = {
        "By": said(action.by),
        "Target": said(action.target),
        "Look first": ", ".join(map(said, action.blocked_by)),
        "Needs": ", ".join(f"{code(need.name)} ({said(need.ask)})" for need in action.needs),
        "Cannot be undone": said(action.irreversible),
        "Expect": said(action.expect),
        "Ends queries": _check(action.end_queries),
        "Calls": _check(action.http),
    }
    listed = "\n".join(f"- {name}: {fact}" for name, fact in facts.items() if fact)
    yield from ([listed] if listed else [])
    yield from _command("In a shell:" if action.shell else "", action.run)
    yield from _command("To undo:", action.undo)


def _dependencies(book: Runbook) -> Iterator[str]:
    for service in book.depends_on:
        yield f"- Service {code(service)}"
    for external in book.externals:
        status = f": {_to('status page', external.status)}" if external.status else ""
        yield _under("- ", [f"External {said(external.name)}{status}", *_fallback(external.fallback)])


def _fallback(steps: Sequence[Action | Note]) -> Iterator[str]:
    return (_under(f"{number}. ", _step(step)) for number, step in enumerate(steps, 1))


def _comms(book: Runbook) -> Iterator[str]:
    facts = [f"- Customers call it: {said(book.comms.feature)}"] if book.comms.feature else []
    facts.append(f"- Channel: {code(book.channel)}")
    for audience in book.comms.audiences:
        parts = (audience.channel, f"at most {audience.max_length} characters" if audience.max_length else "")
        where = ", ".join(map(said, filter(None, parts))) or "to be copied"
        facts.append(f"- To {said(audience.name)}: {where}")
    yield "\n".join(facts)
    for template in book.comms.templates:
        yield from _template(template)


def _template(template: Template) -> Iterator[str]:
    parts = filter(None, (template.audience, template.severity, template.phase))
    yield f"### Text for {', '.join(map(said, parts))}"
    yield block(template.text, "text")


def _all_clear(book: Runbook) -> Iterator[str]:
    if book.all_clear.stable_for:
        yield f"Once no severity condition has held for {span(book.all_clear.stable_for)}."
    yield from _list_steps(book.all_clear.checklist)
    yield f"The post-mortem is due within {span(book.postmortem_due)}."
