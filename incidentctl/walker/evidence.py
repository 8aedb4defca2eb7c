"""What the checks of a runbook say: to a question, about the signals, and which of it is worth writing down.

Pure: who asks the sources, and when, is not known here.  A measurement that is missing is unknown, never a no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from incidentctl.incident.state import Incident, Seen
from incidentctl.incident.words import Answer, Evidence, Measured
from incidentctl.record import record
from incidentctl.runbook.model import Action, Check, Condition, Question, Runbook, Signal, steps_below
from incidentctl.runbook.quantities import holds
from incidentctl.walker.replies import Option
from incidentctl.walker.scene import Scene, in_words

NEWS_AFTER: Final = timedelta(minutes=1)
"""What goes on saying the same in other words is written down again after this."""
FIRES: Final = "alerts"
"""What else fires for this service: asked where the runbook says where its Alertmanager is."""
_BELOW: Final = ("└", "│")
"""How a row begins that stands below the one that it waits for: the rows of connections are drawn as a tree."""
_BRANCHES: Final = "└│ "
ROWS: Final = 8
"""How many rows of one check stand above a question."""


@record
class Measure:
    """One thing to ask a source, again and again.  `subject` names it in the journal."""

    subject: str
    check: Check
    unit: str = ""
    within: timedelta | None = None


def measures(book: Runbook) -> tuple[Measure, ...]:
    """Everything that the runbook asks its sources: the signals, then the checks of the questions."""
    signals = (Measure(subject(s.name), s.check, s.unit) for s in book.signals.values() if s.check)
    questions = (step for step in steps_below(book.tree) if isinstance(step, Question))
    asked = (
        Measure(f"{question.id}/{number}", check, within=question.within)
        for question in questions
        for number, check in enumerate(checks_of(book, question))
        if check.kind != "signal"
    )
    rows = (
        Measure(rows_subject(step), Check("postgres", step.end_queries.values))
        for step in steps_below(book.tree)
        if isinstance(step, Action) and step.end_queries
    )
    fires = (Measure(FIRES, Check("alertmanager")),) if "alertmanager" in book.sources else ()
    return (*signals, *fires, *asked, *rows)


def rows_subject(action: Action) -> str:
    """What the rows that an action can be about are called in the journal."""
    return f"{action.id}/rows"


def above(scene: Scene, action: Action) -> tuple[str, ...]:
    """The measurements of the question that an action answers."""
    for step in steps_below(scene.book.tree):
        if isinstance(step, Question) and action in (*step.if_yes, *step.if_no):
            return subjects_of(scene.book, step)
    return ()


def keys(scene: Scene, subjects: Iterable[str]) -> tuple[Option, ...]:
    """The rows of these measurements that name something, to choose from."""
    seen = (scene.incident.evidence[name].evidence for name in subjects if name in scene.incident.evidence)
    rows = (row for found in seen for row in found.rows if row.key)
    return tuple({row.key: Option(row.key, row.text) for row in rows}.values())


def to_end(scene: Scene, subject: str) -> tuple[Option, ...]:
    """The queries that can be chosen to be ended: whoever holds others up, or waits for nobody, before their victims.

    What only waits goes on by itself once its blocker has ended, and says that it is a victim.
    """
    found = keys(scene, (subject,))
    waiting = tuple(one for one in found if one.label.startswith(_BELOW))
    victims = (Option(one.value, f"victim: {one.label.lstrip(_BRANCHES)}") for one in waiting)
    return (*(one for one in found if one not in waiting), *victims)


def subject(signal: str) -> str:
    """What a signal's measurements are called in the journal."""
    return f"signal/{signal}"


def checks_of(book: Runbook, question: Question) -> tuple[Check, ...]:
    """The question's own checks; the change log is always asked about deploys, a status page about its dependency."""
    checks = question.checks
    if question.id == "recent-deploy" and all(check.kind != "deploys" for check in checks):
        checks = (*checks, Check("deploys"))
    # The question about one dependency among several stands where that dependency was written.
    of_all = question.id == "external-dependency"
    asked = (one for one in book.externals if of_all or (one.route and one.route == question.route))
    return (*checks, *(Check("statuspage", {"url": one.status}) for one in asked if one.status))


def subjects_of(book: Runbook, question: Question) -> tuple[str, ...]:
    """The measurements that answer a question."""
    return tuple(
        subject(check.condition.signal) if check.condition else f"{question.id}/{number}"
        for number, check in enumerate(checks_of(book, question))
        if check.condition or check.kind != "signal"
    )


