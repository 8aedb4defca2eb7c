"""The loop: what is on disk before what is shown, and what becomes of interruptions, other writers and secrets."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from incidentctl.comms.drafts import Drafts
from incidentctl.errors import AnswerNeeded, NotAllowed, NotFound, StoreUnreachable
from incidentctl.incident.events import (
    AllClearGiven,
    IncidentOpened,
    IncidentResumed,
    NoteAdded,
    PageAcknowledged,
    RoleAssigned,
    UpdateSent,
    UpdateWritten,
)
from incidentctl.incident.fold import fold
from incidentctl.journal.interface import Journal
from incidentctl.journal.memory import MemoryJournal
from incidentctl.journal.sqlite import SqliteJournal
from incidentctl.runbook.answers import Row
from incidentctl.session import Opening, Session
from incidentctl.terminal.console import Console, Look
from incidentctl.terminal.interface import Noted, Outcome, Replied, Screen, Withdrawn
from incidentctl.terminal.scripted import ScriptedPrompter
from incidentctl.walker import acts
from incidentctl.walker.replies import Word
from incidentctl.walker.requests import Request
from tests.session.people import (
    BEGIN,
    FIRST_MINUTES,
    TO_THE_END,
    Person,
    Watch,
    opening,
    pinned,
    said,
    session,
)


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    journal: Journal = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "store.db")
    yield journal
    journal.close()


def walked(journal: Journal, person: Person, watch: Watch | None = None) -> str:
    """Open an incident and walk it until the person stops."""
    desk = session(journal, person, watch=watch)
    incident = desk.open(*opening())
    with pytest.raises(KeyboardInterrupt):
        desk.walk(incident)
    return incident


def test_an_id_says_when_the_incident_opened(journal: Journal) -> None:
    incident = session(journal, Person()).open(*opening())
    assert incident.startswith("20261123-0312-")
    assert [*journal.incidents()] == [incident]


def test_an_opening_that_is_refused_records_nothing(journal: Journal) -> None:
    with pytest.raises(NotAllowed):
        session(journal, Person()).open(*opening(severity="P9"))
    assert [*journal.incidents()] == []


def test_every_reply_is_on_disk_before_the_next_prompt_is_drawn(journal: Journal) -> None:
    person = Person(*FIRST_MINUTES, *TO_THE_END)
    seen: list[tuple[int, int]] = []
    person.looking = lambda _, screen: seen.append((journal.last_seq(screen.incident.id), screen.incident.seq))
    desk = session(journal, person)
    desk.walk(desk.open(*opening()))
    assert all(stored == folded for stored, folded in seen)
    assert [stored for stored, _ in seen] == sorted({stored for stored, _ in seen})
    assert not person.answers


def test_a_walk_that_is_cut_before_any_prompt_goes_on_as_if_it_never_was() -> None:
    answers = (*FIRST_MINUTES, *TO_THE_END)
    whole = MemoryJournal()
    desk = session(whole, Person(*answers))
    uncut = desk.open(*opening())
    desk.walk(uncut)
    for cut in range(len(answers)):
        journal = MemoryJournal()
        incident = walked(journal, Person(*answers[:cut]))
        session(journal, Person(*answers[cut:])).resume(incident, [])
        again = [entry for entry in said(journal.read(incident)) if not isinstance(entry[0], IncidentResumed)]
        assert again == said(whole.read(uncut)), f"cut before prompt {cut + 1}"


def test_peer_defect_01_resume_asks_what_was_open_although_the_runbook_changed(tmp_path: Path) -> None:
    from incidentctl.cli.books import book_of
    from incidentctl.runbook.load import load_service

    file = tmp_path / "shop.yaml"
    file.write_text("format: 1\nservice: shop\ndecision_tree:\n  - {ask: Is the moon full?, id: moon}\n")
    book = book_of(load_service(tmp_path, "shop"))
    assert book is not None
    journal, first = MemoryJournal(), Person(*FIRST_MINUTES)
    desk = Session(journal, first, Drafts(), Watch(), "Ada", pinned=pinned)
    incident = desk.open(book.runbook, Opening("real", book.layers, "It is slow"))
    with pytest.raises(KeyboardInterrupt):
        desk.walk(incident)
    file.write_text(file.read_text().replace("  - {ask", "  - {ask: Is it Monday?, id: monday}\n  - {ask"))
    second = Person()
    with pytest.raises(KeyboardInterrupt):
        Session(journal, second, Drafts(), Watch(), "Ada", pinned=pinned).resume(incident, [])
    assert first.prompts[-1] == "tree.moon"
    assert second.prompts == ["tree.moon"]


def test_no_secret_reaches_the_journal(journal: Journal) -> None:
    secret = "hunter2hunter2"  # noqa: S105 - the canary
    book, wanted = opening(title=f"password: {secret}")
    person = Person(None, {"skip": f"token={secret}"}, lambda *_: Noted(f"API_KEY={secret}"))
    desk = session(journal, person)
    incident = desk.open(book, wanted)
    with pytest.raises(KeyboardInterrupt):
        desk.walk(incident)
    assert secret not in str(journal.read(incident))
    assert str(journal.read(incident)).count("<redacted>") == 3


def test_a_note_at_a_prompt_is_kept_and_the_question_stays(journal: Journal) -> None:
    person = Person(lambda *_: Noted("the dashboard is down, too"))
    incident = walked(journal, person)
    entry = journal.read(incident)[-1]
    assert (entry.event, entry.prompt) == (NoteAdded("the dashboard is down, too"), None)
    assert person.prompts == ["first.acknowledge", "first.acknowledge"]


def test_the_role_of_an_entry_is_its_authors_at_that_time(journal: Journal) -> None:
    incident = walked(journal, Person(None, None))
    assert [(entry.author, entry.role) for entry in journal.read(incident)] == [
        ("Ada", ""), ("Ada", ""), ("Ada", "ic"),
    ]  # fmt: skip


# --- what interrupts ---------------------------------------------------------------------------------------


@pytest.mark.rule("P-COMMS-3")
def test_a_question_stays_open_until_an_update_falls_due(journal: Journal) -> None:
    watch, person = Watch(), Person(*FIRST_MINUTES)
    screens: list[Screen] = []
    person.looking = lambda _, screen: screens.append(screen)
    walked(journal, person, watch)
    still_open = screens[-1].still_open
    assert still_open()
    watch.move(timedelta(minutes=30) - timedelta(seconds=1))
    assert still_open()
    watch.move(timedelta(seconds=1))
    assert not still_open()


@pytest.mark.rule("P-COMMS-3", "P-ROLL-4")
def test_the_update_takes_the_question_away_and_gives_it_back(journal: Journal) -> None:
    watch = Watch()

    def until_it_is_withdrawn(request: Request, screen: Screen) -> Outcome:
        del request
        watch.move(timedelta(minutes=30))
        assert not screen.still_open()
        return Withdrawn()

    once_more = (None, "yes", "fix-forward", "it is nearly done", "faster", "20 min", None)
    person = Person(*FIRST_MINUTES, until_it_is_withdrawn, *once_more)
    walked(journal, person, watch)
    assert person.prompts[person.prompts.index("tree.recent-deploy") :] == [
        "tree.recent-deploy",
        "comms.update", "comms.sent",
        "mitigation.reconsider", "mitigation.reason", "mitigation.blocker", "mitigation.estimate",
        "roles.comms-lead",
        "tree.recent-deploy",
    ]  # fmt: skip


def test_a_question_is_withdrawn_when_somebody_else_writes(journal: Journal) -> None:
    def bob_writes(request: Request, screen: Screen) -> Outcome:
        del request
        session(journal, Person(), "Bob").act(screen.incident.id, acts.AddNote("I look at the database"))
        assert not screen.still_open()
        return Withdrawn()

    person = Person(bob_writes)
    walked(journal, person)
    assert person.heard == ["Bob wrote meanwhile: I look at the database"]
    assert person.prompts == ["first.acknowledge", "first.acknowledge"]


def test_the_second_of_two_writers_is_told_and_asked_again(journal: Journal) -> None:
    def bob_is_faster(request: Request, screen: Screen) -> Outcome:
        bob = session(journal, Person(None), "Bob")
        with pytest.raises(KeyboardInterrupt):
            bob.walk(screen.incident.id)
        return Replied(Word("done")) if request.prompt == "first.acknowledge" else Withdrawn()

    person = Person(bob_is_faster)
    incident = walked(journal, person)
    acknowledged = [entry.author for entry in journal.read(incident) if isinstance(entry.event, PageAcknowledged)]
    assert acknowledged == ["Bob"]
    assert person.heard[0].startswith("Bob wrote meanwhile: ")
    assert "not recorded" in person.heard[1]
    assert person.taken_back == 1
    assert person.prompts == ["first.acknowledge", "first.channel"]


def test_a_row_of_a_script_that_came_second_answers_again_and_is_shown_once() -> None:
    journal, out = MemoryJournal(), io.StringIO()

    class BobIsFaster(ScriptedPrompter):
        def ask(self, request: Request, screen: Screen) -> Outcome:
            outcome = super().ask(request, screen)
            if journal.last_seq(screen.incident.id) == 1:
                session(journal, Person(), "Bob").act(screen.incident.id, acts.AddNote("I look at it"))
            return outcome

    rows = (Row("first.acknowledge", "done"),)
    with BobIsFaster(rows, Watch(), Console(out, Look())) as script:
        desk = Session(journal, script, Drafts(), Watch(), "Ada", pinned=pinned)
        incident = desk.open(*opening())
        with pytest.raises(AnswerNeeded, match=r"first\.channel"):
            desk.walk(incident)
    kinds = [type(event) for event, _ in said(journal.read(incident))]
    assert kinds == [IncidentOpened, NoteAdded, PageAcknowledged]
    assert out.getvalue().count("Acknowledge the page  done") == 1
    assert script.unused() == ()


def test_an_act_is_judged_again_where_somebody_wrote_first(journal: Journal) -> None:
    ada, bob = session(journal, Person()), session(journal, Person(), "Bob")
    incident = ada.open(*opening())
    bob.act(incident, acts.AddNote("first"))
    ada.act(incident, acts.AddNote("second"))
    assert [event.text for event, _ in said(journal.read(incident)) if isinstance(event, NoteAdded)] == [
        "first", "second",
    ]  # fmt: skip


def test_an_open_question_survives_a_store_that_is_away() -> None:
    class Away(MemoryJournal):
        def last_seq(self, incident: str) -> int:
            raise StoreUnreachable(incident)

    screens: list[Screen] = []
    person = Person()
    person.looking = lambda _, screen: screens.append(screen)
    walked(Away(), person)
    assert screens[0].still_open()


# --- single questions and acts -----------------------------------------------------------------------------


@pytest.mark.rule("P-ROLE-4")
def test_a_reply_that_a_rule_refuses_is_explained_and_asked_again(journal: Journal) -> None:
    person = Person(*FIRST_MINUTES[:6], " ADA ", "Bob")
    incident = walked(journal, person)
    assert person.prompts[6:8] == ["roles.comms-lead", "roles.comms-lead"]
    assert any("P-ROLE-4" in line for line in person.heard)
    assert fold(incident, journal.read(incident)).holder("comms-lead") == "Bob"


def test_update_asks_for_one_update_and_nothing_else(journal: Journal) -> None:
    incident = walked(journal, Person(*FIRST_MINUTES))
    person = Person("edit", "We know the cause.", ["customers"])
    session(journal, person).update(incident)
    assert person.prompts == ["comms.update", "comms.text", "comms.sent"]
    sent = [event for event, _ in said(journal.read(incident)) if isinstance(event, UpdateSent)]
    assert [text.text for text in sent[-1].texts if text.audience == "customers"] == ["We know the cause."]


def test_resolve_asks_for_the_verification_and_leaves_the_rest_for_later(journal: Journal) -> None:
    incident = walked(journal, Person(*FIRST_MINUTES))
    person = Person("yes")
    resolved = session(journal, person).resolve(incident)
    assert person.prompts == ["clear.verify"]
    assert resolved.condition == "resolved"
    assert any(isinstance(event, AllClearGiven) for event, _ in said(journal.read(incident)))
    assert set(resolved.clear.items.values()) == {"later"}


@pytest.mark.rule("P-COMMS-8")
def test_an_update_occurred_when_its_text_was_made(journal: Journal) -> None:
    watch = Watch()

    def three_minutes_later(request: Request, screen: Screen) -> Outcome:
        del request, screen
        watch.move(timedelta(minutes=3))
        return Replied(Word("yes"))

    incident = walked(journal, Person(*FIRST_MINUTES[:-1], three_minutes_later), watch)
    update = {type(entry.event): entry for entry in journal.read(incident)}
    assert update[UpdateSent].occurred_at == update[UpdateWritten].occurred_at == BEGIN
    assert update[UpdateSent].recorded_at == BEGIN + timedelta(minutes=3)


def test_acts_on_an_unknown_incident_say_so(journal: Journal) -> None:
    with pytest.raises(NotFound):
        session(journal, Person()).act("20200101-0000-abc", acts.Resume())


def test_a_note_may_have_happened_before_the_incident(journal: Journal) -> None:
    desk = session(journal, Person())
    incident = desk.open(*opening())
    desk.act(incident, acts.AddNote("the page was late", BEGIN - timedelta(minutes=10)))
    opened, note = journal.read(incident)
    assert isinstance(opened.event, IncidentOpened)
    assert (note.occurred_at, note.recorded_at) == (BEGIN - timedelta(minutes=10), BEGIN)


def test_an_assignment_is_recorded_under_its_author(journal: Journal) -> None:
    desk = session(journal, Person(), "Bob")
    incident = desk.open(*opening())
    desk.act(incident, acts.Assign("engineer", " Eve "))
    entry = journal.read(incident)[-1]
    assert (entry.event, entry.author) == (RoleAssigned("engineer", "Eve"), "Bob")


def test_an_update_without_the_walk_asks_first_what_customers_call_it(journal: Journal) -> None:
    person = Person("the shop", "send", "yes")
    desk = session(journal, person)
    incident = desk.open(*opening(severity="P1"))
    after = desk.update(incident)
    assert person.prompts == ["comms.feature", "comms.update", "comms.sent"]
    assert after.comms.sent == 1
