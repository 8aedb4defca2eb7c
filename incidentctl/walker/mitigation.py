"""Fix forward or roll back, and the thirty minutes that come back (P-ROLL)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, Literal

from incidentctl.incident.events import (
    ActionEnded,
    Event,
    MitigationBlocked,
    MitigationChosen,
    MitigationEstimated,
    MitigationExplained,
)
from incidentctl.incident.state import Done
from incidentctl.incident.words import Answer
from incidentctl.runbook.model import Action, steps_below
from incidentctl.walker import due as clock
from incidentctl.walker import lasting
from incidentctl.walker.replies import Accepts, Lasting, Option, Reply, Typed, Word, out_of_place
from incidentctl.walker.requests import (
    AskBlocker,
    AskEstimate,
    AskMitigation,
    AskMitigationReason,
    Command,
    MitigationAsk,
    Phase,
    Request,
    Shown,
    text_request,
)
from incidentctl.walker.scene import Scene, in_words
from incidentctl.walker.triage import DECISION

BY_HAND: Final = Action("roll-back-by-hand", "Roll back the last change by hand", kind="rollback")
"""What "roll back" means where the runbook has no rollback left."""
BLOCKERS: Final = (
    Option("migrated", "data was already migrated"),
    Option("third-party", "a third party was already committed to"),
    Option("faster", "the fix is really faster than the rollback"),
)
WHY: Final = (
    "Will it be fixed within 30 minutes? If not, roll back: do it now and analyse later. Fix forward only where the "
    "rollback is impossible or the fix is really faster (P-ROLL-1, P-ROLL-2, P-ROLL-3)."
)


def rollback_in_progress(scene: Scene) -> Action | None:
    """The rollback that was chosen last, wherever it stands in the tree; it is walked before anything else."""
    chosen = scene.incident.mitigation
    if chosen is None or chosen.choice != "roll-back" or scene.incident.choices.get(chosen.step) != "roll-back":
        return None
    return next((action for action in _rollbacks(scene) if action.id == chosen.step), BY_HAND)


def _rollbacks(scene: Scene) -> tuple[Action, ...]:
    steps = steps_below(scene.book.tree)
    return tuple(step for step in steps if isinstance(step, Action) and step.kind == "rollback")


def _at_hand(scene: Scene) -> Action | None:
    """The rollback that is still possible: the one that was put off, else the first that was not tried."""
    steps, choices = scene.incident.tree.steps, scene.incident.choices
    put_off = [action for action in _rollbacks(scene) if choices.get(action.id) == "fix-forward"]
    untried = [action for action in _rollbacks(scene) if not steps.get(action.id, Done()).result]
    return next(iter(put_off or untried), None)


def unfinished(scene: Scene) -> Request | None:
    """Fix forward costs a reason when it comes back, a blocker at the highest level, and an estimate (P-ROLL-3)."""
    chosen, severity = scene.incident.mitigation, scene.incident.severity
    if chosen is None or chosen.choice != "fix-forward":
        return None
    if chosen.again and not chosen.reason:
        return _ask_reason()
    is_highest = severity is not None and severity.rank == 0
    if is_highest and not chosen.blocker and _at_hand(scene) is not None:
        return _ask_blocker()
    return _ask_estimate(scene, chosen.step) if chosen.estimate is None else None


def due(scene: Scene) -> Request | None:
    """The thirty minutes are over and the service has not recovered: roll back? (P-ROLL-4)"""
    decision = clock.decision(scene.incident, scene.now)
    return _ask(scene, _at_hand(scene), again=True) if decision is not None and decision.has_come(scene.now) else None


def ask_choice(scene: Scene, rollback: Action, notes: tuple[str, ...]) -> Request:
    """A yes that leads to a rollback: roll back is preselected (P-ROLL-2)."""
    return _ask(scene, rollback, notes, again=False)


def _ask(scene: Scene, rollback: Action | None, notes: tuple[str, ...] = (), *, again: bool) -> Request:
    step = rollback or BY_HAND
    takes = f" (about {in_words(step.takes)})" if step.takes else ""
    looks = tuple(f"Before you choose: {_BLOCKER_LOOKS.get(name, name)}" for name in step.blocked_by)
    text = "The 30 minutes are over and it is not fixed. Roll back?" if again else f"{step.text}{takes}?"
    if again and scene.incident.mitigation and scene.incident.mitigation.estimate:
        text = "The estimate is over and it is not fixed. Roll back?"
    return Request(
        prompt="mitigation.reconsider" if again else "mitigation.choice",
        ask=AskMitigation(step.id, again=again),
        phase=Phase.MITIGATION,
        text=text,
        why=WHY,
        accepts=Accepts(
            words=(Option("roll-back", "roll back", step.text), Option("fix-forward", "fix forward", "needs a reason"))
        ),
        default=Word("roll-back" if rollback else "fix-forward"),
        shown=Shown(
            said=(*notes, *looks, *_took(scene, step)),
            commands=(Command("The rollback:", step.run, step.shell),) if step.run and again else (),
        ),
    )


def _took(scene: Scene, rollback: Action) -> Iterator[str]:
    """What both ways really cost in earlier incidents."""
    yield from lasting.said(lasting.of(scene.book, rollback.id), "Rolling back")
    yield from lasting.said(lasting.of(scene.book, rollback.id, "fix"), "A fix in its place")


_BLOCKER_LOOKS: Final = {
    "migrated": "was data already migrated?",
    "third-party": "was a third party already committed to?",
}


def _ask_reason() -> Request:
    return text_request(
        "mitigation.reason",
        AskMitigationReason(),
        Phase.MITIGATION,
        "What makes you sure that it is nearly fixed?",
        why="`Nearly there` has cost more hours than any bug; it costs a recorded reason (P-ROLL-4).",
    )


def _ask_blocker() -> Request:
    return Request(
        prompt="mitigation.blocker",
        ask=AskBlocker(),
        phase=Phase.MITIGATION,
        text="Why not roll back?",
        why="There are exactly three good reasons; anything else is hesitation (P-ROLL-3).",
        accepts=Accepts(words=BLOCKERS),
    )


def _ask_estimate(scene: Scene, step: str) -> Request:
    takes = next((action.takes for action in _rollbacks(scene) if action.id == step and action.takes), DECISION)
    return Request(
        prompt="mitigation.estimate",
        ask=AskEstimate(),
        phase=Phase.MITIGATION,
        text="How long will the fix take?",
        why="The question comes back after that, at the latest after 30 minutes (P-ROLL-4).",
        accepts=Accepts(duration=True),
        default=Lasting(takes),
        shown=Shown(said=tuple(lasting.said(lasting.of(scene.book, step, "fix"), "A fix"))),
    )


def decide(scene: Scene, ask: MitigationAsk, reply: Reply) -> list[Event]:
    """What a reply about the mitigation means; each choice sets the clock anew."""
    match ask, reply:
        case AskMitigation(), Word(value="roll-back"):
            return [MitigationChosen("roll-back", ask.step, ask.again, scene.now + DECISION)]
        case AskMitigation(), Word():
            # A fix that takes the place of no rollback in the tree belongs to no step of it.
            in_tree = not ask.again or ask.step in scene.incident.choices
            return [MitigationChosen("fix-forward", ask.step if in_tree else "", ask.again, scene.now + DECISION)]
        case AskBlocker(), Word(value=blocker):
            return [MitigationBlocked(blocker)]
        case AskMitigationReason(), Typed(text=reason):
            return [MitigationExplained(reason)]
        case AskEstimate(), Lasting(duration=duration):
            return [_estimated(scene, duration)]
        case _:
            raise out_of_place(reply)


def _estimated(scene: Scene, duration: timedelta) -> Event:
    return MitigationEstimated(duration, scene.now + min(duration, DECISION))


def fix_ended(scene: Scene, step: str, answer: Answer) -> list[Event]:
    """The record of a fix, with its estimate and how long it really took (P-ROLL-5); nothing for other steps."""
    fix = scene.incident.mitigation
    if scene.incident.choices.get(step) != "fix-forward" or fix is None:
        return []
    result: Literal["done", "failed"] = "done" if answer is Answer.YES else "failed"
    took = scene.now - fix.at
    return [ActionEnded(step, "Fix forward", "fix", result, estimate=fix.estimate, took=took)]
