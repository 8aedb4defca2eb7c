"""Layers of nodes -> Runbook.  Every Problem is collected; where there is one, the Runbook is a draft for lint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Final, Literal, cast

from incidentctl.runbook.decode_severity import Signals, levels_of, signals_of
from incidentctl.runbook.decode_sources import chosen_of, sources_of
from incidentctl.runbook.decode_steps import Steps, written_ids
from incidentctl.runbook.decode_values import Fields, is_word, links_of, listed, one_kind
from incidentctl.runbook.defaults import Catalogue, catalogue
from incidentctl.runbook.keys import (
    ALL_CLEAR,
    AUDIENCE,
    CHANNELS,
    COMMS,
    DEPENDENCY,
    PERSON,
    PHASES,
    POSTMORTEM,
    PROCESSES,
    RUNBOOK,
    TEMPLATE,
    WAYS,
)
from incidentctl.runbook.model import (
    AllClear,
    Audience,
    Comms,
    External,
    Level,
    ListStep,
    Person,
    Runbook,
    Template,
    TreeStep,
)
from incidentctl.runbook.nodes import MappingNode, Node, Origin, ScalarNode
from incidentctl.runbook.source import Problems, Source

FORMAT: Final = "1"
_SHORTEST_DUE: Final = timedelta(hours=1)
_POSTMORTEM_DUE: Final = timedelta(hours=48)  # P-CLEAR-4
_ZONES: Final = Path("/usr/share/zoneinfo")


def decode(
    service: str,
    root: MappingNode,
    sources: Sequence[Source],
    problems: Problems,
    steps: Catalogue | None = None,
) -> Runbook:
    """The runbook of `service` from its layers, the lowest first, and `root`, all of them merged.

    `steps` are the `shared_steps` of the layers, where they are known already.
    Where there are problems, the parts that they are about are as though they had not been written.
    """
    for source in sources:
        _read_head(source, problems)
    book = Fields(root, problems, RUNBOOK, "a runbook")
    signals = signals_of(book)
    steps = shared_steps(sources) if steps is None else steps
    levels = levels_of(book, signals)
    services, externals, tree = _tree(book, steps, signals)
    first = book.items("first_five_minutes")
    name = book.text("service", service)
    due, template = _postmortem(book)
    return Runbook(
        service=name,
        title=book.text("title", name),
        description=book.text("description"),
        owner=book.text("owner"),
        tier=book.text("tier"),
        process=cast("Literal['full', 'light']", book.word("process", PROCESSES, "full")),
        timezone=_timezone(book),
        reviewed=book.day("reviewed"),
        alerts=book.texts("alerts"),
        links=links_of(book),
        people=_people(book),
        channel=book.text("channel"),
        depends_on=services,
        externals=externals,
        signals=signals.known,
        sources=sources_of(book),
        levels=levels,
        first_minutes=_ticked(book, "first_five_minutes", first, steps, signals),
        tree=tree,
        comms=_comms(book, levels),
        all_clear=_all_clear(book, steps, signals),
        postmortem_due=due,
        postmortem_template=template,
    )


def shared_steps(sources: Sequence[Source]) -> Catalogue:
    """What a service's `use` can name: the steps of all layers below it."""
    return catalogue([source for source in sources if source.file.origin is not Origin.SERVICE])


def _read_head(source: Source, problems: Problems) -> None:
    """What a file says of itself: the format it is written in, and whose it is."""
    head = Fields(source.root, problems, None, "a runbook")
    written = head.text("format", FORMAT)
    if written != FORMAT:
        message = f"this program reads format {FORMAT}, and not `{written}`"
        problems.remark(head.value("format") or head.node, "unsupported-format", message)
    service = head.value("service")
    if service is None:
        return
    if source.file.origin is Origin.ORGANISATION:
        problems.at(service, "unknown-key", "the organisation's defaults belong to no service", "Remove `service`.")
    name = head.text("service")
    stem = PurePath(source.file.name).stem
    if name and not is_word(name, "-_."):
        message = f"`{name}` cannot be the name of a service"
        problems.at(service, "bad-value", message, "Use letters, digits, `-`, `_` and `.`.")
    elif name and name != stem and source.file.origin is Origin.SERVICE:
        hint = f"Write `service: {stem}`, or name the file {name}.yaml."
        problems.remark(service, "service-name", f"the service is `{name}`, and the file is named `{stem}`", hint)


def _timezone(book: Fields) -> str:
    """The name of a time zone that this machine knows."""
    name = book.text("timezone", "UTC")
    if name == "UTC" or (is_word(name, "-+_/") and (_ZONES / name).is_file()):
        return name
    from zoneinfo import available_timezones  # only in doubt: the import alone takes longer than all of decoding

    known = sorted(available_timezones())  # a set has another order, and so another suggestion, in each process
    if name not in known:
        node = book.value("timezone") or book.node
        hint = book.problems.suggest(name, known, "Write for example `Europe/Berlin`.")
        book.problems.at(node, "bad-value", f"there is no time zone `{name}`", hint)
        return "UTC"
    return name


def _people(book: Fields) -> dict[str, Person]:
    entries = book.entries("people")
    return {key.text: book.problems.once(node, _person, key, node, book, beside=key.text) for key, node in entries}


def _person(key: ScalarNode, node: Node, book: Fields) -> Person:
    fields = Fields(node, book.problems, PERSON, f"the person `{key.text}`")
    written = (name for name in fields.node.entries if name in WAYS)
    ways = tuple((name, text) for name in written if (text := fields.text(name)))
    return Person(key.text, fields.required("name", f"the person `{key.text}`"), ways, node.route)


