"""Updates are never forgotten, never doubled, never silent (P-COMMS)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.errors import Refused
from incidentctl.incident.events import UpdateSent, UpdateWritten
from incidentctl.incident.words import CommsPhase
from incidentctl.runbook.model import Comms
from incidentctl.walker import acts
from incidentctl.walker.replies import Word
from tests.walker.story import BOOK, START, Story, at_tree, minutes, opened


def send(story: Story, how: str = "send") -> Story:
    """The update that is due is made and sent."""
    return story.answers(comms__update=how, comms__sent="yes")


@pytest.mark.rule("P-COMMS-1", "P-COMMS-3")
@pytest.mark.parametrize(("impact", "every"), [(("down",), 30), (("degraded",), 60)])
def test_the_cadence_interrupts_the_open_question_and_gives_it_back(impact: tuple[str], every: int) -> None:
    story = at_tree(impact=impact)
    assert story.incident.comms.due_at == START + minutes(every)
    assert story.passes(minutes(every) - minutes(1 / 60)).asked != "comms.update"
    story.passes(minutes(1 / 60))
    send(story)
    story.waits_at("tree.recent-deploy")
    assert story.incident.comms.due_at == START + minutes(2 * every)


@pytest.mark.rule("P-COMMS-1")
def test_the_first_update_has_its_place_but_is_never_late_for_a_form() -> None:
    story = opened(severity="P1")
    assert story.passes(minutes(4.9)).asked == "first.acknowledge"
    assert story.passes(minutes(0.1)).asked == "comms.update"
    assert send(story).asked == "first.acknowledge"


@pytest.mark.rule("P-COMMS-2")
def test_no_news_is_one_keystroke() -> None:
    story = at_tree().passes(minutes(30))
    assert story.request is not None
    assert story.request.default == Word("no-progress")
    story.says().says()
    written = next(e.event for e in reversed(story.entries) if isinstance(e.event, UpdateWritten))
    assert written.texts[0].text.startswith("no news.")
    assert story.incident.comms.sent == 2


@pytest.mark.rule("P-COMMS-2")
def test_news_preselects_sending() -> None:
    story = at_tree().says("no").passes(minutes(30))
    assert story.request is not None
    assert story.request.default == Word("send")


@pytest.mark.rule("P-COMMS-6")
def test_words_of_ones_own_are_written_once_for_every_audience() -> None:
    story = at_tree().passes(minutes(30)).answers(comms__update="edit", comms__text="We found it.", comms__sent=None)
    assert [(text.audience, text.text) for text in story.incident.comms.last_texts] == [
        ("customers", "We found it."),
        ("internal", "internal: investigating, next 04:12 We found it."),
    ]


@pytest.mark.rule("P-COMMS-7")
def test_the_phases_of_the_updates_follow_the_walk() -> None:
    story = at_tree()
    assert story.incident.comms_phase is CommsPhase.INVESTIGATING
    story.says("yes")
    assert story.incident.comms_phase is CommsPhase.IDENTIFIED
    story.says().says().says("yes")
    assert story.incident.comms_phase is CommsPhase.MONITORING
    story.says("yes")
    assert story.incident.comms_phase is CommsPhase.RESOLVED
    assert story.asked == "comms.update"
    send(story)
    sent = [entry.event for entry in story.entries if isinstance(entry.event, UpdateSent)]
    assert [update.phase for update in sent] == [CommsPhase.INVESTIGATING, CommsPhase.RESOLVED]
    assert sent[-1].next_update_at is None


@pytest.mark.rule("P-COMMS-8")
@pytest.mark.parametrize(("wait", "late"), [(0.5, False), (0.52, True)])
def test_an_update_is_late_from_thirty_seconds_after_it_was_due(wait: float, late: bool) -> None:
    story = send(at_tree().passes(minutes(30 + wait)))
    assert (story.incident.comms.sent, story.incident.comms.late) == (2, int(late))


@pytest.mark.rule("P-COMMS-8")
@pytest.mark.parametrize(("wait", "late"), [(5, False), (5.1, True)])
def test_the_first_update_is_late_from_five_minutes_after_the_severity(wait: float, late: bool) -> None:
    story = send(opened(severity="P1").passes(minutes(wait)))
    assert story.incident.comms.late == int(late)


@pytest.mark.rule("P-COMMS-1")
def test_an_update_counts_once_it_is_sent_to_customers() -> None:
    story = at_tree().passes(minutes(30)).answers(comms__update="send", comms__sent=["internal"])
    assert story.incident.comms.sent == 1
    assert story.asked == "comms.update"


def test_an_update_that_could_not_be_sent_stays_due_and_is_asked_again_in_two_minutes() -> None:
    story = at_tree().passes(minutes(30)).answers(comms__update="send", comms__sent="no")
    assert story.incident.comms.due_at == START + minutes(30)
    assert story.asked != "comms.update"
    assert story.passes(minutes(2)).asked == "comms.update"


@pytest.mark.rule("P-COMMS-8")
def test_a_snooze_is_at_most_one_cadence_and_never_for_the_first_update() -> None:
    first = opened(severity="P1").until("comms.update")
    assert first.request is not None
    assert "snooze" not in first.request.accepts.keyed
    story = at_tree().passes(minutes(30))
    with pytest.raises(Refused, match="P-COMMS-8"):
        story.says({"snooze": "31 min"})
    story.says({"snooze": "30 min"})
    assert story.asked == "comms.snooze-reason"


def snoozed() -> Story:
    """A P1 whose second update was put off by ten minutes."""
    return at_tree().passes(minutes(30)).answers(comms__update={"snooze": "10 min"}, comms__snooze_reason="on a call")


def test_peer_defect_04_snooze_is_not_an_update() -> None:
    story = snoozed()
    assert story.incident.comms.due_at == START + minutes(30)
    assert story.incident.comms.sent == 1
    assert story.entries[-1].author == "ada"
    assert story.passes(minutes(9.9)).asked != "comms.update"
    assert story.passes(minutes(0.1)).asked == "comms.update"


@pytest.mark.rule("P-COMMS-1", "P-COMMS-8")
def test_raising_the_severity_ends_a_snooze_of_the_longer_cadence() -> None:
    story = at_tree(impact=["degraded"]).passes(minutes(60))
    story.answers(comms__update={"snooze": "60 min"}, comms__snooze_reason="the status page is down")
    story.passes(minutes(10)).does(acts.ChangeSeverity("P1"))
    while story.asked != "comms.update":
        story.says()
    assert story.now - START == minutes(70)


def test_peer_defect_05_a_snooze_does_not_change_the_cadence() -> None:
    story = at_tree().passes(minutes(30)).answers(comms__update={"snooze": "30 min"}, comms__snooze_reason="x")
    send(story.passes(minutes(30)))
    assert story.incident.comms.due_at == story.now + minutes(30)


def test_peer_defect_06_reminders_end_with_the_incident_and_not_before() -> None:
    story = at_tree().passes(minutes(45))
    assert story.asked == "comms.update", "still asked while it is overdue"
    send(story).waits_at("tree.recent-deploy").says("yes").says().says().says("yes").says("yes")
    story.until("clear.customers-told").says().says()
    assert story.passes(minutes(600)).asked is None


def test_peer_defect_07_an_update_that_was_just_sent_is_not_asked_for() -> None:
    from incidentctl.walker import walk
    from tests.walker.story import with_drafts

    story = at_tree().passes(minutes(29))
    story.replies(with_drafts(walk.update_now(story.book, story.incident, story.now)), Word("send"))
    story.answers(comms__sent=None)
    story.says() if story.asked == "roles.comms-lead" else None
    assert story.passes(minutes(1)).asked != "comms.update"
    assert story.incident.comms.due_at == START + minutes(59)


def test_peer_defect_08_thirty_minutes_to_the_second_and_a_raise_counts_at_once() -> None:
    story = opened(severity="P2").until("tree.recent-deploy").passes(minutes(20))
    story.does(acts.ChangeSeverity("P1"))
    assert story.incident.comms.due_at == START + minutes(30)
    lowered = at_tree().passes(minutes(20)).does(acts.ChangeSeverity("P2"))
    assert lowered.incident.comms.due_at == START + minutes(30), "what was promised is kept"
    send(lowered.passes(minutes(10)))
    assert lowered.incident.comms.due_at == START + minutes(90)


def test_what_customers_call_it_is_asked_once_where_the_runbook_is_silent() -> None:
    book = replace(BOOK, comms=replace(BOOK.comms, feature=""))
    story = opened(book, severity="P1").until("comms.feature").says("the shop")
    assert story.incident.comms.feature == "the shop"
    assert story.asked == "comms.update"


def test_audiences_without_customers_count_too() -> None:
    assert isinstance(BOOK.comms, Comms)
    story = opened(severity="P1").until("comms.sent")
    pending = story.incident.comms.pending
    assert pending is not None
    internal = replace(pending, texts=pending.texts[1:])
    story.incident = replace(story.incident, comms=replace(story.incident.comms, pending=internal))
    assert story.says().incident.comms.sent == 1
