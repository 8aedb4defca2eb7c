"""Several people at one incident, each in a session of their own: who comes and who goes stands in the journal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidentctl.incident.events import IncidentResumed
from incidentctl.incident.presence import ResponderJoined, ResponderLeft
from incidentctl.journal.interface import Journal
from incidentctl.journal.memory import MemoryJournal
from incidentctl.terminal.interface import Outcome, Screen, Withdrawn, known_due
from incidentctl.walker import acts
from incidentctl.walker.requests import Request
from tests.session.people import FIRST_MINUTES, Person, Watch, opening, session

DEPLOY = "tree.recent-deploy"


def begun(journal: Journal, watch: Watch) -> str:
    """Ada has walked to the tree, and stopped there, alone; then Carla became comms lead."""
    ada = session(journal, Person(*FIRST_MINUTES), watch=watch)
    incident = ada.open(*opening())
    with pytest.raises(KeyboardInterrupt):
        ada.walk(incident)
    ada.act(incident, acts.Assign("comms-lead", "Carla"))
    return incident


def goes_on(journal: Journal, incident: str, who: str, person: Person, watch: Watch) -> None:
    """They resume, and press Ctrl-C when `person` has no answer left."""
    with pytest.raises(KeyboardInterrupt):
        session(journal, person, who, watch).resume(incident, [])


def coming_and_going(journal: Journal, incident: str) -> list[tuple[str, type]]:
    kinds = (ResponderJoined, ResponderLeft, IncidentResumed)
    return [(entry.author, type(entry.event)) for entry in journal.read(incident) if isinstance(entry.event, kinds)]


def test_one_person_who_stops_and_goes_on_leaves_no_new_entries() -> None:
    journal, watch = MemoryJournal(), Watch()
    incident = begun(journal, watch)
    goes_on(journal, incident, "Ada", Person(), watch)
    assert coming_and_going(journal, incident) == [("Ada", IncidentResumed)]


def test_who_joins_and_who_leaves_is_written_down_and_told() -> None:
    journal, watch = MemoryJournal(), Watch()
    incident = begun(journal, watch)

    def carla_comes_and_goes(request: Request, screen: Screen) -> Outcome:
        del request
        goes_on(journal, incident, "Carla", Person(), watch)
        assert not screen.still_open()
        return Withdrawn()

    ada = Person(carla_comes_and_goes)
    goes_on(journal, incident, "Ada", ada, watch)
    assert coming_and_going(journal, incident) == [
        ("Ada", IncidentResumed),
        ("Carla", ResponderJoined),
        ("Carla", ResponderLeft),
    ]
    assert [line.partition(": ")[2].split()[0].strip(",:") for line in ada.heard] == ["Joined", "Left"]


@pytest.mark.rule("P-COMMS-3", "P-ROLE-2")
def test_with_the_lead_at_her_desk_the_open_question_of_the_commander_stands_for_two_minutes() -> None:
    journal, watch = MemoryJournal(), Watch()
    incident = begun(journal, watch)

    def half_an_hour_passes(request: Request, screen: Screen) -> Outcome:
        del request
        watch.move(timedelta(minutes=30))
        assert not screen.still_open()
        return Withdrawn()

    def looks(request: Request, screen: Screen) -> Outcome:
        assert request.prompt == "mitigation.reconsider", "which comes after an update, were there one to ask"
        watch.move(timedelta(seconds=119))
        assert screen.still_open()
        waiting = [(one.what, one.first, one.asked_at - watch.at) for one in known_due(screen) or () if one.first]
        assert waiting == [("update", "Carla", timedelta(seconds=1))]
        watch.move(timedelta(seconds=1))
        assert not screen.still_open()
        return Withdrawn()

    def carla_at_her_desk(request: Request, screen: Screen) -> Outcome:
        """She looks on, and says nothing, while Ada sits at hers."""
        del request, screen
        ada = Person(half_an_hour_passes, looks)
        goes_on(journal, incident, "Ada", ada, watch)
        assert ada.prompts == [DEPLOY, "mitigation.reconsider", "comms.update"]
        return Withdrawn()

    goes_on(journal, incident, "Carla", Person(carla_at_her_desk), watch)
    assert coming_and_going(journal, incident)[0] == ("Carla", ResponderJoined)