# --- dependencies and the tree -----------------------------------------------------------------------------


def _tree(
    book: Fields, steps: Catalogue, signals: Signals
) -> tuple[tuple[str, ...], tuple[External, ...], tuple[TreeStep, ...]]:
    """The services that it depends on, the externals, and the decision tree; their steps share their ids."""
    dependencies, nodes = book.items("depends_on"), book.items("decision_tree")
    reader = Steps(book.problems, steps, signals, [*dependencies, *nodes], reserved=("exhausted",))
    services, externals = [], []
    for node in dependencies:
        dependency = Fields(node, book.problems, DEPENDENCY, "a dependency")
        kind = one_kind(dependency, ("service", "external"), "a dependency")
        if kind == "external":
            externals.append(_external(dependency, reader))
        elif kind == "service":
            services.append(_service(dependency))
        elif dependency.node is node:
            hint = "Write `service: NAME` or `external: NAME`."
            book.problems.at(node, "missing-key", "this dependency has no name", hint)
    reader.externals = tuple(externals)
    tree = book.value("decision_tree")
    if tree is None or externals:  # what an external adds stands in the middle of the tree
        return tuple(services), reader.externals, reader.tree(nodes)
    beside = (signals.units, frozenset(written_ids(dependencies)))
    return tuple(services), (), book.problems.once(tree, _steps_in, reader, nodes, beside=beside)


def _steps_in(reader: Steps, nodes: Sequence[Node]) -> tuple[TreeStep, ...]:
    return reader.tree(nodes)


def _service(dependency: Fields) -> str:
    for name in ("status", "fallback"):
        if dependency.value(name) is not None:
            key, _ = dependency.node.entries[name]
            message, hint = f"`{name}` belongs to an `external`", "A service has its own runbook."
            dependency.problems.at(key, "conflicting-keys", message, hint)
    return dependency.text("service")


def _external(dependency: Fields, reader: Steps) -> External:
    fallback = reader.fallback(dependency.items("fallback"))
    return External(dependency.text("external"), dependency.text("status"), fallback, dependency.node.route)


def _ticked(
    fields: Fields, key: str, nodes: Sequence[Node], steps: Catalogue, signals: Signals, reserved: Sequence[str] = ()
) -> tuple[ListStep, ...]:
    """The steps of the list behind `key`, which is ticked; `nodes` are its items."""
    node, problems = fields.value(key) or fields.node, fields.problems
    return problems.once(node, _steps_of, problems, nodes, steps, signals, reserved, beside=(key, reserved))


def _steps_of(
    problems: Problems, nodes: Sequence[Node], steps: Catalogue, signals: Signals, reserved: Sequence[str]
) -> tuple[ListStep, ...]:
    return Steps(problems, steps, signals, nodes, reserved).items(nodes)


# --- comms -------------------------------------------------------------------------------------------------


def _comms(book: Fields, levels: Sequence[Level]) -> Comms:
    comms = book.fields("comms", COMMS, "`comms`")
    if comms is None:
        return Comms()
    once = book.problems.once
    entries, nodes = comms.entries("audiences"), comms.items("templates")
    audiences = tuple(once(node, _audience, key, node, book, beside=key.text) for key, node in entries)
    names = tuple(level.name for level in levels)
    templates = (once(one, _template, at, one, book, names, beside=(at, names)) for at, one in enumerate(nodes))
    return Comms(comms.text("feature"), audiences, tuple(templates))


def _audience(key: ScalarNode, node: Node, book: Fields) -> Audience:
    fields = Fields(node, book.problems, AUDIENCE, f"the audience `{key.text}`")
    channel = one_kind(fields, tuple(CHANNELS), f"the audience `{key.text}`")
    check = chosen_of(fields, channel, CHANNELS)
    values = {} if check is None else check.values
    return Audience(key.text, channel, fields.whole("max_length"), node.route, values)


def _template(number: int, node: Node, book: Fields, levels: Sequence[str]) -> Template:
    fields = Fields(node, book.problems, TEMPLATE, "a template")
    level = fields.text("severity")
    names = {known.casefold(): known for known in levels}
    if level and level.casefold() not in names:
        at = fields.value("severity") or node
        hint = book.problems.suggest(level, names.values(), f"The levels are {listed(names.values(), 'and')}.")
        book.problems.at(at, "bad-value", f"there is no level `{level}`", hint)
    return Template(
        audience=fields.required("audience", "a template"),
        text=fields.required("text", "a template"),
        severity=names.get(level.casefold(), ""),
        phase=fields.word("phase", PHASES, ""),
        route=("comms", "templates", number),  # all layers' templates are one list
        built_in=node.file.origin is Origin.BUILT_IN,
    )


# --- the end -----------------------------------------------------------------------------------------------


def _all_clear(book: Fields, steps: Catalogue, signals: Signals) -> AllClear:
    clear = book.fields("all_clear", ALL_CLEAR, "`all_clear`")
    if clear is None:
        return AllClear()
    nodes, stable_for = clear.items("checklist"), clear.duration("stable_for")
    return AllClear(stable_for, _ticked(clear, "checklist", nodes, steps, signals, ("verify", "note")))


def _postmortem(book: Fields) -> tuple[timedelta, str]:
    postmortem = book.fields("postmortem", POSTMORTEM, "`postmortem`")
    if postmortem is None:
        return _POSTMORTEM_DUE, ""
    return postmortem.duration("due", _SHORTEST_DUE) or _POSTMORTEM_DUE, postmortem.text("template")
