"""Layers of nodes -> Runbook.  Every Problem is collected; where there is one, there is no Runbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal, cast

from incidentctl.runbook.decode_severity import Signals, levels_of, signals_of
from incidentctl.runbook.decode_sources import CHANNELS, read_shape, read_sources
from incidentctl.runbook.decode_steps import Steps
from incidentctl.runbook.decode_values import Fields, is_word, links_of, listed, one_kind
from incidentctl.runbook.defaults import Catalogue, catalogue, merged_layers
from incidentctl.runbook.model import AllClear, Audience, Comms, External, Level, Person, Runbook, Template, TreeStep
from incidentctl.runbook.source import Node, Origin, Problems, ScalarNode, Source

FORMAT: Final = "1"
PHASES: Final = ("investigating", "identified", "monitoring", "resolved", "still")
_KEYS: Final = (
    "format", "service", "title", "description", "owner", "tier", "process", "timezone", "reviewed", "alerts", "links",
    "people", "channel", "sources", "depends_on", "signals", "severity", "first_five_minutes", "decision_tree",
    "comms", "all_clear", "postmortem",
)  # fmt: skip
_WAYS: Final = ("pagerduty", "slack", "email", "phone", "url")
_SHORTEST_DUE: Final = timedelta(hours=1)
_POSTMORTEM_DUE: Final = timedelta(hours=48)  # P-CLEAR-4
_ZONES: Final = Path("/usr/share/zoneinfo")


def decode(service: str, sources: Sequence[Source], problems: Problems) -> Runbook:
    """The runbook of `service` from its layers, the lowest first.  Worth something only while `problems` is empty."""
    for source in sources:
        _read_head(source, problems)
    book = Fields(merged_layers(sources), problems, _KEYS, "a runbook")
    signals = signals_of(book)
    steps = catalogue([source for source in sources if source.file.origin is not Origin.SERVICE])
    read_sources(book)
    levels = levels_of(book, signals)
    services, externals, tree = _tree(book, steps, signals)
    first = book.items("first_five_minutes")
    name = book.text("service", service)
    return Runbook(
        service=name,
        title=book.text("title", name),
        description=book.text("description"),
        owner=book.text("owner"),
        tier=book.text("tier"),
        process=cast("Literal['full', 'light']", book.word("process", ("full", "light"), "full")),
        timezone=_timezone(book),
        reviewed=book.day("reviewed"),
        alerts=book.texts("alerts"),
        links=links_of(book),
        people=_people(book),
        channel=book.text("channel"),
        depends_on=services,
        externals=externals,
        signals=signals.known,
        levels=levels,
        first_minutes=Steps(problems, steps, signals, first).items(first),
        tree=tree,
        comms=_comms(book, levels),
        all_clear=_all_clear(book, steps, signals),
        postmortem_due=_postmortem_due(book),
    )


def _read_head(source: Source, problems: Problems) -> None:
    """What a file says of itself: the format it is written in, and whose it is."""
    head = Fields(source.root, problems, None, "a runbook")
    written = head.text("format", FORMAT)
    if written != FORMAT:
        problems.at(head.value("format") or head.node, f"this program reads format {FORMAT}, and not `{written}`")
    service = head.value("service")
    if service is None:
        return
    if source.file.origin is Origin.ORGANISATION:
        problems.at(service, "the organisation's defaults belong to no service", "Remove `service`.")
    name = head.text("service")
    if name and not is_word(name, "-_."):
        problems.at(service, f"`{name}` cannot be the name of a service", "Use letters, digits, `-`, `_` and `.`.")


def _timezone(book: Fields) -> str:
    """The name of a time zone that this machine knows."""
    name = book.text("timezone", "UTC")
    if name == "UTC" or (is_word(name, "-+_/") and (_ZONES / name).is_file()):
        return name
    from zoneinfo import available_timezones  # only in doubt: the import alone takes longer than all of decoding

    known = available_timezones()
    if name not in known:
        node = book.value("timezone") or book.node
        hint = book.problems.suggest(name, known, "Write for example `Europe/Berlin`.")
        book.problems.at(node, f"there is no time zone `{name}`", hint)
        return "UTC"
    return name


def _people(book: Fields) -> dict[str, Person]:
    return {key.text: _person(key, node, book) for key, node in book.entries("people")}


def _person(key: ScalarNode, node: Node, book: Fields) -> Person:
    fields = Fields(node, book.problems, ("name", *_WAYS), f"the person `{key.text}`")
    written = (name for name in fields.node.entries if name in _WAYS)
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
        dependency = Fields(node, book.problems, ("service", "external", "status", "fallback"), "a dependency")
        kind = one_kind(dependency, ("service", "external"), "a dependency")
        if kind == "external":
            externals.append(_external(dependency, reader))
        elif kind == "service":
            services.append(_service(dependency))
        elif dependency.node is node:
            book.problems.at(node, "this dependency has no name", "Write `service: NAME` or `external: NAME`.")
    reader.externals = tuple(externals)
    return tuple(services), reader.externals, reader.tree(nodes)


def _service(dependency: Fields) -> str:
    for name in ("status", "fallback"):
        if dependency.value(name) is not None:
            key, _ = dependency.node.entries[name]
            dependency.problems.at(key, f"`{name}` belongs to an `external`", "A service has its own runbook.")
    return dependency.text("service")


def _external(dependency: Fields, reader: Steps) -> External:
    fallback = reader.fallback(dependency.items("fallback"))
    return External(dependency.text("external"), dependency.text("status"), fallback, dependency.node.route)


# --- comms -------------------------------------------------------------------------------------------------


def _comms(book: Fields, levels: Sequence[Level]) -> Comms:
    comms = book.fields("comms", ("feature", "audiences", "templates"), "`comms`")
    if comms is None:
        return Comms()
    audiences = tuple(_audience(key, node, book) for key, node in comms.entries("audiences"))
    templates = tuple(_template(node, book, levels) for node in comms.items("templates"))
    return Comms(comms.text("feature"), audiences, templates)


def _audience(key: ScalarNode, node: Node, book: Fields) -> Audience:
    fields = Fields(node, book.problems, (*CHANNELS, "max_length"), f"the audience `{key.text}`")
    for kind in CHANNELS:
        read_shape(fields, kind, CHANNELS)
    channel = one_kind(fields, tuple(CHANNELS), f"the audience `{key.text}`")
    return Audience(key.text, channel, fields.whole("max_length"), node.route)


def _template(node: Node, book: Fields, levels: Sequence[Level]) -> Template:
    fields = Fields(node, book.problems, ("audience", "severity", "phase", "text"), "a template")
    level = fields.text("severity")
    names = {known.name.casefold(): known.name for known in levels}
    if level and level.casefold() not in names:
        at = fields.value("severity") or node
        book.problems.at(
            at,
            f"there is no level `{level}`",
            book.problems.suggest(level, names.values(), f"The levels are {listed(names.values(), 'and')}."),
        )
    return Template(
        audience=fields.required("audience", "a template"),
        text=fields.required("text", "a template"),
        severity=names.get(level.casefold(), ""),
        phase=fields.word("phase", PHASES, ""),
        route=node.route,
    )


# --- the end -----------------------------------------------------------------------------------------------


def _all_clear(book: Fields, steps: Catalogue, signals: Signals) -> AllClear:
    clear = book.fields("all_clear", ("stable_for", "checklist"), "`all_clear`")
    if clear is None:
        return AllClear()
    nodes = clear.items("checklist")
    reader = Steps(book.problems, steps, signals, nodes, reserved=("verify", "note"))
    return AllClear(clear.duration("stable_for"), reader.items(nodes))


def _postmortem_due(book: Fields) -> timedelta:
    postmortem = book.fields("postmortem", ("due", "template"), "`postmortem`")
    due = None
    if postmortem is not None:
        postmortem.text("template")
        due = postmortem.duration("due", _SHORTEST_DUE)
    return due or _POSTMORTEM_DUE
