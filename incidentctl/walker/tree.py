"""The decision tree, asked strictly in order (P-TREE).

Where the walk stands in the tree is not stored: the tree is read from its first question, and the first thing
without an answer is what is asked.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import timedelta
from typing import Final, Literal

from incidentctl.incident.events import (
    ActionEnded,
    Event,
    HypothesisNamed,
    InputGiven,
    RecoveryJudged,
    TreeAnswered,
    TreeRestarted,
    UndoEnded,
    WarRoomOpened,
)
from incidentctl.incident.state import Done, Incident, Said
from incidentctl.incident.words import Answer
from incidentctl.runbook.model import Action, Note, Omitted, Question, TreeStep, steps_below
from incidentctl.walker import mitigation
from incidentctl.walker.replies import Accepts, Hypothesis, Option, Reply, Skip, Typed, Word, out_of_place
from incidentctl.walker.requests import (
    AskExhausted,
    AskInput,
    AskRecovered,
    AskTree,
    Command,
    ConfirmAction,
    ConfirmUndo,
    Phase,
    Request,
    Shown,
    TreeAsk,
    text_request,
)
from incidentctl.walker.scene import DONE, YES_NO, Scene, in_words
from incidentctl.walker.showing import commands, facts

STALE: Final = timedelta(minutes=30)
"""An answer older than this is asked again in another round (P-TREE-6)."""
SIX_HOURS: Final = timedelta(hours=6)
"""The window of "was there a deploy?" where the runbook names no other (P-TREE-1)."""
ANSWERS: Final = (*YES_NO, Option("unknown", "don't know"))


def request(scene: Scene) -> Request:
    """What the tree asks now; at its end it is never a dead end (P-TREE-6)."""
    pending = mitigation.rollback_in_progress(scene)
    asked = _of_action(scene, pending, (), _closing_notes(_siblings(scene, pending))) if pending else None
    return asked or _of_steps(scene, _all_steps(scene)) or _ask_exhausted(scene)


def _all_steps(scene: Scene) -> tuple[TreeStep, ...]:
    """The runbook's tree, then every hypothesis as a question of its own, answered yes."""
    return (*scene.book.tree, *(Question(name, text) for name, text in scene.incident.tree.hypotheses.items()))


def _siblings(scene: Scene, action: Action) -> tuple[TreeStep, ...]:
    """The list that `action` stands in."""
    for step in steps_below(scene.book.tree):
        if isinstance(step, Question):
            for branch in (step.if_yes, step.if_no):
                if action in branch:
                    return branch
    return ()


def _last_words(steps: tuple[TreeStep, ...]) -> tuple[str, ...]:
    """The notes that stand behind everything else in a list."""
    last = max((at for at, step in enumerate(steps) if not isinstance(step, Note)), default=-1)
    return tuple(_notes_of(steps[last + 1 :]))


def _closing_notes(steps: tuple[TreeStep, ...]) -> tuple[str, ...]:
    """The notes that stand after the last action of a list: they are read once it was done."""
    last = max((at for at, step in enumerate(steps) if isinstance(step, Action | Question)), default=-1)
    return tuple(_notes_of(steps[last + 1 :])) if last >= 0 and isinstance(steps[last], Action) else ()


def _of_steps(scene: Scene, steps: tuple[TreeStep, ...]) -> Request | None:
    """The first open thing of a list.  Notes stand above what follows them, the last ones above what they follow."""
    notes: tuple[str, ...] = ()
    last = max((at for at, step in enumerate(steps) if isinstance(step, Action)), default=-1)
    for at, step in enumerate(steps):
        if isinstance(step, Note | Omitted):
            left_out = f"Left out here: {step.text} ({step.reason})" if isinstance(step, Omitted) else step.text
            notes = (*notes, left_out)
            continue
        if isinstance(step, Question):
            asked = _of_question(scene, step, notes)
        else:
            asked = _of_action(scene, step, notes, _closing_notes(steps) if at == last else ())
        if asked is not None:
            return asked
        notes = ()
    return None


def _of_question(scene: Scene, question: Question, notes: tuple[str, ...]) -> Request | None:
    said = scene.incident.tree.answers.get(question.id)
    if said is None:
        return _ask_question(scene, question, (*notes, *_passed_notes(scene)))
    if said.answer is Answer.YES:
        if any(isinstance(step, Action | Question) for step in question.if_yes):
            return _of_steps(scene, question.if_yes)
        return _of_action(scene, _by_hand(question), tuple(_notes_of(question.if_yes)))
    return _of_steps(scene, question.if_no) if said.answer is Answer.NO else None


def _notes_of(steps: tuple[TreeStep, ...]) -> Iterator[str]:
    return (step.text for step in steps if isinstance(step, Note))


def _passed_notes(scene: Scene) -> tuple[str, ...]:
    """What stands under a no that was said a moment ago and has nothing else: it is read with the next question."""
    latest = scene.incident.tree.latest
    for step in steps_below(scene.book.tree):
        if isinstance(step, Question) and step.id == latest and all(isinstance(one, Note) for one in step.if_no):
            said = scene.incident.tree.answers.get(latest)
            return tuple(_notes_of(step.if_no)) if said and said.answer is Answer.NO else ()
    return ()


