"""What people see, the impact, and the severity: the numbers propose, the human decides (P-FIRST-4, P-SEV)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from incidentctl.errors import NotAllowed
from incidentctl.incident.events import Event, ImpactDescribed, SeverityChanged, SeverityExplained, TitleGiven
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Measured
from incidentctl.runbook.model import Condition, Level, Runbook, Signal
from incidentctl.runbook.quantities import WELL_KNOWN_UNITS, in_unit, parse_quantity
from incidentctl.walker import evidence
from incidentctl.walker.replies import Accepts, Option, Reply, Several, Typed, Word, out_of_place
from incidentctl.walker.requests import (
    AskImpact,
    AskSeverity,
    AskSeverityReason,
    AskTitle,
    Phase,
    Request,
    Shown,
    TriageAsk,
    text_request,
)
from incidentctl.walker.scene import Scene, in_words

DECISION: Final = timedelta(minutes=30)
"""How long until "roll back?" comes back (P-ROLL-4)."""
_NUMBER: Final = re.compile(r"([A-Za-z][\w.-]*)\s*(?:=|:)\s*(.+)")
_TIMES: Final = re.compile(r"(\S+?)\s*x(?:\s*baseline)?", re.IGNORECASE)


def request(scene: Scene) -> Request | None:
    """The title, the impact, the severity, and a reason where it differs from what was proposed."""
    incident = scene.incident
    if not incident.title:
        return _ask_title(scene)
    if scene.is_light:
        return None
    severity = incident.severity
    if severity is None:
        return _ask_impact(scene) if incident.impact is None else _ask_severity(scene, incident.impact.proposed)
    if severity.proposed and severity.level != severity.proposed and not severity.reason:
        return _ask_reason(severity.level, severity.proposed)
    return None


def _ask_title(scene: Scene) -> Request:
    return text_request(
        "triage.title",
        AskTitle(),
        Phase.TRIAGE,
        "What do people see?",
        why="One line in their words. It is the title of the incident and stands in every update (P-FIRST-4).",
        default=Typed(f"{scene.book.title} incident"),
    )


def _ask_impact(scene: Scene) -> Request:
    conditions = {condition.text: level for level in reversed(scene.book.levels) for condition in level.when}
    options = [Option(c.text, c.text, conditions[c.text].name) for level in scene.book.levels for c in level.when]
    held = evidence.holding(scene)
    return Request(
        prompt="triage.impact",
        ask=AskImpact(),
        phase=Phase.TRIAGE,
        text="How bad is it?",
        why="What you tick and type proposes a severity; you decide it next. A missing number never lowers it. "
        "`unsure` proposes the highest level that no number rules out (P-SEV-4, P-SEV-5).",
        accepts=Accepts(
            words=(Option("unsure", "unsure"), Option("none", "none of these")),
            several=tuple(dict.fromkeys(options)),
            lists=True,
            open_list=True,
        ),
        default=Several(held) if held else Word("none" if evidence.rules_all_out(scene) else "unsure"),
        evidence=(*evidence.signal_subjects(scene.book), evidence.FIRES),
    )


def _ask_severity(scene: Scene, proposed: str) -> Request:
    impact = scene.incident.impact
    seen = [*impact.conditions, *(number.text for number in impact.numbers)] if impact else []
    because = ", ".join(seen) or ("unsure, and no number rules it out" if impact and impact.unsure else "none of these")
    return Request(
        prompt="triage.severity",
        ask=AskSeverity(proposed),
        phase=Phase.TRIAGE,
        text="Which severity?",
        why="It decides who is paged, how often customers hear from you, and how hard you are pressed to roll back. "
        "It can be changed at any time (P-SEV-4, P-SEV-6).",
        accepts=Accepts(words=tuple(_level_option(level) for level in scene.book.levels)),
        default=Word(proposed),
        shown=Shown(said=(f"Proposed: {proposed} ({because}).",)),
    )


def _level_option(level: Level) -> Option:
    cadence = f"update every {in_words(level.update_every)}" if level.update_every else "no updates"
    return Option(level.name, f"{level.name}  {level.meaning}", f"pages {len(level.page) or 'nobody'}, {cadence}")


def _ask_reason(chosen: str, proposed: str) -> Request:
    return text_request(
        "triage.reason",
        AskSeverityReason(),
        Phase.TRIAGE,
        f"{proposed} was proposed. Why {chosen}?",
        why="You decide; the reason is kept so that the definitions can be mended afterwards (P-SEV-4).",
    )


def decide(scene: Scene, ask: TriageAsk, reply: Reply) -> list[Event]:
    """What a reply of the triage means.  Raises NotAllowed for a number that cannot be read."""
    match ask, reply:
        case AskTitle(), Typed(text=title):
            return [TitleGiven(title)]
        case AskImpact(), _:
            return [described(scene, reply)]
        case AskSeverity(proposed=proposed), Word(value=level):
            return [changed(scene.book, scene.incident, level, scene.now, proposed=proposed)]
        case AskSeverityReason(), Typed(text=reason):
            return [SeverityExplained(reason)]
        case _:
            raise out_of_place(reply)


def described(scene: Scene, reply: Reply) -> ImpactDescribed:
    """The impact that a reply describes, with the level that it and the measured numbers propose.

    What a person types counts more than what was measured; what was measured counts though nobody ticked it.
    """
    book = scene.book
    values = reply.values if isinstance(reply, Several) else ()
    word = reply.value if isinstance(reply, Word) else ""
    known = {condition.text.casefold(): condition.text for level in book.levels for condition in level.when}
    unsure = word == "unsure" or "unsure" in values
    rest = [value for value in values if value not in ("unsure", "none")]
    conditions = tuple(known[value.casefold()] for value in rest if value.casefold() in known)
    typed = tuple(read_number(book, value) for value in rest if value.casefold() not in known)
    by_hand = {number.signal for number in typed}
    numbers = (*typed, *(one for one in evidence.numbers(scene) if one.signal not in by_hand))
    proposed = propose(book, (*conditions, *evidence.probed(scene)), numbers, unsure=unsure)
    return ImpactDescribed(conditions, numbers, unsure, proposed)


def read_number(book: Runbook, text: str) -> Measured:
    """`error_rate = 5%` or `latency_p99 = 3x` -> Measured.  Raises NotAllowed, saying how to write it."""
    units = {**WELL_KNOWN_UNITS, **{name: signal.unit for name, signal in book.signals.items()}}
    match = _NUMBER.fullmatch(text.strip())
    if match is None or match[1] not in units:
        message = f"`{text}` is neither a condition of this runbook nor a number of a signal"
        raise NotAllowed(message, f"Signals: {', '.join(units)}. Write for example `error_rate = 5%`.")
    name, number = match[1], match[2].strip()
    times = _TIMES.fullmatch(number)
    try:
        quantity = parse_quantity(times[1] if times else number)
        value = quantity.number if times else in_unit(quantity, units[name])
    except ValueError as error:
        message = f"`{text}`: {error}"
        raise NotAllowed(message, "Write for example `error_rate = 5%` or `latency_p99 = 900 ms`.") from error
    return Measured(name, f"{name} = {number}", value, times_baseline=times is not None)


def propose(book: Runbook, conditions: tuple[str, ...], numbers: tuple[Measured, ...], *, unsure: bool) -> str:
    """The name of the highest level that holds, else the lowest level (P-SEV-4).

    When `unsure`: the highest level that holds or that no number rules out, which takes a number for each of its
    comparisons: a missing number never lowers a severity (P-SEV-5).
    """
    measured = {number.signal: number for number in numbers}
    for level in book.levels:
        verdicts = [_verdict(book.signals, condition, conditions, measured) for condition in level.when]
        if True in verdicts or (unsure and not _ruled_out(level, verdicts)):
            return level.name
    return book.levels[-1].name


def _ruled_out(level: Level, verdicts: list[bool | None]) -> bool:
    of_numbers = [verdict for condition, verdict in zip(level.when, verdicts, strict=True) if condition.operator]
    return bool(of_numbers) and all(verdict is False for verdict in of_numbers)


def _verdict(
    signals: Mapping[str, Signal], condition: Condition, ticked: tuple[str, ...], measured: Mapping[str, Measured]
) -> bool | None:
    """Whether a condition holds; None where nobody can tell."""
    if condition.text in ticked:
        return True
    number = measured.get(condition.signal)
    if condition.operator is None or number is None:
        return None
    signal = signals.get(condition.signal)
    return evidence.compared(signal, condition, number.value, in_baselines=number.times_baseline)


def changed(
    book: Runbook, incident: Incident, level_name: str, now: datetime, *, proposed: str = "", reason: str = ""
) -> SeverityChanged:
    """The event for a level, with all that the level asks for.  Raises NotAllowed for a name that is no level."""
    level = book.level(level_name)
    if level is None:
        message = f"there is no severity `{level_name}`"
        raise NotAllowed(message, f"The levels are {', '.join(one.name for one in book.levels)}.")
    before = incident.severity
    rank = book.rank(level.name)
    return SeverityChanged(
        level=level.name,
        rank=rank,
        before=before.level if before else "",
        proposed=proposed,
        update_every=level.update_every,
        tree=level.tree,
        raised=before is not None and rank < before.rank,
        decision_due_at=now + DECISION if level.tree and incident.recovered_at is None else None,
        took=now - incident.paged_at if before is None and incident.paged_at else None,
        reason=reason,
    )
