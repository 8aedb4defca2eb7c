"""Paging through PagerDuty from the walk: a real HTTP server, the real pager, and nothing without a person's word."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from incidentctl.actions.interface import NoHands
from incidentctl.checks.interface import NoChecks
from incidentctl.comms.drafts import Drafts
from incidentctl.comms.pager import RealPager
from incidentctl.incident.events import PeoplePaged
from incidentctl.incident.fold import fold
from incidentctl.incident.paging import PageAnswered, PageEnded, PageStarted
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Mode
from incidentctl.journal.interface import Journal
from incidentctl.journal.memory import MemoryJournal
from incidentctl.runbook.model import Person as Named
from incidentctl.runbook.model import Runbook
from incidentctl.session import Session
from incidentctl.terminal.interface import Outcome, Screen, Withdrawn
from incidentctl.walker.requests import Request
from incidentctl.watching import Watching
from tests.servers.json_api import Reply
from tests.servers.json_api import Request as Asked
from tests.servers.pagerduty import FROM, KEY, POLICY, SERVICE, USER, PagerDuty, pagerduty
from tests.session.people import Patient, Person, Watch, opening, pinned

TO_THE_PAGE = (None, None, None, ["critically degraded"], None)
"""Acknowledge, channel, dashboards, impact, level."""
_PATIENCE = 20.0


@pytest.fixture(name="account")
def _account() -> Iterator[PagerDuty]:
    with pagerduty() as account:
        yield account


def environ(url: str, key: str = KEY) -> dict[str, str]:
    return {"PAGERDUTY_API_KEY": key, "PAGERDUTY_FROM": FROM, "PAGERDUTY_API_URL": url}


def with_people(book: Runbook) -> Runbook:
    people = {
        "on-call": Named("on-call", "search on-call", (("pagerduty", SERVICE),)),
        "lead": Named("lead", "search lead", (("pagerduty", USER),)),
        "ic-backup": Named("ic-backup", "commanders' rota", (("pagerduty", POLICY),)),
        "comms-lead": Named("comms-lead", "comms rota", (("phone", "+49 30 1234567"),)),
    }
    return replace(book, people=people)


def sitting(journal: Journal, person: Person, variables: dict[str, str], watch: Watch | None = None) -> Session:
    """Somebody at a terminal, whose runbook says whom PagerDuty pages."""
    pager = RealPager(variables, between=0.05)
    watching = Watching(lambda _book, _incident: NoChecks(), NoHands(), pager=pager)
    pin = lambda opened: with_people(pinned(opened))  # noqa: E731 - of one line, and used once
    return Session(journal, person, Drafts(), watch or Watch(), "Ada", pinned=pin, watching=watching)


def begun(desk: Session, mode: Mode = "real") -> str:
    book, how = opening()
    return desk.open(with_people(book), replace(how, mode=mode))


def walked(desk: Session, incident: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        desk.walk(incident)


def events(journal: Journal, incident: str, kind: type[Any]) -> list[Any]:
    return [entry.event for entry in journal.read(incident) if isinstance(entry.event, kind)]


def until_shown(fits: Callable[[tuple[str, ...]], bool]) -> Callable[[Request, Screen], Outcome]:
    """Sits before the open question until what stands above it fits; then goes away."""

    def sits(request: Request, screen: Screen) -> Outcome:
        ends = time.monotonic() + _PATIENCE
        while not fits(screen.live()):
            assert time.monotonic() < ends, screen.live()
            screen.still_open()
        raise KeyboardInterrupt

    return sits


def folded(journal: Journal, incident: str) -> Incident:
    return fold(incident, journal.read(incident))


@pytest.mark.rule("P-FIRST-5", "P-SEV-1")
def test_one_word_pages_whoever_the_level_names(account: PagerDuty) -> None:
    journal, made_before = MemoryJournal(), []
    person = Patient(*TO_THE_PAGE, "page", "done")
    person.looking = lambda request, _: made_before.append(len(account.incidents))
    desk = sitting(journal, person, environ(account.url))
    incident = begun(desk)
    walked(desk, incident)
    assert made_before[: len(TO_THE_PAGE) + 1] == [0] * (len(TO_THE_PAGE) + 1), "nobody was paged before"
    assert [one["title"] for one in account.incidents] == ["P1 search: Search is down"] * 2
    assert [one.get("assignments") for one in account.incidents if "assignments" in one]
    assert {one["escalation_policy"]["id"] for one in account.incidents if "escalation_policy" in one} == {POLICY}
    ended = events(journal, incident, PageEnded)
    assert {one.id for one in ended} == {one["id"] for one in account.incidents}
    assert {one.result for one in ended} == {"sent"}
    assert person.prompts[len(TO_THE_PAGE) :][:2] == ["first.page", "first.page"]
    assert person.asked[len(TO_THE_PAGE) + 1].text == "P1: page comms-lead. Done?"
    (by_hand,) = events(journal, incident, PeoplePaged)
    assert by_hand.reached == ("comms-lead",)


def test_a_page_is_written_down_before_it_is_sent(account: PagerDuty) -> None:
    journal = MemoryJournal()
    desk = sitting(journal, Patient(*TO_THE_PAGE, "page"), environ(account.url))
    incident = begun(desk)
    known: list[int] = []
    answer = account._created

    def created(request: Asked) -> Reply:
        known.append(len(events(journal, incident, PageStarted)))
        return answer(request)

    account._created = created  # type: ignore[method-assign]
    walked(desk, incident)
    assert known == [2, 2]


def test_somebody_who_waits_sees_who_acknowledged(account: PagerDuty) -> None:
    journal = MemoryJournal()
    silent = until_shown(lambda live: sum("not acknowledged yet" in line for line in live) == 2)
    person = Person(*TO_THE_PAGE, "page", silent)
    desk = sitting(journal, person, environ(account.url))
    incident = begun(desk)
    walked(desk, incident)
    page = folded(journal, incident).pages["lead"]
    account.acknowledge(page.id, "Bo \x1b[31mLead")
    seen: list[str] = []

    def answered(live: tuple[str, ...]) -> bool:
        seen[:] = [line for line in live if line.startswith("lead")]
        return any("acknowledged by" in line for line in seen)

    person.answers = [until_shown(answered)]
    walked(desk, incident)
    assert seen == ["lead (search lead): acknowledged by Bo Lead at 03:12 UTC"]
    (found,) = events(journal, incident, PageAnswered)
    assert (found.role, found.by) == ("lead", "Bo Lead")
    assert folded(journal, incident).paged["lead"]


@pytest.mark.rule("P-FIRST-5")
def test_whom_pagerduty_does_not_page_is_paged_by_hand(account: PagerDuty) -> None:
    journal = MemoryJournal()
    person = Patient(*TO_THE_PAGE, "page")
    desk = sitting(journal, person, environ(account.url, key="another-key-canary"))
    incident = begun(desk)
    walked(desk, incident)
    assert person.asked[-1].text == "P1: page lead, ic-backup and comms-lead. Done?"
    refused = "PagerDuty did not page lead: PagerDuty does not accept PAGERDUTY_API_KEY (401). Page them yourself."
    assert refused in person.asked[-1].shown.said
    assert "another-key-canary" not in repr(journal.read(incident)) + repr(person.heard)
    assert folded(journal, incident).paged == {}


def test_a_server_that_breaks_off_may_have_paged_them(account: PagerDuty) -> None:
    journal = MemoryJournal()
    account.moods.hangs_up = True
    person = Patient(None, None, None, ["degraded"], None, "page")
    desk = sitting(journal, person, environ(account.url))
    incident = begun(desk)
    walked(desk, incident)
    assert [one.result for one in events(journal, incident, PageEnded)] == ["perhaps"]
    assert any("Look before you page them again" in line for line in person.asked[-1].shown.said)
    assert len(account.incidents) == 1, "and nothing is sent a second time"


@pytest.mark.parametrize("arrived", [True, False])
def test_what_was_on_its_way_at_a_crash_is_never_sent_twice(account: PagerDuty, arrived: bool) -> None:
    journal = MemoryJournal()

    def dies(request: Request, screen: Screen) -> Outcome:
        raise KeyboardInterrupt

    with socket.create_server(("127.0.0.1", 0)) as mute:  # which takes the page, and never says so
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        desk = sitting(journal, Person(*TO_THE_PAGE, "page", dies), environ(url))
        incident = begun(desk)
        walked(desk, incident)
    started = events(journal, incident, PageStarted)
    if arrived:
        for page in started:
            account.incident(key=page.key)
    before = len(account.incidents)
    again = Patient()
    other = sitting(journal, again, environ(account.url))
    with pytest.raises(KeyboardInterrupt):
        other.resume(incident, [])
    assert len(account.incidents) == before
    assert {one.result for one in events(journal, incident, PageEnded)} == {"sent" if arrived else "perhaps"}
    rest = "comms-lead" if arrived else "lead, ic-backup and comms-lead"
    assert again.asked[-1].text == f"P1: page {rest}. Done?"
    assert not any(request.method == "POST" for request in account.asked)


@pytest.mark.rule("P-FIRST-5")
def test_where_nobody_acknowledges_the_walk_asks_and_pages_the_next_one(account: PagerDuty) -> None:
    journal, watch = MemoryJournal(), Watch()

    def passes(request: Request, screen: Screen) -> Outcome:
        watch.move(timedelta(minutes=5))
        assert not screen.still_open(), "it falls due while another question is open"
        return Withdrawn()

    # P2 pages the lead; the comms lead's seat is the question that is open, and the first update comes first.
    person = Patient(None, None, None, ["degraded"], None, "page", passes, None, "send", "yes", "next")
    desk = sitting(journal, person, environ(account.url), watch)
    incident = begun(desk)
    walked(desk, incident)
    assert person.prompts[person.prompts.index("comms.sent") + 1] == "page.escalate"
    assert [page.role for page in events(journal, incident, PageStarted)] == ["lead", "ic-backup"]
    assert account.incidents[-1]["escalation_policy"]["id"] == POLICY


def test_a_drill_pages_nobody(account: PagerDuty) -> None:
    person = Patient(*TO_THE_PAGE)
    desk = sitting(MemoryJournal(), person, environ(account.url))
    walked(desk, begun(desk, "drill"))
    assert person.prompts[-1] == "first.page"
    assert [word.value for word in person.asked[-1].accepts.words] == ["done", "called"]
    assert account.asked == []


def test_without_a_key_nothing_is_offered() -> None:
    person = Patient(*TO_THE_PAGE)
    desk = sitting(MemoryJournal(), person, {})
    walked(desk, begun(desk))
    assert [word.value for word in person.asked[-1].accepts.words] == ["done", "called"]


@pytest.mark.rule("P-WAR-1")
def test_a_war_room_pages_who_leads_it_once_somebody_says_so(account: PagerDuty) -> None:
    journal, before = MemoryJournal(), []
    # The lead is paged; then the comms lead's seat, what is affected, and who leads the war room.
    person = Patient(None, None, None, ["degraded"], None, "page", None, ["ledger"], "page", "done", ["support"])
    person.looking = lambda request, _: before.append((request.text, len(account.incidents)))
    watching = Watching(
        lambda _book, _incident: NoChecks(), NoHands(), pager=RealPager(environ(account.url), between=0.05)
    )
    pin = lambda opened: replace(with_people(pinned(opened)), depends_on=("ledger",))  # noqa: E731 - used once
    desk = Session(journal, person, Drafts(), Watch(), "Ada", pinned=pin, watching=watching)
    book, how = opening()
    incident = desk.open(replace(with_people(book), depends_on=("ledger",)), how)
    walked(desk, incident)
    assert ("War room: page ic-backup and comms-lead. Done?", 1) in before, "nobody was paged before they were asked"
    assert ("War room: page comms-lead. Done?", 2) in before
    assert [page.role for page in events(journal, incident, PageStarted)] == ["lead", "ic-backup"]
    words = account.incidents[-1]["body"]["details"]
    assert "You are paged as ic-backup (commanders' rota)." in words
    assert "War room: ledger affected too." in words
    stands = folded(journal, incident)
    assert (stands.joined, stands.paged) == (("support",), {"comms-lead": True})