def _by_hand(question: Question) -> Action:
    """A yes for which the runbook has no action asks what was done about it (*The order*)."""
    return Action(question.id, f"{question.text.rstrip('?')}: yes. Do something about it")


def _ask_question(scene: Scene, question: Question, notes: tuple[str, ...]) -> Request:
    earlier = scene.incident.tree.earlier.get(question.id)
    before = (f"Before the incident was reopened: {earlier.answer} ({_ago(scene, earlier)}).",) if earlier else ()
    look = (Command("To see:", question.look),) if question.look else ()
    within = tuple(_window(question))
    yes, no = ({step.id: None for step in steps} for steps in (question.if_yes, question.if_no))
    return Request(
        prompt=f"tree.{question.id}",
        ask=AskTree(question.id, question.text, tuple(yes), tuple(no)),
        phase=Phase.TREE,
        text=question.text,
        why=f"{question.why or 'A question of this runbook.'} The questions are asked strictly in order; "
        "`don't know` moves on and stays open (P-TREE-7).",
        accepts=Accepts(words=ANSWERS, keyed=("skip",)),
        default=Word("unknown"),
        shown=Shown(said=(*notes, *within, *before), links=question.links, commands=look),
    )


def _window(question: Question) -> Iterator[str]:
    """The runbook's window, where it is another one than the built-in question names (P-TREE-1)."""
    if question.within is not None and question.within != SIX_HOURS:
        yield f"What counts: the last {in_words(question.within)}."


def _of_action(scene: Scene, action: Action, notes: tuple[str, ...], closing: tuple[str, ...] = ()) -> Request | None:
    """Choice, inputs, the doing, "did the numbers come back?", the undo (P-TREE-5); None once it is behind us."""
    incident = scene.incident
    done = incident.tree.steps.get(action.id, Done())
    if action.kind == "rollback":
        choice = incident.choices.get(action.id)
        if choice is None:
            return mitigation.ask_choice(scene, action, notes)
        if choice == "fix-forward":
            return None if done.recovered else _ask_recovered(action, closing, "the fix")
    if not done.result:
        return _ask_input(incident, action) or _confirm_action(incident, action, notes)
    if done.result == "done" and done.recovered is None:
        return _ask_recovered(action, closing, action.text)
    came_back = done.result == "skipped" or done.recovered is Answer.YES
    return None if came_back or done.undo or not action.undo else _confirm_undo(incident, action)


def _phase(action: Action) -> Phase:
    return Phase.MITIGATION if action.kind == "rollback" else Phase.TREE


def _ask_input(incident: Incident, action: Action) -> Request | None:
    missing = next((need for need in action.needs if (action.id, need.name) not in incident.tree.inputs), None)
    if missing is None:
        return None
    return text_request(
        f"tree.{action.id}.input.{missing.name}",
        AskInput(action.id, missing.name),
        _phase(action),
        missing.ask,
        why=f"It fills `{missing.name}` in the command of: {action.text}.",
    )


def command_line(incident: Incident, action: Action, line: str) -> str:
    """`line` with the inputs filled in as whole words, quoted so that the copy is safe to paste."""
    for need in action.needs:
        value = incident.tree.inputs.get((action.id, need.name))
        if value is not None:
            for spelling in (f"{{{{ {need.name} }}}}", f"{{{{{need.name}}}}}"):
                line = line.replace(spelling, shlex.quote(value))
    return line


def _confirm_action(incident: Incident, action: Action, notes: tuple[str, ...]) -> Request:
    run = command_line(incident, action, action.run)
    undo = command_line(incident, action, action.undo)
    return Request(
        prompt=f"tree.{action.id}.run",
        ask=ConfirmAction(action.id),
        phase=_phase(action),
        text=f"{action.text}. How did it go?",
        why=f"{action.why or 'The runbook names it as the next step.'} Nothing is run for you: copy it, run it, say "
        "how it went (P-TREE-5).",
        accepts=Accepts(words=(DONE, Option("failed", "failed")), keyed=("skip",)),
        default=Word("done"),
        shown=Shown(said=(*notes, *facts(action)), commands=commands(run, undo, shell=action.shell)),
    )


def _ask_recovered(action: Action, closing: tuple[str, ...], after: str) -> Request:
    return Request(
        prompt=f"tree.{action.id}.recovered",
        ask=AskRecovered(action.id),
        phase=_phase(action),
        text="Did the numbers come back?",
        why=f"After: {after}. Yes goes on to the verification; no or don't know goes on with the tree (P-TREE-5).",
        accepts=Accepts(words=ANSWERS),
        default=Word("unknown"),
        shown=Shown(said=closing),
    )


