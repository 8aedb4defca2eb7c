"""Signals, the conditions that compare them, and the severity levels made of conditions (P-SEV)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, cast

from incidentctl.record import record
from incidentctl.runbook.decode_sources import chosen_of, texts_below
from incidentctl.runbook.decode_values import Fields, is_word, listed, one_kind, text_of
from incidentctl.runbook.keys import CHECK, LEVEL, LONGEST_CONDITION, SIGNAL, SIGNAL_SOURCES, SOURCES
from incidentctl.runbook.model import Check, Condition, Level, Operator, Signal
from incidentctl.runbook.nodes import Node, Origin, ScalarNode
from incidentctl.runbook.quantities import WELL_KNOWN_UNITS, in_unit, parse_quantity
from incidentctl.runbook.source import Problems

_OPERATORS: Final = (">", ">=", "<", "<=")
_SHORTEST_CADENCE: Final = timedelta(minutes=1)


# --- signals -----------------------------------------------------------------------------------------------


@record
class Signals:
    """The signals by name, and the keys under which they were defined."""

    known: dict[str, Signal]
    keys: dict[str, ScalarNode]

    @property
    def units(self) -> tuple[tuple[str, str], ...]:
        """All of them: what a condition can be compared with."""
        return tuple((signal.name, signal.unit) for signal in self.known.values())

    def unit(self, name: str) -> str:
        """The unit in which a signal is compared."""
        return self.known[name].unit if name in self.known else WELL_KNOWN_UNITS[name]


def signals_of(book: Fields) -> Signals:
    """`signals`: the named measurements."""
    entries = book.entries("signals")
    once, problems = book.problems.once, book.problems
    known = {key.text: once(value, _signal, key, value, problems, beside=key.text) for key, value in entries}
    return Signals(known, {key.text: key for key, _ in entries})


def _signal(key: ScalarNode, node: Node, problems: Problems) -> Signal:
    if not is_word(key.text, "_.:-"):
        message = f"`{key.text}` cannot be the name of a signal"
        problems.at(key, "bad-value", message, "Use letters, digits and `_`.")
    fields = Fields(node, problems, SIGNAL, f"the signal `{key.text}`")
    source = one_kind(fields, SIGNAL_SOURCES, f"the signal `{key.text}`")
    check = chosen_of(fields, source, SOURCES)
    unit = fields.text("unit", WELL_KNOWN_UNITS.get(key.text, ""))
    return Signal(key.text, unit, _number(fields, "baseline", unit), source, node.route, check)


def _number(fields: Fields, key: str, unit: str) -> float | None:
    text = fields.text(key)
    return _in_unit(text, unit, fields.problems, fields.value(key) or fields.node, key) if text else None


def _in_unit(text: str, unit: str, problems: Problems, at: Node, what: str) -> float | None:
    """The number that is written in `text`, in a signal's unit."""
    slug = "bad-value"
    try:
        quantity = parse_quantity(text)
        slug = "unit-mismatch"
        return in_unit(quantity, unit)
    except ValueError as error:
        problems.at(at, slug, f"`{what}`: {error}")
        return None


# --- conditions --------------------------------------------------------------------------------------------


def condition_of(node: Node, problems: Problems, signals: Signals, name: str) -> Condition:
    """`error_rate > 5%`, `latency_p99 > 5x baseline`, `down`, or words that a person judges (`degraded`)."""
    text = text_of(node, problems, name)
    if len(text) > LONGEST_CONDITION:
        problems.at(node, "too-large", f"a condition has at most {LONGEST_CONDITION} characters")
        return Condition("")
    text = " ".join(text.split())
    parts = _comparison(text)
    if parts is None:
        return Condition(text, text if text in signals.known else "", route=node.route)
    signal, operator, value = parts
    if not _is_comparable(node, problems, signals, signal, operator):
        return Condition(text, route=node.route)
    times = _times_baseline(value)
    # Nobody can mend a built-in line; the unit that does not fit it was written where the signal is defined.
    at = signals.keys[signal] if node.file.origin is Origin.BUILT_IN and signal in signals.keys else node
    number = _in_unit(times or value, "" if times else signals.unit(signal), problems, at, text)
    if number is None:
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
        problems.at(node, "bad-value", f"a condition compares with {listed(_OPERATORS)}, and not with `{operator}`")
        return False
    if signal in signals.known or (node.file.origin is Origin.BUILT_IN and signal in WELL_KNOWN_UNITS):
        return True
    hint = problems.suggest(signal, signals.known, "Define it under `signals`, or write words that a person judges.")
    problems.at(node, "unknown-signal", f"there is no signal `{signal}` to compare", hint)
    return False


# --- checks ------------------------------------------------------------------------------------------------


def checks_of(step: Fields, signals: Signals) -> tuple[Check, ...]:
    """`check` (one) and `checks` (several) of a question; the signals that they name have to exist."""
    alone = step.value("check")
    nodes = ([] if alone is None else [alone]) + step.items("checks")
    return tuple(check for node in nodes if (check := _check(node, step.problems, signals)) is not None)


def _check(node: Node, problems: Problems, signals: Signals) -> Check | None:
    fields = Fields(node, problems, CHECK, "a check")
    kind = one_kind(fields, tuple(CHECK), "a check")
    if not kind and fields.node is node and node.entries.keys() <= CHECK.keys():
        problems.at(node, "missing-key", "this check does not say what it asks", f"It takes {listed(CHECK)}.")
    compared = fields.value("signal")
    condition = None if compared is None else _existing_signal(compared, problems, signals)
    if kind == "signal" and compared is not None:
        return Check(kind, dict(texts_below(compared)), compared.route, condition)
    return chosen_of(fields, kind, SOURCES)


def _existing_signal(compared: Node, problems: Problems, signals: Signals) -> Condition:
    condition = condition_of(compared, problems, signals, "signal")
    if condition.text and not condition.signal and _comparison(condition.text) is None:
        hint = problems.suggest(condition.text, signals.known)
        problems.at(compared, "unknown-signal", f"there is no signal `{condition.text}`", hint)
    return condition


# --- levels ------------------------------------------------------------------------------------------------


def levels_of(book: Fields, signals: Signals) -> tuple[Level, ...]:
    """`severity`: the levels, the highest first (P-SEV-7)."""
    levels: list[Level] = []
    for key, node in book.entries("severity"):
        same = next((level.name for level in levels if level.name.casefold() == key.text.casefold()), None)
        if same is not None:
            message = f"`{key.text}` and `{same}` would be one level"
            book.problems.at(key, "duplicate-key", message, "Names are compared without case.")
        if not is_word(key.text):
            message = f"`{key.text}` cannot be the name of a level"
            book.problems.at(key, "bad-value", message, "Use letters, digits, `-` and `_`.")
        beside = (key.text, signals.units)
        levels.append(book.problems.once(node, _level, key, node, book.problems, signals, beside=beside))
    return tuple(levels)


def _level(key: ScalarNode, node: Node, problems: Problems, signals: Signals) -> Level:
    fields = Fields(node, problems, LEVEL, f"the level `{key.text}`")
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
