"""Several people in one incident: who of them is asked for an update, and when (*The order*, "who is asked")."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.runbook.model import Runbook
from incidentctl.terminal.header import header_text, title
from incidentctl.text.escape import columns
from incidentctl.walker import acts, due, presence, walk
from incidentctl.walker.replies import Raw, read_reply
from tests.walker.story import BOOK, Story, minutes, opened, with_drafts

TREE = "tree.recent-deploy"
A_SECOND = timedelta(seconds=1)


def asked_of(story: Story, me: str) -> str | None:
    """The prompt that is open in the terminal of `me`."""
    request = walk.request(story.book, story.incident, story.now, me)
    return request.prompt if request else None


def by(story: Story, who: str) -> Story:
    """From here on `who` acts."""
    story.author = who
    return story


def joins(story: Story, who: str) -> Story:
    """They open a terminal."""
    return by(by(story, who).does(acts.Resume(who)), "ada")


def leaves(story: Story, who: str) -> Story:
    """They stop there, and their program says so."""
    return by(by(story, who).does(acts.Leave(who)), "ada")


def answered_by(story: Story, who: str, raw: Raw) -> Story:
    """They answer what is asked in their terminal."""
    request = walk.request(story.book, story.incident, story.now, who)
    assert request is not None
    made = with_drafts(request)
    return by(by(story, who).replies(made, read_reply(made.prompt, made.accepts, raw)), "ada")


def with_a_lead(book: Runbook = BOOK, severity: str = "P1") -> Story:
    """Ada is IC, and Carla comms lead; both are there, at the first question of the tree, every update sent."""
    story = opened(book, severity=severity).until(TREE)
    # The question whether to roll back, which is due at the same time, stays out of these stories.
    story.incident = replace(story.incident, decision_due_at=None)
    story.does(acts.Assign("ic", "Ada")).does(acts.Assign("comms-lead", "Carla"))
    return joins(story, "Carla")


def header_of(story: Story, me: str) -> str:
    known = due.moments(story.incident, story.now, story.book, story.phase, me)
    return header_text(story.incident, story.now, 80, known)


@pytest.mark.rule("P-ROLE-2", "P-COMMS-3")
def test_the_comms_lead_is_asked_when_it_is_due_and_the_others_two_minutes_later() -> None:
    story = with_a_lead().passes(minutes(30) - A_SECOND)
    assert (asked_of(story, "Carla"), asked_of(story, "Ada")) == (TREE, TREE)
    story.passes(A_SECOND)
    assert (asked_of(story, " carla "), asked_of(story, "Ada")) == ("comms.update", TREE)
    story.passes(minutes(2) - A_SECOND)
    assert (asked_of(story, "Carla"), asked_of(story, "Ada"), asked_of(story, "Bob")) == ("comms.update", TREE, TREE)
    story.passes(A_SECOND)
    assert (asked_of(story, "Carla"), asked_of(story, "Ada"), asked_of(story, "Bob")) == ("comms.update",) * 3


def test_whoever_asks_for_nobody_in_particular_sees_what_is_due() -> None:
    assert with_a_lead().passes(minutes(30)).asked == "comms.update"


def test_an_update_that_the_lead_has_begun_is_hers_for_two_minutes_and_then_anybodys() -> None:
    story = with_a_lead().passes(minutes(30))
    answered_by(story.passes(minutes(1)), "Carla", "send").passes(minutes(2) - A_SECOND)
    assert (asked_of(story, "Carla"), asked_of(story, "Ada")) == ("comms.sent", TREE)
    assert asked_of(story.passes(A_SECOND), "Ada") == "comms.sent"
    answered_by(story, "Carla", "yes")
    assert (asked_of(story, "Carla"), asked_of(story, "Ada")) == (TREE, TREE)
    assert asked_of(story.passes(minutes(26)), "Carla") == TREE, "the next one counts from its text, at 31 minutes"


def test_what_the_commander_covers_is_not_asked_of_the_lead_as_well() -> None:
    story = with_a_lead().passes(minutes(32))
    answered_by(story, "Ada", "no-progress")
    assert (asked_of(story, "Ada"), asked_of(story, "Carla")) == ("comms.sent", TREE)


def test_a_snooze_is_explained_by_whoever_took_it_and_asked_for_at_its_end() -> None:
    story = with_a_lead().passes(minutes(30))
    answered_by(story, "Carla", {"snooze": "10 min"})
    assert (asked_of(story, "Carla"), asked_of(story, "Ada")) == ("comms.snooze-reason", TREE)
    answered_by(story, "Carla", "on the phone").passes(minutes(10))
    assert (asked_of(story, "Carla"), asked_of(story, "Ada")) == ("comms.update", TREE)
    assert asked_of(story.passes(minutes(2)), "Ada") == "comms.update"


def test_a_lead_who_left_or_never_came_is_not_waited_for() -> None:
    story = with_a_lead().passes(minutes(30))
    assert asked_of(story, "Ada") == TREE
    assert asked_of(leaves(story, "Carla"), "Ada") == "comms.update"
    assert asked_of(joins(story, "CARLA"), "Ada") == TREE
    alone = opened(severity="P1").until(TREE).does(acts.Assign("comms-lead", "Carla")).passes(minutes(30))
    assert asked_of(alone, "ada") == "comms.update"


def test_where_the_lead_goes_in_the_middle_of_an_update_the_others_end_it_at_once() -> None:
    story = answered_by(with_a_lead().passes(minutes(30)), "Carla", "send")
    assert asked_of(story, "Ada") == TREE
    assert asked_of(leaves(story, "Carla"), "Ada") == "comms.sent"


@pytest.mark.rule("P-ROLE-4")
def test_where_the_commander_writes_or_the_seat_is_vacant_everybody_is_asked_at_once() -> None:
    second = with_a_lead(severity="P2").passes(minutes(60))
    assert asked_of(second, "Ada") == "comms.update"
    vacant = with_a_lead().does(acts.Assign("comms-lead", "vacant")).passes(minutes(30))
    assert (asked_of(vacant, "Ada"), asked_of(vacant, "Carla")) == ("comms.update", "comms.update")


@pytest.mark.rule("P-WAR-3")
def test_in_a_war_room_the_lead_writes_at_every_level() -> None:
    story = with_a_lead(severity="P2").does(acts.TellWarRoom(("ledger",))).waits_at("first.page")
    story.answers(first__page=None, war_room__joined=None).passes(minutes(60))
    assert (asked_of(story, "Carla"), asked_of(story, "Ada")) == ("comms.update", TREE)


@pytest.mark.rule("P-COMMS-1", "P-COMMS-8")
def test_the_first_update_is_asked_of_the_lead_first_and_late_for_nobodys_sake() -> None:
    story = opened(severity="P1").does(acts.Assign("ic", "Ada")).does(acts.Assign("comms-lead", "Carla"))
    in_time = joins(story, "Carla").until("comms.update")
    assert asked_of(in_time, "Ada") == TREE
    assert asked_of(in_time.passes(minutes(2)), "Ada") == "comms.update"
    slow = joins(opened(severity="P1").does(acts.Assign("comms-lead", "Carla")), "Carla").passes(minutes(5))
    assert (asked_of(slow, "Carla"), asked_of(slow, "Ada")) == ("comms.update", "comms.update"), (
        "it is late from now on"
    )


def test_what_somebody_asks_for_is_asked_of_the_lead_first() -> None:
    story = by(with_a_lead().passes(minutes(10)), "Bob").does(acts.RequestUpdate("the board meets"))
    assert (asked_of(story, "Carla"), asked_of(story, "Ada")) == ("comms.update", TREE)
    assert asked_of(story.passes(minutes(2)), "Ada") == "comms.update"


def test_the_terminal_that_waits_says_who_is_asked_and_when_it_will_be() -> None:
    story = with_a_lead().passes(minutes(30) + 20 * A_SECOND)
    assert header_of(story, "Ada").startswith("P1 · 30:20 · OVERDUE 00:20 · Carla is asked, you in 01:40 · ")
    assert "is asked" not in header_of(story, "Carla")
    known = due.moments(story.incident, story.now, story.book, story.phase, "Ada")
    assert title(story.incident, story.now, known).endswith("P1 update due, Carla is asked")
    assert "is asked" not in header_of(story.passes(minutes(2)), "Ada")


def test_the_line_fits_whatever_the_lead_is_called() -> None:
    story = with_a_lead()
    joins(story.does(acts.Assign("comms-lead", "C" * 70)), "C" * 70).passes(minutes(31))
    assert columns(header_of(story, "Ada")) <= 80
    assert "is asked, you in 01:00" in header_of(story, "Ada")


# --- who is there ------------------------------------------------------------------------------------------


def kinds_after(story: Story, *what: acts.Act) -> list[str]:
    before = len(story.entries)
    for one in what:
        story.does(one)
    return story.kinds()[before:]


def test_one_person_who_stops_and_goes_on_leaves_no_word_of_coming_and_going() -> None:
    assert kinds_after(opened(), acts.Leave("ada"), acts.Resume(" Ada"), acts.Leave("ADA")) == ["IncidentResumed"]


def test_somebody_else_joins_and_whoever_goes_first_says_so() -> None:
    story = joins(opened(), "Bob")
    assert story.incident.there == ("ada", "Bob")
    leaves(story, "ada")
    assert kinds_after(by(story, "Bob"), acts.Leave("Bob"), acts.Leave("ada")) == [], "nobody is left to hear it"
    assert story.kinds()[-2:] == ["ResponderJoined", "ResponderLeft"]


@pytest.mark.rule("P-ROLE-1")
def test_a_commander_who_left_is_said_and_nothing_is_asked() -> None:
    story = joins(opened(severity="P1").until(TREE).does(acts.Assign("ic", "Ada")), "Bob")
    assert presence.without_commander(story.incident) == ""
    leaves(story, "ada")
    said = "IC Ada has left; any responder may take it: `incidentctl assign ic NAME`."
    assert presence.without_commander(story.incident) == said
    assert "IC Ada has left" in header_of(story, "Bob")
    assert asked_of(story, "Bob") == TREE
    assert presence.without_commander(by(story, "Bob").does(acts.Assign("ic", "Bob")).incident) == ""
    story.does(acts.Assign("ic", "Ada"))
    assert presence.without_commander(joins(story, "Ada").incident) == ""


def test_a_commander_who_stops_alone_goes_on_commanding() -> None:
    story = opened(severity="P1").until(TREE).does(acts.Assign("ic", "Ada")).does(acts.Leave("Ada"))
    assert presence.without_commander(story.incident) == ""


# --- a law -------------------------------------------------------------------------------------------------

PEOPLE = ("Ada", "Carla", "Bob")
WHAT = ("joins", "leaves", "leads", "commands", "sends", "begins", "wishes")
STEPS = st.one_of(
    st.tuples(st.sampled_from(WHAT), st.sampled_from(PEOPLE)),
    st.tuples(st.just("passes"), st.integers(0, 40)),
)


def take(story: Story, what: str, whom: str | int) -> None:
    """One step, as whoever it is about."""
    if isinstance(whom, int):
        story.passes(minutes(whom))
        return
    story.author = whom
    request = walk.request(story.book, story.incident, story.now, whom)
    commands: dict[str, acts.Act] = {
        "joins": acts.Resume(whom), "leaves": acts.Leave(whom), "wishes": acts.RequestUpdate(),
        "leads": acts.Assign("comms-lead", whom), "commands": acts.Assign("ic", whom),
    }  # fmt: skip
    holds = {"leads": "ic", "commands": "comms-lead"}
    if what in commands and story.incident.role_of(whom) != holds.get(what, "-"):
        story.does(commands[what])
    elif request is not None and request.prompt == "comms.update":
        answered_by(story, whom, "send")
        if what == "sends":
            answered_by(story, whom, "yes")


@given(st.sampled_from(["P1", "P2"]), st.lists(STEPS, max_size=25))
@pytest.mark.rule("P-COMMS-2", "P-COMMS-3")
def test_no_update_is_forgotten_whoever_is_there(severity: str, steps: list[tuple[str, str | int]]) -> None:
    story = opened(severity=severity).until(TREE)
    for what, whom in steps:
        take(story, what, whom)
        asked = story.asked
        if asked is None or not asked.startswith("comms."):
            assert not any(str(asked_of(story, me)).startswith("comms.") for me in PEOPLE), "nobody is asked too soon"
            continue
        lead, begun = story.incident.holder("comms-lead"), story.incident.comms.begun_by
        first = begun if asked == "comms.sent" else lead
        if presence.is_there(story.incident, first):
            assert asked_of(story, first) == asked
        else:
            assert {asked_of(story, me) for me in PEOPLE} == {asked}
        later = replace(story, now=story.now + minutes(2))
        assert {asked_of(later, me) for me in PEOPLE} == {later.asked}, "two minutes later everybody is"