def _confirm_undo(incident: Incident, action: Action) -> Request:
    return Request(
        prompt=f"tree.{action.id}.undo",
        ask=ConfirmUndo(action.id),
        phase=_phase(action),
        text=f"It did not help. Undo: {action.text}?",
        why="A change that did not help is one more unknown; keep it only if it cannot do harm (P-TREE-5).",
        accepts=Accepts(words=(Option("keep", "keep it"), Option("done", "undone"))),
        default=Word("keep"),
        shown=Shown(commands=(Command("To undo it:", command_line(incident, action, action.undo)),)),
    )


def _ask_exhausted(scene: Scene) -> Request:
    tree = scene.incident.tree
    ruled_out = [f"{said.text} {_in_words(said)} ({_ago(scene, said)})" for said in tree.answers.values()]
    again, war_room = Option("again", "go round again"), Option("war-room", "open the war room")
    offers_war_room = not scene.is_light and not scene.incident.war_room
    questions = _to_ask_again(scene)
    return Request(
        prompt="tree.exhausted",
        ask=AskExhausted(questions, tuple(_steps_of(scene, questions))),
        phase=Phase.TREE,
        text="The tree has found no cause. What now?",
        why="Go round again: what is unknown, skipped or older than 30 minutes is asked again. Or get more people. Or "
        "name what you suspect, and it becomes the next question, answered yes (P-TREE-6).",
        accepts=Accepts(words=(again, war_room) if offers_war_room else (again,), keyed=("hypothesis",)),
        shown=Shown(
            said=(*_passed_notes(scene), *_last_words(scene.book.tree), *(("So far:", *ruled_out) if ruled_out else ()))
        ),
    )


def _ago(scene: Scene, said: Said) -> str:
    return f"{in_words(scene.now - said.at)} ago"


def _in_words(said: Said) -> str:
    """The answer as the question's row names it."""
    return "don't know" if said.answer is Answer.UNKNOWN else said.answer


def _to_ask_again(scene: Scene) -> tuple[str, ...]:
    """Unknown, skipped, or answered over 30 minutes ago; all of them where that leaves nothing to ask."""
    tree = scene.incident.tree
    asked = {name: said for name, said in tree.answers.items() if name not in tree.hypotheses}
    open_again = tuple(
        name
        for name, said in asked.items()
        if said.answer in (Answer.UNKNOWN, Answer.SKIPPED) or scene.now - said.at > STALE
    )
    return open_again or tuple(asked)


def _steps_of(scene: Scene, questions: tuple[str, ...]) -> Iterator[str]:
    """The ids of everything that is done or asked under these questions."""
    for step in steps_below(scene.book.tree):
        if isinstance(step, Question) and step.id in questions:
            yield step.id
            yield from (below.id for below in steps_below((*step.if_yes, *step.if_no)) if isinstance(below, Action))


def _find(scene: Scene, name: str) -> tuple[Action, Literal["action", "rollback", "other"]]:
    """The action of that id, or what stands in its place, and its kind."""
    for step in steps_below(_all_steps(scene)):
        if isinstance(step, Action) and step.id == name:
            return step, step.kind
        if isinstance(step, Question) and step.id == name:
            return _by_hand(step), "other"
    return mitigation.BY_HAND, "rollback"


def decide(scene: Scene, ask: TreeAsk, reply: Reply) -> list[Event]:
    """What a reply of the tree means."""
    match ask, reply:
        case AskTree(), Word(value=answer):
            leads_to = ask.if_yes if answer == "yes" else ask.if_no if answer == "no" else ()
            return [TreeAnswered(ask.question, ask.text, Answer(answer), leads_to)]
        case AskTree(), Skip(reason=reason):
            return [TreeAnswered(ask.question, ask.text, Answer.SKIPPED, (), reason)]
        case AskExhausted(), Word(value="again"):
            return [TreeRestarted(ask.questions, ask.steps)]
        case AskExhausted(), Word():
            return [WarRoomOpened()]
        case AskExhausted(), Hypothesis(text=text):
            return [HypothesisNamed(f"hypothesis-{len(scene.incident.tree.hypotheses) + 1}", text)]
        case AskInput(step=step, name=name), Typed(text=value):
            return [InputGiven(step, name, value)]
        case ConfirmAction(step=step), Word() | Skip():
            return [_ended(scene, step, reply)]
        case AskRecovered(step=step), Word(value=answer):
            return [*mitigation.fix_ended(scene, step, Answer(answer)), RecoveryJudged(step, Answer(answer))]
        case ConfirmUndo(step=step), Word(value=result):
            return [UndoEnded(step, "done" if result == "done" else "keep")]
        case _:
            raise out_of_place(reply)


def _ended(scene: Scene, step: str, reply: Word | Skip) -> ActionEnded:
    action, kind = _find(scene, step)
    skipped = isinstance(reply, Skip)
    began = scene.incident.walked_at
    return ActionEnded(
        step=step,
        text=action.text,
        kind=kind,
        result="skipped" if isinstance(reply, Skip) else "failed" if reply.value == "failed" else "done",
        command=command_line(scene.incident, action, action.run),
        reason=reply.reason if isinstance(reply, Skip) else "",
        estimate=action.takes,
        took=None if skipped or began is None else scene.now - began,
    )
