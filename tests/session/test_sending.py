"""Updates through a channel: a real web hook, the real outbox, and nothing without a person's word."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from incidentctl.actions.interface import NoHands
from incidentctl.checks.interface import NoChecks
from incidentctl.comms.drafts import Drafts
from incidentctl.comms.outbox import RealOutbox
from incidentctl.incident.state import Incident
from incidentctl.incident.updates import PostEnded, PostStarted, UpdateSent
from incidentctl.incident.words import Mode
from incidentctl.journal.interface import Journal
from incidentctl.journal.memory import MemoryJournal
from incidentctl.reports.names import Names
from incidentctl.reports.sentences import Sentences
from incidentctl.runbook.model import Audience, Runbook
from incidentctl.session import Session
from incidentctl.terminal.interface import Outcome, Screen, Withdrawn
from incidentctl.walker.requests import Request
from incidentctl.watching import Watching
from tests.servers.recording import Recorder, recording
from tests.session.people import FIRST_MINUTES, Patient, Person, Watch, opening, pinned

SECRET = {"INCIDENTCTL_WEBHOOK_SECRET": "hunter2-canary"}
TO_THE_UPDATE = FIRST_MINUTES[:-2]
NOWHERE = "http://127.0.0.1:9/hook"


@pytest.fixture(name="hook")
def _hook() -> Iterator[Recorder]:
    with recording() as server:
        yield server


def with_hook(book: Runbook, *urls: str) -> Runbook:
    names = ("customers", "internal")
    audiences = (Audience(name, "webhook", values={"url": url}) for name, url in zip(names, urls, strict=True))
    return replace(book, comms=replace(book.comms, audiences=tuple(audiences)))


def session(journal: Journal, person: Person, *urls: str, mode: Mode = "real") -> tuple[Session, str]:
    """A session on an incident that was just opened."""

    def pinned_with_hook(incident: Incident) -> Runbook:
        return with_hook(pinned(incident), *urls)

    watching = Watching(lambda _book, _incident: NoChecks(), NoHands(), outbox=RealOutbox(SECRET))
    desk = Session(journal, person, Drafts(), Watch(), "Ada", pinned=pinned_with_hook, watching=watching)
    book, how = opening()
    return desk, desk.open(with_hook(book, *urls), replace(how, mode=mode))


def walked(desk: Session, incident: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        desk.walk(incident)


def events(journal: Journal, incident: str, kind: type[Any]) -> list[Any]:
    return [entry.event for entry in journal.read(incident) if isinstance(entry.event, kind)]


@pytest.mark.rule("P-COMMS-6", "P-COMMS-8")
def test_one_word_sends_the_update_to_every_audience_in_its_wording(hook: Recorder) -> None:
    journal = MemoryJournal()
    sent_before: list[int] = []
    person = Patient(*TO_THE_UPDATE, "send")
    person.looking = lambda request, _: sent_before.append(len(hook.asked))
    desk, incident = session(journal, person, hook.url, hook.url)
    walked(desk, incident)
    assert sent_before[: len(TO_THE_UPDATE) + 1] == [0] * (len(TO_THE_UPDATE) + 1), "nothing went out before"
    bodies = {body["audience"]: body for body in (json.loads(asked.body) for asked in hook.asked)}
    assert bodies.keys() == {"customers", "internal"}
    assert bodies["internal"]["text"].startswith("P1 search: Search is down.")
    assert "comms.sent" not in person.prompts, "the servers have said so"
    (sent,) = events(journal, incident, UpdateSent)
    assert sent.posted == ("customers", "internal")
    assert all(ended.id for ended in events(journal, incident, PostEnded))
    assert person.prompts[-1] == "tree.recent-deploy"


def test_the_question_says_where_it_goes(hook: Recorder) -> None:
    person = Patient(*TO_THE_UPDATE)
    desk, incident = session(MemoryJournal(), person, hook.url, hook.url)
    walked(desk, incident)
    hints = {option.value: option.hint for option in person.asked[-1].accepts.words}
    assert "127.0.0.1" in hints["send"]
    assert hints["edit"] == ""


@pytest.mark.rule("P-COMMS-6")
def test_a_channel_that_fails_becomes_a_line_and_a_text_to_copy(hook: Recorder) -> None:
    journal = MemoryJournal()
    person = Patient(*TO_THE_UPDATE, "send", "yes")
    desk, incident = session(journal, person, hook.url, NOWHERE)
    walked(desk, incident)
    asked = next(request for request in person.asked if request.prompt == "comms.sent")
    assert [text.audience for text in asked.shown.texts] == ["internal"]
    (why,) = (said for said in asked.shown.said if "did not take the text for internal" in said)
    assert not any("did not take" in said for said in person.heard), f"one line says it: {why}"
    assert any("has the text for customers" in said for said in person.heard)
    (sent,) = events(journal, incident, UpdateSent)
    assert (set(sent.audiences), sent.posted) == ({"customers", "internal"}, ("customers",))


def test_a_person_who_waits_sees_the_question_go_when_it_has_arrived(hook: Recorder) -> None:
    def waits(request: Request, screen: Screen) -> Outcome:
        assert request.prompt == "comms.sending"
        while screen.still_open():
            pass
        return Withdrawn()

    person = Person(*TO_THE_UPDATE, "send", waits)
    desk, incident = session(MemoryJournal(), person, hook.url, hook.url)
    walked(desk, incident)
    assert any(line.startswith("Update (investigating) sent to customers, internal") for line in person.heard)


def test_what_was_on_its_way_at_a_crash_is_never_sent_twice(hook: Recorder) -> None:
    journal = MemoryJournal()

    def dies(request: Request, screen: Screen) -> Outcome:
        raise KeyboardInterrupt

    person = Person(*TO_THE_UPDATE, "send", dies)
    with socket.create_server(("127.0.0.1", 0)) as mute:  # which takes the text, and never says so
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        desk, incident = session(journal, person, url, url)
        walked(desk, incident)
    started = events(journal, incident, PostStarted)
    assert len(started) == 2
    again = Patient("no")
    watching = Watching(lambda _book, _incident: NoChecks(), NoHands(), outbox=RealOutbox(SECRET))
    pin = lambda opened: with_hook(pinned(opened), hook.url, hook.url)  # noqa: E731 - of one line, and used once
    other = Session(journal, again, Drafts(), Watch(), "Ada", pinned=pin, watching=watching)
    with pytest.raises(KeyboardInterrupt):
        other.resume(incident, [])
    assert hook.asked == [], "a web hook cannot be asked whether it has it, and so a person looks"
    assert [ended.result for ended in events(journal, incident, PostEnded)] == ["perhaps", "perhaps"]
    assert any("Look before you copy it" in said for said in again.asked[0].shown.said)
    assert not any("may have the text" in said for said in again.heard), "the reason stands above the question, once"


def test_a_drill_sends_nothing(hook: Recorder) -> None:
    person = Patient(*TO_THE_UPDATE, "send", "yes")
    desk, incident = session(MemoryJournal(), person, hook.url, hook.url, mode="drill")
    walked(desk, incident)
    assert hook.asked == []
    assert "comms.sent" in person.prompts


def test_without_the_secret_the_texts_are_copied(hook: Recorder) -> None:
    outbox = RealOutbox({})
    book = with_hook(opening()[0], hook.url, hook.url)
    assert outbox.names(book) == {}
    assert "INCIDENTCTL_WEBHOOK_SECRET is not set" in outbox.why_not(book.comms.audiences[0])


def test_no_secret_gets_into_the_journal(hook: Recorder) -> None:
    journal = MemoryJournal()
    desk, incident = session(journal, Patient(*TO_THE_UPDATE, "send", "yes"), hook.url, NOWHERE)
    walked(desk, incident)
    assert "hunter2-canary" not in repr(journal.read(incident))


def test_the_timeline_says_which_audience_is_only_a_persons_word(hook: Recorder) -> None:
    journal = MemoryJournal()
    desk, incident = session(journal, Patient(*TO_THE_UPDATE, "send", "yes"), hook.url, NOWHERE)
    walked(desk, incident)
    entry = next(one for one in journal.read(incident) if isinstance(one.event, UpdateSent))
    said = Sentences(Names(opening()[0]), UTC).of(entry.event, entry.occurred_at)
    assert "sent to customers, internal (internal by hand, as somebody says); the next one by" in said
