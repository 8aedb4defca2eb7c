"""Laws of the decision tree, for any tree that a runbook may hold (P-TREE)."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.events import ActionEnded, MitigationChosen, TreeAnswered
from incidentctl.runbook.model import Action, Need, Note, Omitted, Question, TreeStep, steps_below
from incidentctl.walker.replies import Skip, Word
from incidentctl.walker.requests import ClearAsk, ConfirmAction, MitigationAsk, TreeAsk
from tests.properties.test_walk import finish, replies
from tests.walker.story import BOOK, Story, minutes, opened


@st.composite
def trees(draw: st.DrawFn) -> tuple[TreeStep, ...]:
    """Any tree: questions at its top, anything below, three deep."""
    numbers = count(1)

    def steps(depth: int) -> tuple[TreeStep, ...]:
        kinds = st.lists(st.sampled_from(["note", "action", "rollback", "question", "omitted"]), max_size=3)
        return tuple(step(kind, depth) for kind in draw(kinds) if depth > 0 or kind != "question")

    def step(kind: str, depth: int) -> TreeStep:
        name = f"{kind}-{next(numbers)}"
        if kind == "question":
            return Question(name, f"{name}?", if_yes=steps(depth - 1), if_no=steps(depth - 1))
        if kind == "note":
            return Note(name, name)
        if kind == "omitted":
            return Omitted(name, name, "not here")
        needs = (Need("pod", "Which pod?"),) if draw(st.booleans()) else ()
        undo = draw(st.sampled_from(["", "undo it"]))
        return Action(name, name, kind="rollback" if kind == "rollback" else "action", undo=undo, needs=needs)

    return tuple(step("question", 2) for _ in range(draw(st.integers(1, 3))))


@st.composite
def walks(draw: st.DrawFn) -> Story:
    """A story that stands somewhere in such a tree, with anything said on the way."""
    book = replace(BOOK, tree=draw(trees()))
    story = opened(book, severity=draw(st.sampled_from(["P1", "P2"]))).until(f"tree.{book.tree[0].id}")
    for _ in range(draw(st.integers(0, 25))):
        request = story.passes(draw(st.sampled_from([minutes(0), minutes(3), minutes(31)]))).request
        if request is None or not story.incident.is_open:
            break
        if isinstance(request.ask, TreeAsk | MitigationAsk | ClearAsk):
            often = [Word(option.value) for option in request.accepts.words if option.value in ("yes", "no", "done")]
            story.replies(request, draw(st.sampled_from(often) if often else replies(request)))
        else:
            story.says()
    return story


@given(walks())
@pytest.mark.rule("P-TREE-6")
def test_no_tree_is_a_dead_end(story: Story) -> None:
    finish(story)
    assert not story.incident.is_open


@given(walks())
@pytest.mark.rule("P-TREE-5")
def test_nothing_is_done_that_no_answer_leads_to(story: Story) -> None:
    steps = {step.id: step for step in steps_below(story.book.tree)}
    reachable = set()
    for entry in story.entries:
        event = entry.event
        if isinstance(event, TreeAnswered):
            reachable |= {event.question, *event.leads_to}
        elif isinstance(event, MitigationChosen):
            reachable.add(event.step)
        elif isinstance(event, ActionEnded) and event.step in steps:
            assert event.step in reachable


@given(walks())
def test_peer_defect_03_at_any_depth_what_was_skipped_is_never_recorded_as_done(story: Story) -> None:
    while (request := story.request) is not None and story.incident.is_open:
        if isinstance(request.ask, ConfirmAction):
            story.replies(request, Skip("not allowed to"))
            ended = story.entries[-1].event
            assert isinstance(ended, ActionEnded)
            assert ended.result == "skipped"
            assert story.request is not None
            assert not story.request.prompt.startswith(f"tree.{ended.step}."), "nothing more is asked about it"
            return
        if request.prompt in ("tree.exhausted", "clear.verify"):
            return
        story.says("nearly there" if request.default is None and request.accepts.text else _onwards(request.prompt))


def _onwards(prompt: str) -> str | None:
    return (
        "faster" if prompt == "mitigation.blocker" else "yes" if prompt.count(".") == 1 and "tree." in prompt else None
    )
