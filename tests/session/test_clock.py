"""Suspended, killed, and with clocks that are changed or put back: what is due is due, and is asked once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidentctl.cli.away import changes
from incidentctl.cli.notices import one_line
from incidentctl.incident.events import UpdateSent
from incidentctl.incident.fold import fold
from incidentctl.incident.state import Incident
from incidentctl.journal.memory import MemoryJournal
from incidentctl.journal.sqlite import SqliteJournal
from incidentctl.reports.brief_text import brief_text
from incidentctl.reports.names import Names
from incidentctl.reports.sentences import Sentences
from incidentctl.reports.status import status_text, updates_line
from incidentctl.terminal.header import header_text, title
from incidentctl.terminal.interface import Outcome, Screen, Withdrawn
from incidentctl.walker import acts, due
from incidentctl.walker.requests import Request
from tests.session.people import BEGIN, FIRST_MINUTES, Answer, Person, Watch, opening, pinned, session
from tests.walker.story import START, Story, at_tree, minutes, opened

HOUR = timedelta(hours=1)


def after(watch: Watch, by: timedelta) -> Callable[[Request, Screen], Outcome]:
    """The question stays open while the clock does that; it is taken away, or the test fails."""

    def wait(request: Request, screen: Screen) -> Outcome:
        watch.move(by)
        assert not screen.still_open(), f"{request.prompt} is still the one to ask"
        return Withdrawn()

    return wait


def walked(watch: Watch, *answers: Answer, timezone: str = "UTC") -> tuple[Person, Incident]:
    """A P1 that was walked to its tree, and then so; what was asked there, and where it stands."""
    journal = MemoryJournal()
    person = Person(*FIRST_MINUTES, *answers)
    walking = session(journal, person, watch=watch)
    book, first = opening()
    incident_id = walking.open(replace(book, timezone=timezone), first)
    with pytest.raises(KeyboardInterrupt):
        walking.walk(incident_id)
    person.asked = person.asked[len(FIRST_MINUTES) :]
    return person, fold(incident_id, journal.read(incident_id))


# --- suspended, killed -------------------------------------------------------------------------------------


@pytest.mark.rule("P-COMMS-1", "P-COMMS-3")
def test_three_hours_under_a_closed_lid_are_one_question_that_says_how_late_it_is() -> None:
    watch = Watch()
    heads: list[str] = []

    def sees(request: Request, screen: Screen) -> Outcome:
        heads.append(header_text(screen.incident, screen.now(), 80))
        return Person("send").ask(request, screen)

    person, incident = walked(watch, after(watch, 3 * HOUR), sees, "yes")
    assert person.prompts[:3] == ["tree.recent-deploy", "comms.update", "comms.sent"]
    assert "comms.update" not in person.prompts[3:], "six cadences were missed, and one update is owed"
    assert "OVERDUE 2:30:00" in heads[0]
    assert incident.comms.due_at == BEGIN + 3 * HOUR + minutes(30)
    assert (incident.comms.sent, incident.comms.late) == (2, 1)


@pytest.mark.rule("P-COMMS-3", "P-ROLL-4")
def test_of_all_that_is_overdue_at_once_the_update_comes_first_then_the_decision_then_the_open_question() -> None:
    watch = Watch()
    person, _ = walked(
        watch, after(watch, 2 * HOUR), "send", "yes", "fix-forward", "nearly there", "faster", None, None
    )
    assert person.prompts == [
        "tree.recent-deploy", "comms.update", "comms.sent",
        "mitigation.reconsider", "mitigation.reason", "mitigation.blocker", "mitigation.estimate",
        "roles.comms-lead", "tree.recent-deploy",
    ]  # fmt: skip


def test_peer_defect_06_whoever_takes_over_a_killed_walk_is_told_and_asked_at_once(tmp_path: Path) -> None:
    watch, store = Watch(), SqliteJournal(tmp_path / "store.db")
    first = session(store, Person(*FIRST_MINUTES), watch=watch)
    incident_id = first.open(*opening())
    with pytest.raises(KeyboardInterrupt):
        first.walk(incident_id)
    store.close()

    watch.move(95 * minutes(1))
    again = SqliteJournal(tmp_path / "store.db")
    incident = fold(incident_id, again.read(incident_id))
    told = list(changes(incident, again.read(incident_id), "Ada", watch.now(), Sentences(Names(pinned(incident)), UTC)))
    assert "An update fell due 1 h 05 min ago." in told
    assert "The question whether to roll back fell due 1 h 05 min ago." in told
    person = Person()
    with pytest.raises(KeyboardInterrupt):
        session(again, person, watch=watch).resume(incident_id, told)
    assert person.prompts == ["comms.update"]
    again.close()


# --- the clocks of a country are changed ---------------------------------------------------------------------


@pytest.mark.rule("P-COMMS-4")
@pytest.mark.parametrize(
    ("zone", "now", "named"),
    [
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 45, tzinfo=UTC), "02:15 CET"),  # written at 02:45 CEST
        ("Europe/Berlin", datetime(2026, 3, 29, 0, 45, tzinfo=UTC), "03:15 CEST"),  # written at 01:45 CET
        ("America/New_York", datetime(2026, 11, 1, 5, 45, tzinfo=UTC), "01:15 EST"),  # written at 01:45 EDT
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45, tzinfo=UTC), "01:45 UTC+1030"),  # half an hour back
        ("Europe/Berlin", datetime(2026, 12, 31, 22, 45, tzinfo=UTC), "00:15 CET on 1 January"),
    ],
)
def test_the_text_names_the_next_update_by_the_clocks_that_hold_then(zone: str, now: datetime, named: str) -> None:
    watch = Watch(now - minutes(30))
    person, incident = walked(watch, after(watch, minutes(30)), timezone=zone)
    customers = person.asked[1].shown.texts[0].text
    assert f"{named}" in customers, customers
    assert incident.comms.due_at == now


@pytest.mark.rule("P-COMMS-1")
@pytest.mark.parametrize("begin", [datetime(2026, 10, 25, 0, 40, tzinfo=UTC), datetime(2026, 3, 29, 0, 40, tzinfo=UTC)])
def test_half_an_hour_is_half_an_hour_while_the_clocks_change(begin: datetime) -> None:
    watch = Watch(begin)
    person, incident = walked(watch, after(watch, minutes(30)), timezone="Europe/Berlin")
    assert person.prompts == ["tree.recent-deploy", "comms.update"]
    assert "due by" not in updates_line(incident, watch.now())
    assert "OVERDUE by 0 s" in updates_line(incident, watch.now())


# --- the clock of the machine is put back --------------------------------------------------------------------


@pytest.mark.rule("P-COMMS-1", "P-COMMS-3")
@pytest.mark.parametrize("step", [timedelta(seconds=1), timedelta(seconds=90), minutes(9)])
def test_a_small_step_back_asks_nothing_twice(step: timedelta) -> None:
    story = at_tree().passes(minutes(30)).answers(comms__update="send", comms__sent="yes")
    story.waits_at("tree.recent-deploy").passes(-step)
    assert story.asked == "tree.recent-deploy"
    assert story.incident.comms.due_at == START + minutes(60)
    assert story.passes(minutes(30) + step - minutes(0.1)).asked != "comms.update"
    assert story.passes(minutes(0.1)).asked == "comms.update"
    story.answers(comms__update="send", comms__sent="yes")
    assert story.incident.comms.late == 0


@pytest.mark.rule("P-COMMS-1", "P-COMMS-2")
def test_an_hour_back_is_no_hour_of_silence() -> None:
    story = at_tree().waits_at("tree.recent-deploy").passes(-HOUR)
    assert story.asked == "comms.update", "else customers would hear nothing for an hour and a half"
    request = story.request
    assert request is not None
    assert "clock was put back" in " ".join(request.shown.said)
    assert "update due" in header_text(story.incident, story.now, 80)
    assert "P1 update due" in title(story.incident, story.now)
    story.answers(comms__update="send", comms__sent="yes")
    assert story.incident.comms.due_at == START - HOUR + minutes(30)
    assert story.incident.comms.late == 0
    assert story.waits_at("tree.recent-deploy").passes(minutes(29)).asked == "tree.recent-deploy"


@pytest.mark.rule("P-COMMS-1")
def test_the_first_update_is_not_lost_when_the_clock_goes_back_before_it() -> None:
    story = opened(severity="P1").passes(minutes(-3))
    while story.asked != "comms.update":
        assert (story.asked or "").startswith(("first.", "roles.", "war-room.")), (
            f"{story.asked} came before the update"
        )
        story.says()
    story.answers(comms__update="send", comms__sent="yes")
    assert story.waits_at("tree.recent-deploy").incident.comms.due_at == START + minutes(27)


@pytest.mark.rule("P-COMMS-7")
def test_the_last_update_is_not_lost_either() -> None:
    story = at_tree().until("tree.recent-deploy").says("yes").says().says().says("yes").says("yes").passes(minutes(-3))
    assert story.incident.clear.given_at is not None
    assert story.asked == "comms.update"


@pytest.mark.rule("P-COMMS-8")
def test_no_snooze_sleeps_through_an_hour_that_comes_again() -> None:
    story = at_tree().passes(minutes(30)).answers(comms__update={"snooze": "10 min"}, comms__snooze_reason="a call")
    assert story.passes(minutes(-5)).asked != "comms.update", "it still sleeps"
    assert story.passes(-HOUR).asked == "comms.update"


@pytest.mark.rule("P-ROLL-4")
def test_the_decision_does_not_wait_for_an_hour_that_comes_again() -> None:
    story = at_tree().passes(-HOUR).answers(comms__update="send", comms__sent="yes")
    assert story.asked == "mitigation.reconsider"
    story.says("fix-forward").says("nearly there").says("faster").says("20 min")
    assert story.incident.decision_due_at == START - HOUR + minutes(20)


def test_who_asks_for_an_update_after_the_clock_was_put_back_is_heard() -> None:
    story = at_tree().passes(minutes(-5)).does(acts.RequestUpdate("the board meets"))
    assert story.asked == "comms.update"


def test_what_a_check_finds_after_the_clock_was_put_back_is_what_holds_now() -> None:
    story = at_tree().sees("signal/error_rate", number=0.12).passes(-HOUR).sees("signal/error_rate", number=0.001)
    seen = story.incident.evidence["signal/error_rate"]
    assert (seen.evidence.number, seen.since) == (0.001, story.now)


@pytest.mark.rule("P-CLEAR-1")
def test_being_quiet_counts_from_the_new_time_of_a_clock_that_was_put_back() -> None:
    story = at_tree().sees("signal/error_rate", number=0.001).sees("signal/latency_p99", number=0.1).passes(-HOUR)
    story.sees("signal/error_rate", number=0.001).sees("signal/latency_p99", number=0.1).passes(minutes(11))
    story.sees("signal/error_rate", number=0.001)
    assert story.incident.evidence["signal/error_rate"].since == START - HOUR


# --- a text that nobody answers ------------------------------------------------------------------------------


@pytest.mark.rule("P-COMMS-4", "P-COMMS-8")
def test_a_text_that_stood_on_the_screen_for_an_hour_is_made_anew_and_counts_as_late() -> None:
    watch = Watch()
    person, incident = walked(watch, after(watch, minutes(30)), after(watch, HOUR), "send", "yes")
    assert person.prompts[:4] == ["tree.recent-deploy", "comms.update", "comms.update", "comms.sent"]
    first, second = (request.shown.texts[0].text for request in person.asked[1:3])
    assert "04:12 UTC" in first
    assert "05:12 UTC" in second
    assert (incident.comms.late, incident.comms.due_at) == (1, BEGIN + 2 * HOUR)


# --- on every screen -----------------------------------------------------------------------------------------


@pytest.mark.rule("P-FIRST-6")
def test_the_clock_of_the_triage_shows() -> None:
    story = opened()
    assert "triage 05:00 left" in header_text(story.incident, story.now, 80)
    assert "Severity   due by 03:17 UTC, in 5 min" in status_text(story.book, story.incident, story.now)
    story.passes(minutes(6))
    assert "triage OVERDUE 01:00" in header_text(story.incident, story.now, 80)
    assert title(story.incident, story.now).endswith("severity OVERDUE")
    story.until("triage.impact").says(["down"]).says()
    assert "triage" not in header_text(story.incident, story.now, 80)


@pytest.mark.rule("P-COMMS-8")
def test_an_update_that_was_put_off_says_until_when() -> None:
    story = at_tree().passes(minutes(30)).answers(comms__update={"snooze": "10 min"}, comms__snooze_reason="a call")
    story.passes(minutes(4))
    assert "OVERDUE 04:00 · asked again in 06:00" in header_text(story.incident, story.now, 120)
    assert "OVERDUE since 03:42 UTC, asked again at 03:52 UTC" in updates_line(story.incident, story.now)


@pytest.mark.rule("P-ROLL-4")
def test_once_the_numbers_are_back_no_screen_asks_whether_to_roll_back() -> None:
    story = at_tree().says("yes").says().says().says("yes").passes(minutes(25))
    assert story.asked == "clear.verify"
    assert "decide" not in header_text(story.incident, story.now, 120)
    assert "Roll back?" not in status_text(story.book, story.incident, story.now)


@pytest.mark.rule("P-CLEAR-1")
def test_how_long_it_is_still_to_be_quiet_stands_on_every_screen() -> None:
    story = at_tree().says("yes").says().says().says("yes").passes(minutes(4))
    known = due.moments(story.incident, story.now, story.book)
    assert "stable in 06:00" in header_text(story.incident, story.now, 120, known)
    assert "Stable     long enough at 03:22 UTC, in 6 min" in status_text(story.book, story.incident, story.now)
    told = brief_text(story.book, story.incident, story.entries, story.now)
    assert "Stable: long enough at 03:22 UTC, in 6 min" in told
    story.passes(minutes(7))
    known = due.moments(story.incident, story.now, story.book)
    assert " · stable · " in header_text(story.incident, story.now, 120, known)
    assert "Stable     long enough since 03:22 UTC" in status_text(story.book, story.incident, story.now)


def test_a_list_of_incidents_says_where_an_update_is_due() -> None:
    story = at_tree()
    assert "  update in 30 min  Payments fail" in one_line(story.incident, story.now)
    assert "  update due  " in one_line(story.incident, story.passes(minutes(30)).now)
    assert "  update OVERDUE  " in one_line(story.incident, story.passes(minutes(1)).now)


@pytest.mark.rule("P-CLEAR-4")
def test_after_the_all_clear_the_post_mortem_is_what_is_due() -> None:
    story = at_tree().says("yes").says().says().says("yes").says("yes").until("clear.post-mortem")
    assert isinstance(story.entries[-1].event, UpdateSent) or story.incident.clear.given_at is not None
    assert "Write-up   due by 03:12 UTC on 25 November, in 2 days" in status_text(story.book, story.incident, story.now)
    story.passes(timedelta(hours=49))
    assert "Write-up   OVERDUE by 1 h" in status_text(story.book, story.incident, story.now)
    story.says("done")
    assert "Write-up" not in status_text(story.book, story.incident, story.now)


def test_a_story_is_where_it_was_whenever_it_is_looked_at() -> None:
    """The same journal and the same moment: the same question, whatever the clock showed in between."""
    story: Story = at_tree()
    before = story.asked
    for by in (HOUR, -3 * HOUR, 2 * HOUR):
        story.passes(by)
    assert story.asked == before
