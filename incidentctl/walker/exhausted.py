"""The end of the tree without a cause is never a dead end (P-TREE-6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incidentctl.incident.state import Said
from incidentctl.incident.words import Answer
from incidentctl.runbook.model import Action, Question, steps_below
from incidentctl.walker.replies import Accepts, Option
from incidentctl.walker.requests import AskExhausted, Phase, Request, Shown
from incidentctl.walker.scene import Scene, in_words

STALE: Final = timedelta(minutes=30)
"""An answer older than this is asked again in another round (P-TREE-6)."""


def request(scene: Scene, notes: tuple[str, ...]) -> Request:
    """The end of the tree without a cause: `notes` are what the runbook says last."""
    tree = scene.incident.tree
    ruled_out = [f"{said.text} {_in_words(said)} ({ago(scene, said)})" for said in tree.answers.values()]
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
        shown=Shown(said=(*notes, *(("So far:", *ruled_out) if ruled_out else ()))),
    )


def ago(scene: Scene, said: Said) -> str:
    """How long ago something was said."""
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
