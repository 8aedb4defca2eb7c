"""Signals, the conditions that compare them, and the severity levels made of conditions (P-SEV)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, cast

from incidentctl.record import record
from incidentctl.runbook.decode_sources import SOURCES, read_shape
from incidentctl.runbook.decode_values import Fields, is_word, listed, one_kind, text_of
from incidentctl.runbook.model import Condition, Level, Operator, Signal
from incidentctl.runbook.quantities import WELL_KNOWN_UNITS, in_unit, parse_quantity
from incidentctl.runbook.source import Node, Origin, Problems, ScalarNode

_OPERATORS: Final = (">", ">=", "<", "<=")
_SIGNAL_KINDS: Final = tuple(kind for kind in SOURCES if kind != "deploys")
_SIGNAL_KEYS: Final = (*_SIGNAL_KINDS, "unit", "baseline")
_LEVEL_KEYS: Final = ("meaning", "when", "page", "update_every", "respond_within", "tree")
_LONGEST_CONDITION: Final = 200
_SHORTEST_CADENCE: Final = timedelta(minutes=1)


# --- signals -----------------------------------------------------------------------------------------------


@record
class Signals:
    """The signals by name, and the keys under which they were defined."""

    known: dict[str, Signal]
    keys: dict[str, ScalarNode]

    def unit(self, name: str) -> str:
        """The unit in which a signal is compared."""
        return self.known[name].unit if name in self.known else WELL_KNOWN_UNITS[name]


def signals_of(book: Fields) -> Signals:
    """`signals`: the named measurements."""
    entries = book.entries("signals")
    known = {key.text: _signal(key, value, book.problems) for key, value in entries}
    return Signals(known, {key.text: key for key, _ in entries})


def _signal(key: ScalarNode, node: Node, problems: Problems) -> Signal:
    if not is_word(key.text, "_.:-"):
        problems.at(key, f"`{key.text}` cannot be the name of a signal", "Use letters, digits and `_`.")
    fields = Fields(node, problems, _SIGNAL_KEYS, f"the signal `{key.text}`")
    for kind in _SIGNAL_KINDS:
        read_shape(fields, kind, SOURCES)
    source = one_kind(fields, _SIGNAL_KINDS, f"the signal `{key.text}`")
    unit = fields.text("unit", WELL_KNOWN_UNITS.get(key.text, ""))
    return Signal(key.text, unit, _number(fields, "baseline", unit), source, node.route)


def _number(fields: Fields, key: str, unit: str) -> float | None:
    text = fields.text(key)
    if not text:
        return None
    try:
        return in_unit(parse_quantity(text), unit)
    except ValueError as error:
        fields.problems.at(fields.value(key) or fields.node, f"`{key}`: {error}")
        return None


# --- conditions --------------------------------------------------------------------------------------------


def condition_of(node: Node, problems: Problems, signals: Signals, name: str) -> Condition:
    """`error_rate > 5%`, `latency_p99 > 5x baseline`, `down`, or words that a person judges (`degraded`)."""
    text = text_of(node, problems, name)
    if len(text) > _LONGEST_CONDITION:
        problems.at(node, f"a condition has at most {_LONGEST_CONDITION} characters")
        return Condition("")
    text = " ".join(text.split())
    parts = _comparison(text)
    if parts is None:
        return Condition(text, text if text in signals.known else "", route=node.route)
    signal, operator, value = parts
    if not _is_comparable(node, problems, signals, signal, operator):
        return Condition(text, route=node.route)
    times = _times_baseline(value)
    try:
        quantity = parse_quantity(times or value)
        number = quantity.number if times else in_unit(quantity, signals.unit(signal))
    except ValueError as error:
        # Nobody can mend a built-in line; the unit that does not fit it was written where the signal is defined.
        at = signals.keys[signal] if node.file.origin is Origin.BUILT_IN else node
        problems.at(at, f"`{text}`: {error}")
        return Condition(text, route=node.route)
    return Condition(text, signal, cast("Operator", operator), number, bool(times), node.route)


def _comparison(text: str) -> tuple[str, str, str] | None:
    """`queue > 5 messages` -> its three parts; None for words without an operator."""
    at = next((place for place, character in enumerate(text) if character in "<>="), None)
    if at is None:
        return None
    value = text[at:].lstrip("<>=")
    return text[:at].strip(), text[at : len(text) - len(value)], value.strip()


def _times_baseline(value: str) -> str:
    """`5x baseline` -> `5`; empty where it is a number of its own."""
    times = value.casefold().removesuffix("baseline").rstrip()
    is_multiple = value.casefold().endswith("baseline") and times.endswith(("x", "\u00d7", "*"))
    return times[:-1] if is_multiple else ""


def _is_comparable(node: Node, problems: Problems, signals: Signals, signal: str, operator: str) -> bool:
    if operator not in _OPERATORS:
        problems.at(node, f"a condition compares with {listed(_OPERATORS)}, and not with `{operator}`")
        return False
    if signal in signals.known or (node.file.origin is Origin.BUILT_IN and signal in WELL_KNOWN_UNITS):
        return True
    hint = problems.suggest(signal, signals.known, "Define it under `signals`, or write words that a person judges.")
    problems.at(node, f"there is no signal `{signal}` to compare", hint)
    return False


# --- checks ------------------------------------------------------------------------------------------------


def read_checks(step: Fields, signals: Signals) -> None:
    """`check` (one) and `checks` (several) of a question: their shape, and that the signals they name exist."""
    alone = step.value("check")
    for node in ([] if alone is None else [alone]) + step.items("checks"):
        check = Fields(node, step.problems, (*SOURCES, "signal"), "a check")
        for kind in SOURCES:
            read_shape(check, kind, SOURCES)
        one_kind(check, (*SOURCES, "signal"), "a check")
        compared = check.value("signal")
        if compared is None:
            continue
        condition = condition_of(compared, step.problems, signals, "signal")
        if condition.text and not condition.signal and _comparison(condition.text) is None:
            hint = step.problems.suggest(condition.text, signals.known)
            step.problems.at(compared, f"there is no signal `{condition.text}`", hint)


# --- levels ------------------------------------------------------------------------------------------------


def levels_of(book: Fields, signals: Signals) -> tuple[Level, ...]:
    """`severity`: the levels, the highest first (P-SEV-7)."""
    levels: list[Level] = []
    for key, node in book.entries("severity"):
        same = next((level.name for level in levels if level.name.casefold() == key.text.casefold()), None)
        if same is not None:
            book.problems.at(key, f"`{key.text}` and `{same}` would be one level", "Names are compared without case.")
        if not is_word(key.text):
            book.problems.at(key, f"`{key.text}` cannot be the name of a level", "Use letters, digits, `-` and `_`.")
        levels.append(_level(key, node, book.problems, signals))
    return tuple(levels)


def _level(key: ScalarNode, node: Node, problems: Problems, signals: Signals) -> Level:
    fields = Fields(node, problems, _LEVEL_KEYS, f"the level `{key.text}`")
    conditions = [condition_of(item, problems, signals, "when") for item in fields.items("when")]
    return Level(
        name=key.text,
        meaning=fields.required("meaning", f"the level `{key.text}`"),
        when=tuple(condition for condition in conditions if condition.text),
        page=fields.texts("page"),
        update_every=fields.duration("update_every", _SHORTEST_CADENCE),
        respond_within=_respond_within(fields),
        tree=fields.flag("tree", default=True),
        route=node.route,
    )


def _respond_within(fields: Fields) -> str:
    """As it was written, `4 business hours`: it is read by people."""
    fields.duration("respond_within")
    return fields.text("respond_within")
