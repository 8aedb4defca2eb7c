"""Pages that the program sends: never without a person's word, and never forgotten where nobody answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from incidentctl.errors import NotAllowed
from incidentctl.incident.events import AllClearGiven, PeoplePaged
from incidentctl.incident.paging import PageAnswered, PageEnded, PageEscalated, PageStarted
from incidentctl.runbook.model import Person
from incidentctl.walker import acts, due, paging, walk
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


# --- by hand -----------------------------------------------------------------------------------------------

BY_HAND = {
    "lead": Person("lead", "Bo Lead", (("phone", "+49 30 1"),)),
    "ic-backup": Person("ic-backup", "Carla", (("phone", "+49 30 2"), ("slack", "@carla"))),
}


def called(severity: str = "P2", reached: tuple[str, ...] = ()) -> Story:
    """Everybody was paged by hand; only these have answered so far."""
    story = opened(replace(BOOK, people=BY_HAND), severity=severity).until("first.page").says(reached or "called")
    return story.until("tree.recent-deploy")


@pytest.mark.rule("P-FIRST-5", "P-SEV-2")
def test_whoever_was_paged_by_hand_and_does_not_answer_is_asked_about() -> None:
    story = called()
    assert story.passes(FIVE - timedelta(seconds=1)).asked == "tree.recent-deploy"
    request = asked(story.passes(timedelta(seconds=1)))
    assert request.prompt == "page.escalate"
    assert request.text == "lead (Bo Lead) has not answered for 5 min. What now?"
    assert request.shown.said == ("lead: Bo Lead (phone +49 30 1)", "ic-backup: Carla (phone +49 30 2, slack @carla)")
    assert [(word.value, word.label) for word in request.accepts.words] == [
        ("reached", "they have answered"),
        ("next", "try ic-backup"),
        ("wait", "keep trying"),
    ]
    assert story.says().asked == "tree.recent-deploy", "Enter keeps trying, and the old question is back"


@pytest.mark.rule("P-FIRST-5")
def test_a_page_by_hand_is_asked_about_three_times_and_never_again() -> None:
    story = called()
    for _ in range(12):
        story.passes(FIVE).waits_at("tree.recent-deploy")
    escalated = [entry.event for entry in story.entries if isinstance(entry.event, PageEscalated)]
    assert escalated == [PageEscalated("lead", "wait")] * 3
    assert not any(one.what == "page" for one in due.moments(story.incident, story.now))


@pytest.mark.rule("P-FIRST-5")
def test_where_all_were_reached_or_nobody_was_paged_nothing_follows() -> None:
    everybody = called(reached=("lead",))
    nobody = opened(severity="P2").until("first.page").says({"skip": "nobody is on call"}).until("tree.recent-deploy")
    for story in (everybody, nobody):
        assert story.passes(minutes(50)).waits_at("tree.recent-deploy").asked == "tree.recent-deploy"
        assert not any(isinstance(entry.event, PageEscalated) for entry in story.entries)


@pytest.mark.rule("P-FIRST-5")
def test_the_next_one_is_paged_by_hand_in_their_place() -> None:
    story = called().passes(FIVE).says("next")
    assert asked(story).text == "P2: page ic-backup. Done?"
    assert "ic-backup: Carla (phone +49 30 2, slack @carla)" in asked(story).shown.said
    assert story.says("done").asked == "tree.recent-deploy"
    assert story.incident.paged == {"lead": False, "ic-backup": True}
    request = asked(story.passes(FIVE))
    assert request.text == "lead (Bo Lead) has not answered for 10 min. What now?"
    assert "next" not in [word.value for word in request.accepts.words], "nobody is left"
    assert story.says("reached").incident.paged == {"lead": True, "ic-backup": True}


@pytest.mark.rule("P-FIRST-5", "P-SEV-6")
def test_raising_the_severity_asks_for_the_others_and_not_for_whoever_is_waited_for() -> None:
    story = called().does(acts.ChangeSeverity("P1", ""))
    assert asked(story).text == "P1: page ic-backup and comms-lead. Done?"
    story.says("done").waits_at("tree.recent-deploy").passes(FIVE)
    assert asked(story).text == "lead (Bo Lead) has not answered for 5 min. What now?"
    late = called()
    for _ in range(3):
        late.passes(FIVE).says("wait")
    assert asked(late.does(acts.ChangeSeverity("P1", ""))).text == "P1: page lead, ic-backup and comms-lead. Done?"


@pytest.mark.rule("P-FIRST-5")
def test_the_next_one_can_be_paged_by_the_program() -> None:
    people = {**BY_HAND, "ic-backup": Person("ic-backup", "Carla", (("pagerduty", "PESC001"),))}
    story = opened(replace(BOOK, people=people), severity="P2").until("first.page").says(())
    story.until("tree.recent-deploy").passes(FIVE).says("next")
    story.replies(asked(story), Word("page"))
    assert [page.role for page in started(story)] == ["ic-backup"]


@pytest.mark.rule("P-FIRST-5", "P-SEV-7")
def test_the_runbook_says_how_long_a_page_by_hand_may_stay_unanswered() -> None:
    levels = tuple(replace(level, respond_within="12 min") if level.name == "P2" else level for level in BOOK.levels)
    story = opened(replace(BOOK, levels=levels), severity="P2").until("first.page").says(()).until("tree.recent-deploy")
    assert story.passes(minutes(12) - timedelta(seconds=1)).asked == "tree.recent-deploy"
    request = asked(story.passes(timedelta(seconds=1)))
    assert request.text == "lead has not answered for 12 min. What now?"
    assert request.shown.said == ("lead: this runbook does not say who",)


@pytest.mark.rule("P-FIRST-5", "P-ROLE-2")
def test_whoever_has_the_seat_or_is_in_the_war_room_is_not_asked_about() -> None:
    story = called("P1", ("lead", "ic-backup"))
    assert [one.what for one in due.moments(story.incident, story.now)].count("page") == 1
    seated = story.does(acts.Assign("comms-lead", "Grace"))
    assert not any(one.what == "page" for one in due.moments(seated.incident, seated.now))
    assert seated.passes(FIVE).asked == "tree.recent-deploy"


def test_after_the_all_clear_nobody_is_asked_about_a_page() -> None:
    story = called()
    story.happens([AllClearGiven(early=False, stable=None, items=())])
    assert not any(one.what == "page" for one in due.moments(story.incident, story.now))


def test_a_journal_of_an_older_version_asks_nothing() -> None:
    story = opened(replace(BOOK, people=BY_HAND), severity="P2").until("first.page")
    story.happens([PeoplePaged("P2", ("lead",), ())])
    assert story.incident.pages == {}
    story.until("tree.recent-deploy").passes(minutes(50)).waits_at("tree.recent-deploy")
    assert not any(isinstance(entry.event, PageEscalated) for entry in story.entries)