def signal_subjects(book: Runbook) -> tuple[str, ...]:
    """The measurements of every signal that is measured at all."""
    return tuple(subject(signal.name) for signal in book.signals.values() if signal.check)


# --- what they answer --------------------------------------------------------------------------------------


def answer_of(scene: Scene, question: Question) -> Answer:
    """Any yes is yes; all no is no; else unknown."""
    return _together(_answer(scene, question, number, c) for number, c in enumerate(checks_of(scene.book, question)))


def _together(answers: Iterable[Answer]) -> Answer:
    found = list(answers)
    if Answer.YES in found:
        return Answer.YES
    return Answer.NO if found and all(answer is Answer.NO for answer in found) else Answer.UNKNOWN


def _answer(scene: Scene, question: Question, number: int, check: Check) -> Answer:
    if check.condition is not None:
        return _word(verdict(scene, check.condition))
    seen = scene.incident.evidence.get(f"{question.id}/{number}")
    return seen.evidence.answer if seen else Answer.UNKNOWN


def _word(verdict: bool | None) -> Answer:  # noqa: FBT001 - three values, and it has no other name
    return Answer.UNKNOWN if verdict is None else Answer.YES if verdict else Answer.NO


def verdict(scene: Scene, condition: Condition) -> bool | None:
    """Whether a condition holds by what was measured; None where nothing can tell."""
    seen = scene.incident.evidence.get(subject(condition.signal)) if condition.signal else None
    if seen is None:
        return None
    if condition.operator is None:
        return {Answer.YES: True, Answer.NO: False}.get(seen.evidence.answer)
    return compared(scene.book.signals.get(condition.signal), condition, seen.evidence.number)


def compared(
    signal: Signal | None, condition: Condition, value: float | None, *, in_baselines: bool = False
) -> bool | None:
    """Whether `value` meets the condition; `in_baselines` where it is a multiple of the signal's baseline."""
    if value is None or condition.operator is None:
        return None
    bound = condition.number
    if condition.times_baseline != in_baselines:
        baseline = signal.baseline if signal else None
        if baseline is None:
            return None
        bound, value = (bound * baseline, value) if condition.times_baseline else (bound, value * baseline)
    return holds(value, condition.operator, bound)


def conditions(book: Runbook) -> Iterator[Condition]:
    """Every condition of every level that a signal decides."""
    return (condition for level in book.levels for condition in level.when if condition.signal in book.signals)


def holding(scene: Scene) -> tuple[str, ...]:
    """The conditions that hold by what was measured, as they are written."""
    return tuple(dict.fromkeys(c.text for c in conditions(scene.book) if verdict(scene, c)))


def rules_all_out(scene: Scene) -> bool:
    """Whether what decides the severity is measured: then, where nothing holds, nothing is wrong (P-SEV-5).

    As long as none of it was taken yet, it is said to be; the session knows what it still waits for.
    """
    names = dict.fromkeys(c.signal for c in conditions(scene.book) if scene.book.signals[c.signal].check)
    seen = [scene.incident.evidence.get(subject(name)) for name in names]
    known = [one is not None and (one.evidence.answer is not Answer.UNKNOWN) for one in seen]
    return bool(names) and (all(known) or all(one is None for one in seen))


def probed(scene: Scene) -> tuple[str, ...]:
    """The conditions without a number that hold by what was seen: a probe that fails."""
    return tuple(c.text for c in conditions(scene.book) if c.operator is None and verdict(scene, c))


def numbers(scene: Scene) -> tuple[Measured, ...]:
    """The latest number of each signal that has one."""
    found = []
    for signal in scene.book.signals.values():
        seen = scene.incident.evidence.get(subject(signal.name))
        if seen is not None and seen.evidence.number is not None:
            text = f"{signal.name} = {number_text(seen.evidence.number, signal.unit)}"
            found.append(Measured(signal.name, text, seen.evidence.number))
    return tuple(found)


def _fresh(scene: Scene, condition: Condition, since: datetime | None) -> bool | None:
    seen = scene.incident.evidence.get(subject(condition.signal))
    if seen is None or (since is not None and seen.evidence.taken_at <= since):
        return None
    return verdict(scene, condition)


def _inverse(held: bool | None) -> Answer:  # noqa: FBT001 - as above
    return Answer.UNKNOWN if held is None else Answer.NO if held else Answer.YES


