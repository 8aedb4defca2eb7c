"""Pages that the program sends: never without a person's word, and never forgotten where nobody answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from incidentctl.errors import NotAllowed
from incidentctl.incident.events import PeoplePaged
from incidentctl.incident.paging import PageAnswered, PageEnded, PageEscalated, PageStarted
from incidentctl.runbook.model import Person
from incidentctl.walker import acts, paging, walk
from incidentctl.walker.replies import Word
from incidentctl.walker.requests import Request
from incidentctl.walker.scene import Scene
from tests.walker.story import BOOK, Story, minutes, opened

PEOPLE = {
    "on-call": Person("on-call", "checkout on-call", (("pagerduty", "PCHK001"),)),
    "lead": Person("lead", "checkout lead", (("slack", "@lead"), ("pagerduty", "PUSR001"))),
    "ic-backup": Person("ic-backup", "commanders' rota", (("pagerduty", "PESC001"),)),
    "comms-lead": Person("comms-lead", "comms rota", (("phone", "+49 30 1234567"),)),
}
WITH_PEOPLE = replace(BOOK, people=PEOPLE)
FIVE = minutes(5)


def asked(story: Story) -> Request:
    """The open question, as somebody sees it where PagerDuty can be used."""
    assert story.request is not None
    return paging.offered(story.request, story.book, "PagerDuty")


def paged(severity: str = "P1") -> Story:
    """Whoever can be paged by the program is on its way of being paged."""
    story = opened(WITH_PEOPLE, severity=severity).until("first.page")
    return story.replies(asked(story), Word("page"))


def ends(story: Story, role: str, result: Literal["sent", "failed", "perhaps"], reason: str = "") -> Story:
    page = story.incident.pages[role].started
    story.happens([PageEnded(role, "PagerDuty", page.key, result, id=f"Q-{role}", reason=reason)])
    return story


def acknowledges(story: Story, role: str, by: str) -> Story:
    story.happens([PageAnswered(role, story.incident.pages[role].started.key, by, story.now)])
    return story


def sent(severity: str = "P1") -> Story:
    """Everybody who can be paged so was, and the rest by hand; nobody has answered."""
    story = paged(severity)
    for role in list(story.incident.pages):
        ends(story, role, "sent")
    if story.asked == "first.page":
        story.says("done")
    return story.until("tree.recent-deploy")


def started(story: Story) -> list[PageStarted]:
    return [entry.event for entry in story.entries if isinstance(entry.event, PageStarted)]


@pytest.mark.rule("P-FIRST-5", "P-SEV-1")
def test_the_program_offers_to_page_and_enter_never_does() -> None:
    request = asked(opened(WITH_PEOPLE, severity="P1").until("first.page"))
    (word,) = (word for word in request.accepts.words if word.value == "page")
    assert (word.label, word.hint) == ("page them now through PagerDuty", "lead, ic-backup; the others by hand")
    assert request.default == Word("done")


def test_nothing_is_offered_where_nobody_can_be_paged_so() -> None:
    story = opened(WITH_PEOPLE, severity="P1").until("first.page")
    assert story.request is not None
    assert paging.offered(story.request, story.book, "") == story.request
    assert paging.offered(story.request, BOOK, "PagerDuty") == story.request


@pytest.mark.rule("P-FIRST-5", "P-SEV-1")
def test_whoever_the_level_names_is_paged_and_the_rest_is_asked_for_by_hand() -> None:
    story = paged()
    assert [(page.role, page.whom, page.service) for page in started(story)] == [
        ("lead", "PUSR001", "PCHK001"),
        ("ic-backup", "PESC001", "PCHK001"),
    ]
    assert story.asked == "first.page"
    assert asked(story).text == "P1: page comms-lead. Done?"
    story.says("done")
    assert story.incident.paged == {"comms-lead": True}, "nobody has heard of the others yet"
    assert story.asked == "first.freeze-deploys"


@pytest.mark.rule("P-SEV-2")
def test_a_p2_pages_the_lead_and_nobody_else() -> None:
    story = paged("P2")
    assert [page.role for page in started(story)] == ["lead"]
    assert story.asked == "first.freeze-deploys"


@pytest.mark.rule("P-FIRST-5")
def test_whom_the_server_did_not_page_is_paged_by_hand() -> None:
    story = ends(paged(), "lead", "failed", "it does not accept PAGERDUTY_API_KEY (401)")
    ends(story, "ic-backup", "perhaps", "the connection broke")
    request = asked(story)
    assert request.text == "P1: page lead, ic-backup and comms-lead. Done?"
    said = request.shown.said
    assert "PagerDuty did not page lead: it does not accept PAGERDUTY_API_KEY (401). Page them yourself." in said
    assert "PagerDuty may have paged ic-backup: the connection broke. Look before you page them again." in said
    story.says(["lead", "comms-lead"])
    assert story.incident.paged == {"lead": True, "ic-backup": False, "comms-lead": True}
    assert story.asked == "first.freeze-deploys"


def test_whoever_acknowledges_was_reached() -> None:
    story = acknowledges(sent(), "lead", "Bo Lead")
    assert story.incident.paged["lead"]
    assert not any(isinstance(e.event, PeoplePaged) and "lead" in e.event.asked for e in story.entries)
    assert "lead" not in [page.started.role for page in paging.awaited(Scene(story.book, story.incident, story.now))]


def test_a_drill_pages_nobody() -> None:
    story = opened(WITH_PEOPLE, severity="P1").until("first.page")
    story.incident = replace(story.incident, mode="drill")
    with pytest.raises(NotAllowed, match="a drill pages nobody"):
        story.replies(asked(story), Word("page"))
    assert started(story) == []


def test_a_page_that_was_on_its_way_at_a_crash_is_asked_about_and_never_sent_again() -> None:
    story = paged().does(acts.Resume())
    assert [page.key for page in paging.unheard_of(story.incident)] == [page.key for page in started(story)]
    assert asked(story).text == "P1: page comms-lead. Done?", "as long as it is not known, nobody pages them twice"


@pytest.mark.rule("P-FIRST-5")
def test_a_page_that_nobody_acknowledges_is_asked_about_after_five_minutes() -> None:
    story = sent("P2")
    assert story.passes(FIVE - timedelta(seconds=1)).waits_at("tree.recent-deploy").asked == "tree.recent-deploy"
    story.passes(FIVE)
    assert story.asked == "page.escalate"
    request = asked(story)
    assert request.text == "lead (checkout lead) was paged and has not acknowledged. What now?"
    assert [word.value for word in request.accepts.words] == ["next", "again", "wait", "reached", "by-hand"]
    assert request.default == Word("wait")
    assert story.says().asked == "tree.recent-deploy"


def test_the_next_one_is_paged_in_their_place() -> None:
    story = sent("P2").passes(FIVE).says("next")
    assert [page.role for page in started(story)] == ["lead", "ic-backup"]
    ends(story, "ic-backup", "failed", "no such policy")
    assert story.asked == "first.page", "who could not be paged is paged by hand, though the level does not name them"
    assert asked(story).text == "P2: page ic-backup. Done?"
    assert story.says("done").asked == "tree.recent-deploy"


def test_again_is_another_page_with_another_key() -> None:
    story = sent("P2").passes(FIVE).says("again")
    first, second = started(story)
    assert (first.role, first.key != second.key) == (second.role, True)
    ends(story, "lead", "sent")
    assert story.passes(minutes(4)).waits_at("tree.recent-deploy").asked == "tree.recent-deploy"
    assert story.passes(minutes(1)).asked == "page.escalate"


def test_whoever_is_called_by_hand_is_asked_for_once_more() -> None:
    story = sent("P2").passes(FIVE).says("by-hand")
    assert asked(story).text == "P2: page lead. Done?"
    assert story.says("done").asked == "tree.recent-deploy"
    assert story.incident.paged == {"lead": True}
    assert story.passes(FIVE).waits_at("tree.recent-deploy").asked == "tree.recent-deploy"


def test_it_is_asked_three_times_for_each_role_and_then_never_again() -> None:
    story = sent("P2")
    for _ in range(12):
        story.passes(FIVE).waits_at("tree.recent-deploy")
    escalated = [entry.event for entry in story.entries if isinstance(entry.event, PageEscalated)]
    assert escalated == [PageEscalated("lead", "wait")] * 3


def test_an_acknowledgement_takes_the_question_away() -> None:
    story = sent("P2").passes(FIVE)
    request = asked(story)
    acknowledges(story, "lead", "Bo Lead")
    assert story.asked == "tree.recent-deploy"
    with pytest.raises(NotAllowed, match="has been reached meanwhile"):
        walk.decide(story.book, story.incident, request, Word("again"), story.now)
    assert len(started(story)) == 1


@pytest.mark.rule("P-COMMS-3")
def test_a_due_update_comes_before_it() -> None:
    story = sent("P2").passes(minutes(61))
    assert story.asked == "comms.update"


def test_nobody_is_asked_about_a_level_that_pages_nobody() -> None:
    story = sent("P2").does(acts.ChangeSeverity("P3", "one user"))
    assert story.passes(minutes(30)).waits_at("ticket.reference").asked == "ticket.reference"
    assert not any(isinstance(entry.event, PageEscalated) for entry in story.entries)


def test_after_an_hour_nobody_looks_any_more() -> None:
    story = sent("P2")
    assert len(paging.awaited(Scene(story.book, story.incident, story.now))) == 1
    assert paging.awaited(Scene(story.book, story.incident, story.now + minutes(61))) == ()


@pytest.mark.rule("P-FIRST-5", "P-SEV-7")
def test_the_runbook_says_how_long_a_page_may_stay_unanswered() -> None:
    levels = tuple(replace(level, respond_within="12 min") if level.name == "P2" else level for level in BOOK.levels)
    story = opened(replace(WITH_PEOPLE, levels=levels), severity="P2").until("first.page")
    story.replies(asked(story), Word("page"))
    ends(story, "lead", "sent").until("tree.recent-deploy")
    assert story.passes(minutes(12) - timedelta(seconds=1)).asked == "tree.recent-deploy"
    assert story.passes(timedelta(seconds=1)).asked == "page.escalate"
    (wait,) = (word for word in asked(story).accepts.words if word.value == "wait")
    assert wait.hint == "you are asked again in 12 min, 3 times in all"
    assert started(story)[0].answer_within == minutes(12), "the journal knows it without the runbook"
    assert story.says().passes(minutes(11)).asked == "tree.recent-deploy"
    assert story.passes(minutes(1)).asked == "page.escalate"


def test_a_page_that_may_stay_unanswered_for_long_is_looked_after_for_as_long() -> None:
    levels = tuple(replace(level, respond_within="2 h") if level.name == "P2" else level for level in BOOK.levels)
    story = opened(replace(WITH_PEOPLE, levels=levels), severity="P2").until("first.page")
    ends(story.replies(asked(story), Word("page")), "lead", "sent")
    assert len(paging.awaited(Scene(story.book, story.incident, story.now + minutes(119)))) == 1
    assert paging.awaited(Scene(story.book, story.incident, story.now + minutes(121))) == ()


@pytest.mark.rule("P-FIRST-5")
def test_whoever_answers_by_voice_is_written_down_as_reached_and_not_asked_about_again() -> None:
    story = sent("P2").passes(FIVE).says("reached")
    assert story.asked == "tree.recent-deploy"
    assert story.entries[-1].event == PeoplePaged("P2", ("lead",), ("lead",))
    for _ in range(4):
        story.passes(FIVE).waits_at("tree.recent-deploy")
    assert not any(isinstance(entry.event, PageEscalated) for entry in story.entries)
