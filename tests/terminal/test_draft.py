"""A note belongs to the incident: it outlives the question that it was begun over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.terminal.draft import Draft, NoteDraft
from incidentctl.terminal.questions import question_of
from incidentctl.walker.replies import Accepts
from incidentctl.walker.requests import AskInput
from tests.terminal.examples import DRAFT, ROLE, SEVERITY, TREE, UPDATE, WORDS


@pytest.mark.rule("P-COMMS-3")
def test_it_waits_while_an_update_is_due_and_comes_back_with_its_question() -> None:
    note = NoteDraft()
    note.begin(TREE)
    note.go_on(UPDATE)
    assert not note.is_over(UPDATE)
    note.go_on(TREE)
    assert note.is_over(TREE)


def test_where_its_question_is_gone_it_goes_on_over_the_next_but_over_no_update() -> None:
    note = NoteDraft()
    note.begin(TREE)
    note.outlive(SEVERITY)
    note.outlive(TREE)
    note.go_on(UPDATE)
    assert not note.is_over(UPDATE)
    note.go_on(ROLE)
    assert note.is_over(ROLE)
    assert not note.is_over(TREE)


def test_what_somebody_typed_is_told_apart_from_what_stood_there_and_holds_no_secret() -> None:
    draft = Draft.of(WORDS, question_of(WORDS))
    draft.texts[""] = DRAFT
    assert list(draft.typed()) == []
    draft.texts[""] = "Paying works; token: hunter2hunter2"
    assert list(draft.typed()) == ["Paying works; token: <redacted>"]
    asked = replace(TREE, ask=AskInput("roll-back", "password"), accepts=Accepts(text=True), default=None)
    secret = Draft.of(asked, question_of(asked))
    secret.texts[""] = "hunter2"
    assert list(secret.typed()) == ["<redacted>"]
