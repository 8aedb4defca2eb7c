"""What the program itself runs: when it may, what is asked while it runs, and after it was interrupted.

One thing runs at a time.  Whatever falls due meanwhile is asked at once; the command goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from incidentctl.incident.events import Event, UndoEnded
from incidentctl.incident.facts import ActionEnded, ActionKind, ActionNotRun, ActionStarted
from incidentctl.incident.state import Incident, Running
from incidentctl.record import record
from incidentctl.runbook.model import Action, Item, ListStep
from incidentctl.walker import lasting
from incidentctl.walker.replies import Accepts, Option, Reply, Word, out_of_place
from incidentctl.walker.requests import AskInterrupted, Command, Phase, Request, RunningAsk, Shown, WatchAction
from incidentctl.walker.scene import Scene, in_words

RUN: Final = Option("run", "run it now", "this program runs it; you see what it says")
STOP_QUERIES: Final = Option("run", "ask them to stop", "pg_cancel_backend: the connections stay")
TERMINATE: Final = Option(
    "terminate", "end their connections", "pg_terminate_backend: what they had not committed is lost"
)
_BECAME: Final = (
    Option("done", "it is done"),
    Option("failed", "it failed"),
    Option("not-run", "it did nothing"),
    Option("again", "run it again", "now, as shown above"),
)


@record
class Result:
    """How a run ended.

    `status` is the exit status (None: it has none), `output` the last lines of what it said, `stopped` whether a
    person or a time limit ended it, `reason` what went wrong in words.
    """

    ok: bool
    status: int | None
    output: tuple[str, ...]
    stopped: bool = False
    reason: str = ""


def offers(scene: Scene, step: Action | Item) -> tuple[Option, ...]:
    """How the program can run this step itself.  A drill runs nothing."""
    if scene.incident.mode == "drill":
        return ()
    if isinstance(step, Action) and step.end_queries:
        return (STOP_QUERIES, TERMINATE) if rows_chosen(scene.incident, step) else ()
    return (RUN,) if step.run or (isinstance(step, Action) and step.http) else ()


def rows_chosen(incident: Incident, step: Action) -> tuple[str, ...]:
    """The keys of the rows that an action is about."""
    return tuple(filter(None, incident.tree.inputs.get((step.id, "rows"), "").split(", ")))


def started(step: Action | Item, kind: ActionKind, command: str, how: str = "run") -> ActionStarted:
    """The event that comes before anything is run."""
    shell = step.shell and kind != "undo"
    return ActionStarted(step.id, step.text, kind, command, shell, step.takes, how)


def request(scene: Scene) -> Request | None:
    """What is asked while something runs, or after it was interrupted."""
    running = scene.incident.tree.running
    if running is None:
        return None
    return _ask_interrupted(running) if running.interrupted else _watch(scene, running)


def _watch(scene: Scene, running: Running) -> Request:
    about = f", which takes about {in_words(running.estimate)}" if running.estimate else ""
    return Request(
        prompt=f"tree.{running.step}.running",
        ask=WatchAction(running.step),
        phase=_phase(running.kind),
        text=f"Running: {running.text}{about}",
        why="It goes on while you answer something else. Ctrl-C stops the command and not the incident (P-TREE-5).",
        accepts=Accepts(words=(Option("stop", "stop it", "it may have run in part then"),)),
        shown=Shown(said=tuple(lasting.said(lasting.of(scene.book, running.step, lasting.what_of(running.kind))))),
    )


def _ask_interrupted(running: Running) -> Request:
    return Request(
        prompt=f"tree.{running.step}.interrupted",
        ask=AskInterrupted(running.step),
        phase=_phase(running.kind),
        text=f"{running.text} was interrupted and may have run in part. What became of it?",
        why="Nobody saw its end. Look before you run it again: some commands must not be run twice (P-TREE-5).",
        accepts=Accepts(words=_BECAME),
        shown=Shown(
            said=(f"Started {running.started_at:%H:%M:%S} UTC.",),
            commands=(Command("It was:", running.command, running.shell),) if running.command else (),
            output=running.output,
        ),
    )


def _phase(kind: ActionKind) -> Phase:
    return Phase.MITIGATION if kind == "rollback" else Phase.FIRST_MINUTES if kind == "step" else Phase.TREE


def decide(scene: Scene, ask: RunningAsk, reply: Reply) -> list[Event]:
    """What a reply means.  To stop what runs is no fact yet: its end will be one."""
    running = scene.incident.tree.running
    match ask, reply:
        case WatchAction(), Word(value="stop"):
            return []
        case AskInterrupted(), Word(value="done" | "failed" as result) if running:
            return ended(scene, Result(result == "done", None, running.output, reason="as somebody saw"))
        case AskInterrupted(step=step), Word(value="not-run"):
            return [ActionNotRun(step)]
        case AskInterrupted(), Word() if running:
            again = running.text, running.kind, running.command, running.shell, running.estimate, running.how
            return [ActionStarted(running.step, *again)]
        case _:
            raise out_of_place(reply)


def ended(scene: Scene, result: Result) -> list[Event]:
    """The facts that the end of a run is: an undo that worked was the end of its step, too."""
    running = scene.incident.tree.running
    if running is None:
        return []
    outcome: Literal["done", "failed", "interrupted"] = (
        "interrupted" if result.stopped else "done" if result.ok else "failed"
    )
    event = ActionEnded(
        running.step,
        running.text,
        running.kind,
        outcome,
        running.command,
        result.reason,
        running.estimate,
        scene.now - running.started_at,
        result.status,
        result.output,
    )
    undone = running.kind == "undo" and outcome == "done"
    return [event, UndoEnded(running.step, "done")] if undone else [event]


def of_item(steps: Sequence[ListStep], name: str) -> list[Event]:
    """A command of the first five minutes, or of the checklist."""
    item = next(step for step in steps if isinstance(step, Item) and step.id == name)
    return [started(item, "step", item.run)]


def said(scene: Scene, item: Item) -> Iterator[str]:
    """How the command of a step ended that this program ran."""
    last = scene.incident.tree.ran.get(item.id)
    if last is not None:
        yield f"It ran and {'ended well' if last == 0 else f'ended with {last}'}."
