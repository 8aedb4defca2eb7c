"""The incident's channel in Slack, from the walk: a real HTTP server, and nothing without a person's word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from incidentctl.actions.interface import NoHands
from incidentctl.checks.interface import NoChecks
from incidentctl.comms.drafts import Drafts
from incidentctl.comms.rooms import RealRooms
from incidentctl.incident.fold import fold
from incidentctl.incident.rooms import RoomEnded, RoomStarted
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Mode
from incidentctl.journal.interface import Journal
from incidentctl.journal.memory import MemoryJournal
from incidentctl.session import Session
from incidentctl.terminal.interface import Outcome, Screen
from incidentctl.walker.requests import Request
from incidentctl.watching import Watching
from tests.servers.slack import TOKEN, Slack, slack
from tests.session.people import Patient, Person, Watch, opening, pinned

NAME = "incident-20261123-0312"


@pytest.fixture(name="workspace")
def _workspace() -> Iterator[Slack]:
    with slack() as server:
        yield server


def walked(journal: Journal, person: Person, environ: Mapping[str, str], mode: Mode = "real") -> Incident:
    """Where an incident stands after everything that the person said."""
    watching = Watching(lambda _book, _incident: NoChecks(), NoHands(), rooms=RealRooms(environ))
    desk = Session(journal, person, Drafts(), Watch(), "Ada", pinned=pinned, watching=watching)
    book, how = opening()
    incident = desk.open(book, replace(how, mode=mode))
    with pytest.raises(KeyboardInterrupt):
        desk.walk(incident)
    watching.rooms.settle()
    return fold(incident, journal.read(incident))


@pytest.mark.rule("P-FIRST-2")
def test_one_word_opens_the_channel_and_its_topic_follows(workspace: Slack) -> None:
    journal, person, before = MemoryJournal(), Patient(None, "create", None, ["critically degraded"], None), []
    person.looking = lambda request, _: before.append((request.prompt, len(workspace.channels)))
    incident = walked(journal, person, workspace.environ)
    assert before[:2] == [("first.acknowledge", 0), ("first.channel", 0)], "nothing was opened before"
    (channel,) = workspace.channels
    assert (channel.name, incident.channel) == (NAME, NAME)
    assert isinstance(incident.room, RoomEnded)
    assert incident.room.id == channel.id
    assert incident.room.url.endswith(f"/app_redirect?channel={channel.id}")
    assert channel.topic == "P1 search: Search is down | IC Ada"


def test_a_failure_falls_back_to_the_typed_name(workspace: Slack) -> None:
    workspace.scopes.discard("channels:manage")
    journal, person = MemoryJournal(), Patient(None, "create", "war-room")
    incident = walked(journal, person, workspace.environ)
    assert person.prompts[1:3] == ["first.channel", "first.channel"]
    assert any("the Slack app lacks" in line for line in person.asked[2].shown.said)
    assert incident.channel == "war-room"
    assert workspace.channels == []
    assert TOKEN not in repr(journal.read(incident.id)) + repr(person.heard)


def test_a_topic_that_slack_does_not_take_is_a_line_and_no_more(workspace: Slack) -> None:
    def forbids(request: Request, screen: Screen) -> Outcome:
        workspace.scopes.discard("channels:manage")
        return Person(["critically degraded"]).ask(request, screen)

    seen: list[str] = []
    person = Patient(None, "create", None, forbids, None, None)
    person.looking = lambda _, screen: seen.extend(screen.live())
    incident = walked(MemoryJournal(), person, workspace.environ)
    assert any(line.startswith("The channel has no topic: the Slack app lacks") for line in seen)
    assert incident.channel == NAME


def test_what_was_on_its_way_at_a_crash_is_left_to_a_person(workspace: Slack) -> None:
    def dies(request: Request, screen: Screen) -> Outcome:
        raise KeyboardInterrupt

    journal = MemoryJournal()
    workspace.swallowed = True
    watching = Watching(lambda _book, _incident: NoChecks(), NoHands(), rooms=RealRooms(workspace.environ))
    desk = Session(journal, Person(None, "create", dies), Drafts(), Watch(), "Ada", pinned=pinned, watching=watching)
    book, how = opening()
    incident = desk.open(book, how)
    with pytest.raises(KeyboardInterrupt):
        desk.walk(incident)
    assert isinstance(fold(incident, journal.read(incident)).room, RoomStarted)
    again = Patient()
    watching = Watching(lambda _book, _incident: NoChecks(), NoHands(), rooms=RealRooms(workspace.environ))
    other = Session(journal, again, Drafts(), Watch(), "Ada", pinned=pinned, watching=watching)
    with pytest.raises(KeyboardInterrupt):
        other.resume(incident, [])
    assert again.prompts == ["first.channel"]
    assert any("Look there" in line for line in again.asked[0].shown.said)
    assert len(workspace.asked) <= 1


def test_a_drill_and_a_terminal_without_a_token_are_offered_nothing(workspace: Slack) -> None:
    for environ, mode in ((workspace.environ, "drill"), ({}, "real")):
        person = Patient(None)
        walked(MemoryJournal(), person, environ, mode)  # type: ignore[arg-type]
        assert person.prompts[-1] == "first.channel"
        assert person.asked[-1].accepts.words == ()
    assert workspace.asked == []
