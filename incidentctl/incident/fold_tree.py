"""What the entries of the tree and of the mitigation change; the other half of `fold.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from incidentctl.incident.events import (
    HypothesisNamed,
    InputGiven,
    MitigationBlocked,
    MitigationChosen,
    MitigationEstimated,
    MitigationEvent,
    MitigationExplained,
    RecoveryJudged,
    TreeAnswered,
    TreeEvent,
    TreeRestarted,
    UndoEnded,
)
from incidentctl.incident.facts import ActionEnded, ActionNotRun, ActionStarted, RetryChosen
from incidentctl.incident.state import ActionRecord, Done, Incident, Lasted, Mitigation, Running, Said, Tree
from incidentctl.incident.words import Answer


def tree_and_recovery(incident: Incident, event: TreeEvent, at: datetime) -> Incident:
    """The tree, and whether the numbers came back."""
    recovered = isinstance(event, RecoveryJudged) and event.answer is Answer.YES
    reopened = event.steps if isinstance(event, TreeRestarted) else ()
    return replace(
        incident,
        walked_at=at,
        choices={step: choice for step, choice in incident.choices.items() if step not in reopened},
        tree=_tree(incident.tree, event, at),
        recovered_at=at if recovered else incident.recovered_at,
    )


def _tree(tree: Tree, event: TreeEvent, at: datetime) -> Tree:
    match event:
        case TreeAnswered(question=question, answer=answer):
            said = Said(event.text, answer, at, event.reason)
            return replace(tree, answers={**tree.answers, question: said}, latest=question)
        case TreeRestarted(questions=questions, steps=steps):
            return replace(
                tree,
                answers={key: said for key, said in tree.answers.items() if key not in questions},
                steps={key: done for key, done in tree.steps.items() if key not in steps},
                inputs={key: value for key, value in tree.inputs.items() if key[0] not in steps},
            )
        case HypothesisNamed(id=name, text=text):
            said = Said(text, Answer.YES, at)
            return replace(
                tree, hypotheses={**tree.hypotheses, name: text}, answers={**tree.answers, name: said}, latest=name
            )
        case InputGiven(step=step, name=name, value=value):
            return replace(tree, inputs={**tree.inputs, (step, name): value})
        case ActionStarted():
            running = Running(
                event.step, event.text, event.kind, event.command, at, event.shell, event.estimate, event.how
            )
            return replace(tree, running=running, latest=event.step)
        case ActionNotRun():
            return replace(tree, running=None)
        case ActionEnded():
            return _ended(tree, event, at)
        case RetryChosen(step=step, again=again):
            return _once_more(tree, step) if again else _given_up(tree, step)
        case RecoveryJudged(step=step, answer=answer):
            return _with_step(tree, step, replace(tree.steps.get(step, Done()), recovered=answer))
        case UndoEnded(step=step, result=result):
            return _with_step(tree, step, replace(tree.steps.get(step, Done()), undo=result))
        case _:
            assert_never(event)


def _ended(tree: Tree, event: ActionEnded, at: datetime) -> Tree:
    if event.result == "interrupted":
        stopped = replace(tree.running, interrupted=True, output=event.output) if tree.running else None
        return replace(tree, running=stopped)
    tree = replace(tree, lasted=(*tree.lasted, *_lasted(tree, event)))
    if event.kind in ("undo", "step"):
        # What became of these is said by the events of their own steps.
        return replace(tree, running=None, ran={**tree.ran, event.step: event.status}, latest=event.step)
    record = ActionRecord(event.step, event.kind, event.result, event.estimate, event.took)
    steps = {**tree.steps, event.step: Done(event.result, at)}
    return replace(tree, steps=steps, actions=(*tree.actions, record), running=None, latest=event.step)


def _given_up(tree: Tree, step: str) -> Tree:
    return _with_step(tree, step, replace(tree.steps.get(step, Done()), given_up=True))


def _once_more(tree: Tree, step: str) -> Tree:
    """As if it had not been tried; the rows it was about may be others by now."""
    steps = {key: done for key, done in tree.steps.items() if key != step}
    return replace(tree, steps=steps, inputs={k: v for k, v in tree.inputs.items() if k != (step, "rows")}, latest=step)


def _lasted(tree: Tree, event: ActionEnded) -> Iterator[Lasted]:
    """How long it took, where somebody saw both its start and its end."""
    unseen = tree.running is not None and tree.running.interrupted
    if event.result == "done" and event.took is not None and not unseen:
        yield Lasted(event.step, event.kind, event.took)


def interrupted(tree: Tree) -> Tree:
    """Nobody watches what was running: it may have run in part."""
    return replace(tree, running=replace(tree.running, interrupted=True)) if tree.running else tree


def _with_step(tree: Tree, step: str, done: Done) -> Tree:
    return replace(tree, steps={**tree.steps, step: done}, latest=step)


def mitigation(incident: Incident, event: MitigationEvent, at: datetime) -> Incident:
    """Roll back or fix forward, and when that is asked again."""
    before = incident.mitigation
    match event:
        case MitigationChosen():
            chosen = Mitigation(event.choice, event.step, event.again, at, before.blocker if before else "")
            # A choice is walked from its start: what was said of a fix in this step's place, or of an earlier
            # rollback, does not stand in its way.
            tree = replace(incident.tree, steps={k: v for k, v in incident.tree.steps.items() if k != event.step})
            return replace(
                incident,
                mitigation=chosen,
                choices={**incident.choices, event.step: event.choice},
                decision_due_at=event.decision_due_at,
                walked_at=at,
                tree=tree,
            )
        case MitigationEstimated(estimate=estimate, decision_due_at=due):
            after = replace(before, estimate=estimate) if before else None
            return replace(incident, mitigation=after, decision_due_at=due)
        case MitigationBlocked(blocker=blocker):
            return replace(incident, mitigation=replace(before, blocker=blocker) if before else None)
        case MitigationExplained(reason=reason):
            return replace(incident, mitigation=replace(before, reason=reason) if before else None)
        case _:
            assert_never(event)


def denied(tree: Tree) -> Tree:
    """The step that was believed to have helped did not: its undo is offered, and the tree goes on."""
    steps = {
        key: replace(done, recovered=Answer.NO) if done.recovered is Answer.YES else done
        for key, done in tree.steps.items()
    }
    return replace(tree, steps=steps)
