"""The decision tree, asked strictly in order (P-TREE).

Where the walk stands in the tree is not stored: the tree is read from its first question, and the first thing
without an answer is what is asked.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

from incidentctl.incident.events import (
    ActionEnded,
    Event,
    HypothesisNamed,
    InputGiven,
    RecoveryJudged,
    RetryChosen,
    TreeAnswered,
    TreeRestarted,
    UndoEnded,
    WarRoomOpened,
)
from incidentctl.incident.state import Done, Incident
from incidentctl.incident.words import Answer
from incidentctl.runbook.model import Action, Note, Omitted, Question, TreeStep, steps_below
from incidentctl.walker import evidence, exhausted, lasting, mitigation, retry, running
from incidentctl.walker.replies import Accepts, Hypothesis, Option, Reply, Several, Skip, Typed, Word, out_of_place
from incidentctl.walker.requests import (
    AskExhausted,
    AskInput,
    AskRecovered,
    AskRetry,
    AskRows,
    AskTree,
    Command,
    ConfirmAction,
    ConfirmUndo,
    Phase,
    Request,
    Shown,
    TreeAsk,
)
from incidentctl.walker.scene import DONE, YES_NO, Scene, in_words
from incidentctl.walker.showing import commands, facts

WATCHED_FOR: Final = timedelta(minutes=5)
"""How long the numbers have to come back after an action, before the program proposes that they did not (P-TREE-5)."""
SIX_HOURS: Final = timedelta(hours=6)
"""The window of "was there a deploy?" where the runbook names no other (P-TREE-1)."""
ANSWERS: Final = (*YES_NO, Option("unknown", "don't know"))


def request(scene: Scene) -> Request:
    """What the tree asks now; at its end it is never a dead end (P-TREE-6)."""
    pending = mitigation.rollback_in_progress(scene)
    asked = _of_action(scene, pending, (), _closing_notes(_siblings(scene, pending))) if pending else None
    return (
        asked
        or _of_steps(scene, _all_steps(scene))
        or exhausted.request(scene, (*_passed_notes(scene), *_last_words(scene.book.tree)))
    )


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
    before = (
        (f"Before the incident was reopened: {earlier.answer} ({exhausted.ago(scene, earlier)}).",) if earlier else ()
    )
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
        default=Word(evidence.answer_of(scene, question)),
        shown=Shown(said=(*notes, *within, *before), links=question.links, commands=look),
        evidence=evidence.subjects_of(scene.book, question),
    )


def _window(question: Question) -> Iterator[str]:
    """The runbook's window, where it is another one than the built-in question names (P-TREE-1)."""
    if question.within is not None and question.within != SIX_HOURS:
        yield f"What counts: the last {in_words(question.within)}."


def _of_action(scene: Scene, action: Action, notes: tuple[str, ...], closing: tuple[str, ...] = ()) -> Request | None:
    """Choice, inputs, the doing, another try, "did the numbers come back?", the undo; None once it is behind us."""
    incident = scene.incident
    done = incident.tree.steps.get(action.id, Done())
    if action.kind == "rollback":
        choice = incident.choices.get(action.id)
        if choice is None:
            return mitigation.ask_choice(scene, action, notes)
        if choice == "fix-forward":
            return None if done.recovered else _ask_recovered(scene, action, closing, "the fix")
    if not done.result:
        return _ask_input(scene, action) or _ask_rows(scene, action) or _confirm_action(scene, action, notes)
    if retry.is_open(scene.incident, action.id):
        return retry.request(action, _phase(action))
    if done.result == "done" and done.recovered is None:
        return _ask_recovered(scene, action, closing, action.text)
    came_back = done.result == "skipped" or done.recovered is Answer.YES
    return None if came_back or done.undo or not action.undo else _confirm_undo(scene, action)


def _phase(action: Action) -> Phase:
    return Phase.MITIGATION if action.kind == "rollback" else Phase.TREE


def _ask_input(scene: Scene, action: Action) -> Request | None:
    """The first input that is not known; what the evidence found can be chosen."""
    inputs = scene.incident.tree.inputs
    missing = next((need for need in action.needs if (action.id, need.name) not in inputs), None)
    if missing is None:
        return None
    return Request(
        prompt=f"tree.{action.id}.input.{missing.name}",
        ask=AskInput(action.id, missing.name),
        phase=_phase(action),
        text=missing.ask,
        why=f"It fills `{missing.name}` in the command of: {action.text}.",
        accepts=Accepts(words=evidence.keys(scene, evidence.above(scene, action)), text=True),
    )


def _ask_rows(scene: Scene, action: Action) -> Request | None:
    """Which of the queries that were found: asked where the program could end them itself."""
    inputs, subject = scene.incident.tree.inputs, evidence.rows_subject(action)
    found = evidence.to_end(scene, subject) if action.end_queries and scene.incident.mode == "real" else ()
    if not found or (action.id, "rows") in inputs:
        return None
    return Request(
        prompt=f"tree.{action.id}.rows",
        ask=AskRows(action.id),
        phase=_phase(action),
        text=f"{action.text}: which ones?",
        why="Tick what is to end. A victim only waits: it goes on once its blocker has ended. None means that you end "
        "them by hand.",
        accepts=Accepts(several=found, lists=True),
        default=Several(()),
        evidence=(subject,),
    )