def recovered(scene: Scene, since: datetime | None) -> Answer:
    """Yes where nothing holds any more, no where something does, unknown where a measurement is missing (P-TREE-5).

    What was seen before `since` does not count.
    """
    answers = [_inverse(_fresh(scene, condition, since)) for condition in conditions(scene.book)]
    if Answer.NO in answers:
        return Answer.NO
    return Answer.YES if answers and Answer.UNKNOWN not in answers else Answer.UNKNOWN


def steady_since(scene: Scene) -> datetime | None:
    """Since when no condition that is measured has held; None where one does, or nobody can tell (P-CLEAR-1)."""
    if recovered(scene, None) is not Answer.YES:
        return None
    names = dict.fromkeys(condition.signal for condition in conditions(scene.book))
    return max(scene.incident.evidence[subject(name)].since for name in names)


# --- what is written down, and what is shown ---------------------------------------------------------------


def judged(scene: Scene, found: Evidence) -> Evidence:
    """A signal's number, with the answer that the severity's conditions give it: yes where one of them holds."""
    name = found.subject.removeprefix("signal/")
    if found.number is None or found.subject != subject(name) or name not in scene.book.signals:
        return found
    signal = scene.book.signals[name]
    held = [compared(signal, c, found.number) for c in conditions(scene.book) if c.signal == name]
    told = [one for one in held if one is not None]
    return replace(found, answer=_word(any(told)) if told else found.answer)


def acted_at(incident: Incident) -> datetime | None:
    """When something was last done about it: what was seen before says nothing about now."""
    return max((done.at for done in incident.tree.steps.values() if done.at is not None), default=None)


def is_news(before: Seen | None, after: Evidence, acted: datetime | None = None, now: datetime | None = None) -> bool:
    """Whether it is worth a line in the journal: another answer, other words a minute later, or the first since
    something was done at `acted`, or since the clock was put back to `now`.
    """
    if before is None:
        return True
    known = before.evidence
    if now is not None and known.taken_at > now:
        return True
    if after.taken_at <= known.taken_at:
        return False
    if after.answer is not known.answer or (after.number is None) != (known.number is None):
        return True
    if acted is not None and known.taken_at <= acted < after.taken_at:
        return True
    same = (after.said, after.rows, after.number) == (known.said, known.rows, known.number)
    return not same and after.taken_at - known.taken_at >= NEWS_AFTER


def lines(scene: Scene, subjects: Iterable[str]) -> Iterator[str]:
    """What these checks say now, one line each with its rows below it."""
    for name in subjects:
        seen = scene.incident.evidence.get(name)
        if seen is not None:
            yield f"{_headline(scene, seen)} ({seen.evidence.source}, {_ago(scene, seen)})"
            yield from _rows(seen.evidence)


def _ago(scene: Scene, seen: Seen) -> str:
    return f"{in_words(scene.now - seen.evidence.taken_at)} ago"


def _headline(scene: Scene, seen: Seen) -> str:
    found = seen.evidence
    name = found.subject.removeprefix("signal/")
    signal = scene.book.signals.get(name) if found.subject == subject(name) else None
    if signal is None:
        return f"{found.answer}: {found.said}"
    if found.number is None:
        return f"{name}: {found.answer}, {found.said}"
    return f"{name} = {number_text(found.number, signal.unit)}{_thresholds(scene, name)}"


def _thresholds(scene: Scene, name: str) -> str:
    """`, P1 > 5%, P2 >= 0.5%`: the numbers stand beside what they are compared with (P-SEV-4)."""
    wanted = ((level, c) for level in scene.book.levels for c in level.when if c.signal == name and c.operator)
    return "".join(f", {level.name}{condition.text.removeprefix(name)}" for level, condition in wanted)


def _rows(found: Evidence) -> Iterator[str]:
    """The rows, unless the one that there is says no more than the line above it."""
    rows = [row.text for row in found.rows]
    is_signal = found.subject.startswith("signal/")
    if len(rows) == 1 and (is_signal or rows[0].partition(" (")[0] in found.said):
        return
    yield from (f"  {row}" for row in rows[:ROWS])
    if len(rows) > ROWS:
        yield f"  and {len(rows) - ROWS} more"


def number_text(number: float, unit: str) -> str:
    """`6.2%`, `180 ms`, `1.2 s`, `12,000 messages`: with as many digits as a threshold has."""
    if unit == "ratio":
        return f"{_digits(number * 100)}%"
    if unit == "s" and 0 < abs(number) < 1:
        return f"{_digits(number * 1000)} ms"
    return f"{_digits(number)} {unit}".rstrip()


def _digits(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
