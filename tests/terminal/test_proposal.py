"""An Enter that was already on its way takes neither what moved by itself nor what lets a text go out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from incidentctl.incident.state import Incident
from incidentctl.terminal import proposal as module
from incidentctl.terminal.interface import Screen
from incidentctl.terminal.proposal import Proposal
from incidentctl.terminal.questions import question_of
from incidentctl.walker.posting import saying_where
from incidentctl.walker.replies import Word
from incidentctl.walker.requests import Request
from tests.walker.story import START, at_tree, opened


@dataclass
class Pointer:
    pointed_at: int = 0
    selected_options: list[int] = field(default_factory=list)


@dataclass
class Stopwatch:
    """What `time.monotonic` says."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(name="watch")
def _watch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    watch = Stopwatch()
    monkeypatch.setattr(module, "time", watch)
    return watch


def asked(request: Request | None) -> Request:
    assert request is not None
    return request


def proposal(request: Request, becomes: Word | None = None) -> tuple[Proposal, Pointer]:
    question = question_of(request)
    pointer = Pointer(question.start, list(question.ticked))
    screen = Screen(Incident("x"), lambda: START, lambda: True, proposed=(lambda: becomes) if becomes else None)
    return Proposal(request, screen, question, pointer), pointer


@pytest.mark.rule("P-COMMS-1")
def test_a_key_that_is_held_down_lets_no_update_go_out(watch: Stopwatch) -> None:
    request = saying_where(asked(opened(severity="P1").until("comms.update").request), "goes to the status page")
    one, _ = proposal(request)
    for _ in range(100):  # thirty times a second
        watch.now += 0.03
        assert not one.may_be_taken()
        one.touch()
    watch.now += 0.7
    assert one.may_be_taken(), "it was let go, and looked at"


def test_a_choice_of_its_own_is_taken_at_once(watch: Stopwatch) -> None:
    request = saying_where(asked(opened(severity="P1").until("comms.update").request), "goes to the status page")
    one, _ = proposal(request)
    one.touch()
    assert one.may_be_taken()
    del watch


def test_where_texts_are_copied_by_hand_nothing_waits(watch: Stopwatch) -> None:
    one, _ = proposal(asked(opened(severity="P1").until("comms.update").request))
    assert one.may_be_taken()
    del watch


def test_what_the_evidence_has_just_moved_is_looked_at_first(watch: Stopwatch) -> None:
    request = asked(at_tree().request)
    one, pointer = proposal(request, Word("yes"))
    before = pointer.pointed_at
    one.follow()
    assert pointer.pointed_at != before
    assert not one.may_be_taken()
    one.touch()
    assert not one.touched, "an Enter that was refused is no choice"
    watch.now += 0.7
    assert one.may_be_taken()


def test_a_draft_that_somebody_began_is_theirs(watch: Stopwatch) -> None:
    request = replace(asked(at_tree().request))
    question = question_of(request)
    pointer = Pointer(question.start + 1)
    one = Proposal(request, Screen(Incident("x"), lambda: START, lambda: True), question, pointer)
    assert one.touched
    del watch