def command_line(incident: Incident, action: Action, line: str) -> str:
    """`line` with the inputs filled in as whole words, quoted so that the copy is safe to paste."""
    for need in action.needs:
        value = incident.tree.inputs.get((action.id, need.name))
        if value is not None:
            for spelling in (f"{{{{ {need.name} }}}}", f"{{{{{need.name}}}}}"):
                line = line.replace(spelling, shlex.quote(value))
    return line


def _confirm_action(scene: Scene, action: Action, notes: tuple[str, ...]) -> Request:
    run = command_line(scene.incident, action, action.run)
    undo = command_line(scene.incident, action, action.undo)
    offered = running.offers(scene, action)
    way = "Copy it and run it yourself, or let this program run it" if offered else "Copy it, run it"
    return Request(
        prompt=f"tree.{action.id}.run",
        ask=ConfirmAction(action.id),
        phase=_phase(action),
        text=f"{action.text}. How did it go?" if not offered else f"{action.text}?",
        why=f"{action.why or 'The runbook names it as the next step.'} {way}; then say how it went (P-TREE-5).",
        accepts=Accepts(words=(DONE, *offered, Option("failed", "failed")), keyed=("skip",)),
        default=Word("done"),
        shown=Shown(
            said=(*notes, *facts(scene, action), *_told(scene, action)),
            commands=commands(run, undo, shell=action.shell, offered=bool(offered)),
        ),
    )


def _told(scene: Scene, action: Action) -> Iterator[str]:
    """What an action does that is no command."""
    chosen = running.rows_chosen(scene.incident, action)
    if chosen:
        yield f"Queries to end: {', '.join(chosen)}"
    looked = scene.incident.evidence.get(evidence.rows_subject(action)) if action.end_queries else None
    if looked and looked.evidence.answer is Answer.UNKNOWN:
        yield f"This program cannot end them from here: {looked.evidence.said}"
    if action.http:
        yield f"Sends {action.http.values.get('method', 'POST').upper()} {action.http.values.get('url', '')}"
        if body := action.http.values.get("body"):
            yield f"with the body: {body}"


def _ask_recovered(scene: Scene, action: Action, closing: tuple[str, ...], after: str) -> Request:
    done = scene.incident.tree.steps.get(action.id, Done())
    return Request(
        prompt=f"tree.{action.id}.recovered",
        ask=AskRecovered(action.id, done.at),
        phase=_phase(action),
        text="Did the numbers come back?",
        why=f"After: {after}. Yes goes on to the verification; no or don't know goes on with the tree (P-TREE-5).",
        accepts=Accepts(words=ANSWERS),
        default=Word(_came_back(scene, done.at)),
        shown=Shown(said=closing),
        evidence=evidence.signal_subjects(scene.book),
    )


def _came_back(scene: Scene, ended_at: datetime | None) -> Answer:
    """What the signals say; a no is proposed only when they had their time: an average falls slowly (P-TREE-5)."""
    answer = evidence.recovered(scene, ended_at)
    too_soon = ended_at is not None and scene.now - ended_at < WATCHED_FOR
    return Answer.UNKNOWN if answer is Answer.NO and too_soon else answer


def _confirm_undo(scene: Scene, action: Action) -> Request:
    line = command_line(scene.incident, action, action.undo)
    offered = (Option("run", "undo it now", running.RUN.hint),) if scene.incident.mode == "real" else ()
    done = scene.incident.tree.steps.get(action.id, Done())
    unsure = "Nobody knows whether it helped" if done.recovered is Answer.UNKNOWN else "It did not help"
    return Request(
        prompt=f"tree.{action.id}.undo",
        ask=ConfirmUndo(action.id),
        phase=_phase(action),
        text=f"{'It failed' if done.result == 'failed' else unsure}. Undo: {action.text}?",
        why="A change that did not help is one more unknown; keep it only if it cannot do harm (P-TREE-5).",
        accepts=Accepts(words=(Option("keep", "keep it"), *offered, Option("done", "undone"))),
        default=Word("keep"),
        shown=Shown(
            said=tuple(lasting.said(lasting.of(scene.book, action.id, "undo"), "Undoing it")),
            commands=(Command("To undo it:", line),),
        ),
    )


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
        case ((AskInput() | AskRows() | ConfirmAction() | AskRetry() | AskRecovered() | ConfirmUndo()), _):
            return _of_a_step(scene, ask, reply)
        case _:
            raise out_of_place(reply)


def _of_a_step(
    scene: Scene, ask: AskInput | AskRows | ConfirmAction | AskRetry | AskRecovered | ConfirmUndo, reply: Reply
) -> list[Event]:
    match ask, reply:
        case AskInput(step=step, name=name), Typed(text=value) | Word(value=value):
            return [InputGiven(step, name, value)]
        case AskRows(step=step), Several(values=keys):
            return [InputGiven(step, "rows", ", ".join(keys))]
        case ConfirmAction(step=step), Word(value="run" | "terminate" as how):
            action, kind = _find(scene, step)
            return [running.started(action, kind, command_line(scene.incident, action, action.run), how)]
        case ConfirmAction(step=step), Word() | Skip():
            return [_ended(scene, step, reply)]
        case AskRetry(step=step), Word(value=answer):
            return [RetryChosen(step, again=answer == "yes")]
        case AskRecovered(step=step), Word(value=answer):
            return [*mitigation.fix_ended(scene, step, Answer(answer)), RecoveryJudged(step, Answer(answer))]
        case ConfirmUndo(step=step), Word(value="run"):
            action, _ = _find(scene, step)
            return [running.started(action, "undo", command_line(scene.incident, action, action.undo))]
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
