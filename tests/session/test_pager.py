"""PagerDuty's incidents, acknowledged and resolved from the walk: a real HTTP server, and only on a person's word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from incidentctl.actions.interface import NoHands
from incidentctl.checks.interface import NoChecks
from incidentctl.comms.drafts import Drafts
from incidentctl.comms.pager import RealPager
from incidentctl.incident.alert import AlertLabel, AlertLink, AlertReceived
from incidentctl.incident.events import AllClearGiven, PageAcknowledged
from incidentctl.incident.paging import PagerAsked, PagerTold
from incidentctl.incident.words import Mode
from incidentctl.journal.interface import Journal
from incidentctl.journal.memory import MemoryJournal
from incidentctl.runbook.model import Person as Named
from incidentctl.session import Session
from incidentctl.terminal.interface import Outcome, Screen
from incidentctl.walker.requests import Request
from incidentctl.watching import Watching
from tests.servers.json_api import Reply
from tests.servers.json_api import Request as Asked
from tests.servers.pagerduty import FROM, KEY, POLICY, SERVICE, USER, PagerDuty, pagerduty
from tests.session.people import TO_THE_END, Patient, Person, Watch, opening, pinned

PEOPLE = {
    "on-call": Named("on-call", "search on-call", (("pagerduty", SERVICE),)),
    "lead": Named("lead", "search lead", (("pagerduty", USER),)),
    "ic-backup": Named("ic-backup", "commanders' rota", (("pagerduty", POLICY),)),
}
TO_THE_TREE = (
    None, None, None, ["critically degraded"], None, "page", None, None, None, "send", "yes",
)  # fmt: skip
"""Acknowledge, channel, dashboards, impact, level, page, page by hand, comms lead, feature, update, sent."""
TO_VERIFY = TO_THE_END[:4]


@pytest.fixture(name="account")
def _account() -> Iterator[PagerDuty]:
    with pagerduty() as account:
        yield account


def alert(id_: str, event: str = "incident.triggered") -> AlertReceived:
    labels = (AlertLabel("id", id_), AlertLabel("event", event))
    return AlertReceived("PagerDuty", "Orders fail", labels=labels, links=(AlertLink("PagerDuty", _url(id_)),))


def _url(id_: str) -> str:
    return f"https://ex.pagerduty.com/incidents/{id_}"


def environ(account: PagerDuty, key: str = KEY) -> dict[str, str]:
    return {"PAGERDUTY_API_KEY": key, "PAGERDUTY_FROM": FROM, "PAGERDUTY_API_URL": account.url}


def sitting(journal: Journal, person: Person, variables: Mapping[str, str]) -> Session:
    watching = Watching(lambda _book, _incident: NoChecks(), NoHands(), pager=RealPager(variables, between=0.05))
    pin = lambda opened: replace(pinned(opened), people=PEOPLE)  # noqa: E731 - of one line, and used once
    return Session(journal, person, Drafts(), Watch(), "Ada", pinned=pin, watching=watching)


def begun(desk: Session, received: AlertReceived | None, mode: Mode = "real") -> str:
    book, how = opening()
    return desk.open(replace(book, people=PEOPLE), replace(how, mode=mode, alert=received))


def walked(desk: Session, incident: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        desk.walk(incident)


def events(journal: Journal, incident: str, kind: type[Any]) -> list[Any]:
    return [entry.event for entry in journal.read(incident) if isinstance(entry.event, kind)]


def words(person: Person, prompt: str) -> list[str]:
    asked = next(request for request in person.asked if request.prompt == prompt)
    return [word.value for word in asked.accepts.words]


# --- acknowledging -----------------------------------------------------------------------------------------


@pytest.mark.rule("P-FIRST-1")
def test_one_word_acknowledges_it_here_and_there(account: PagerDuty) -> None:
    id_, other = account.incident(), account.incident()
    journal, person, known = MemoryJournal(), Patient("acknowledge"), []
    answer = account._changed

    def changed(request: Asked, incident: dict[str, Any]) -> Reply:
        known.append(len(events(journal, opened, PagerAsked)))
        return answer(request, incident)

    account._changed = changed  # type: ignore[method-assign]
    desk = sitting(journal, person, environ(account))
    opened = begun(desk, alert(id_))
    walked(desk, opened)
    assert words(person, "first.acknowledge") == ["done", "acknowledge"]
    assert known == [1], "it is written down before it is asked"
    assert (account.find(id_)["status"], account.find(other)["status"]) == ("acknowledged", "triggered")
    assert events(journal, opened, PageAcknowledged) == [PageAcknowledged("Ada")]
    assert events(journal, opened, PagerTold) == [PagerTold("acknowledge", id_, "done", url=_url(id_))]
    assert f"PagerDuty has acknowledged {id_}." in " ".join(person.heard)


def test_enter_acknowledges_it_here_alone(account: PagerDuty) -> None:
    id_ = account.incident()
    desk = sitting(MemoryJournal(), Patient(None), environ(account))
    walked(desk, begun(desk, alert(id_)))
    assert account.find(id_)["status"] == "triggered"


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("500", "PagerDuty did not acknowledge {}: PagerDuty failed (500). Do it there: "),
        ("key", "PagerDuty did not acknowledge {}: PagerDuty does not accept PAGERDUTY_API_KEY (401). Do it there: "),
        ("breaks off", "PagerDuty may have acknowledged {}, or not: "),
    ],
)
def test_a_failure_is_a_line_and_the_walk_goes_on(account: PagerDuty, trouble: str, said: str) -> None:
    id_ = account.incident()
    if trouble == "500":
        account.moods.instead.append(Reply(500, {}))
    if trouble == "breaks off":
        answer = account._changed

        def changed(request: Asked, incident: dict[str, Any]) -> Reply:
            answer(request, incident)
            return Reply(502, "<html>")

        account._changed = changed  # type: ignore[method-assign]
    journal, person = MemoryJournal(), Patient("acknowledge")
    desk = sitting(journal, person, environ(account, "another-key-canary" if trouble == "key" else KEY))
    opened = begun(desk, alert(id_))
    walked(desk, opened)
    heard = " ".join(person.heard)
    assert said.format(id_) in heard
    assert heard.rstrip().endswith(_url(id_))
    assert person.prompts == ["first.acknowledge", "first.channel"]
    assert not any(secret in repr(journal.read(opened)) + heard for secret in (KEY, "another-key-canary"))


def test_what_was_asked_at_a_crash_is_said_once_and_never_asked_again(account: PagerDuty) -> None:
    id_ = account.incident()
    journal = MemoryJournal()
    desk = sitting(journal, Patient(None), environ(account))
    opened = begun(desk, alert(id_))
    journal.append(
        opened,
        [
            replace(entry, seq=entry.seq + 1, event=PagerAsked("acknowledge", (id_,)))
            for entry in journal.read(opened)[-1:]
        ],
        expected_seq=len(journal.read(opened)),
    )
    for expected in (1, 1):
        again = Patient()
        other = sitting(journal, again, environ(account))
        with pytest.raises(KeyboardInterrupt):
            other.resume(opened, [])
        assert [one.result for one in events(journal, opened, PagerTold)] == ["perhaps"] * expected
    assert account.asked == []


# --- resolving ---------------------------------------------------------------------------------------------


@pytest.mark.rule("P-CLEAR-1")
def test_at_the_all_clear_one_word_resolves_ours_and_nobody_elses(account: PagerDuty) -> None:
    id_, other = account.incident(), account.incident()
    journal, person = MemoryJournal(), Patient(*TO_THE_TREE, *TO_VERIFY, "resolve")
    desk = sitting(journal, person, environ(account))
    opened = begun(desk, alert(id_))
    walked(desk, opened)
    asked = next(request for request in person.asked if request.prompt == "clear.verify")
    assert asked.default is None
    labels = [(word.value, word.label) for word in asked.accepts.words]
    assert labels[2:] == [("resolve", "yes, and resolve 3 incidents in PagerDuty")]
    assert events(journal, opened, AllClearGiven)
    assert len(account.incidents) == 4, "two pages went out"
    assert {one["id"]: one["status"] for one in account.incidents if one["status"] != "resolved"} == {
        other: "triggered"
    }
    assert [one.result for one in events(journal, opened, PagerTold)] == ["done"] * 3


def test_a_yes_resolves_nothing_there(account: PagerDuty) -> None:
    id_ = account.incident()
    desk = sitting(MemoryJournal(), Patient("yes"), environ(account))
    desk.resolve(begun(desk, alert(id_)))
    assert account.find(id_)["status"] == "triggered"


def test_the_last_answer_is_waited_for(account: PagerDuty) -> None:
    id_ = account.incident()
    journal, person = MemoryJournal(), Person("resolve")
    desk = sitting(journal, person, environ(account))
    opened = begun(desk, alert(id_))
    assert not desk.resolve(opened).is_open
    assert account.find(id_)["status"] == "resolved"
    assert f"PagerDuty has resolved {id_}." in " ".join(person.heard)


def test_what_cannot_be_resolved_there_does_not_take_the_all_clear_back(account: PagerDuty) -> None:
    person = Person("resolve")
    desk = sitting(MemoryJournal(), person, environ(account))
    assert not desk.resolve(begun(desk, alert("PGR0VU2"))).is_open
    said = "PagerDuty did not resolve PGR0VU2: PagerDuty has no incident `PGR0VU2` (404). Do it there: "
    assert f"{said}{_url('PGR0VU2')}" in " ".join(person.heard)


def test_a_server_that_breaks_off_may_have_resolved_it(account: PagerDuty) -> None:
    id_, person = account.incident(), Person("resolve")
    account.moods.hangs_up = True
    desk = sitting(MemoryJournal(), person, environ(account))
    assert not desk.resolve(begun(desk, alert(id_))).is_open
    heard = " ".join(person.heard)
    assert f"PagerDuty may have resolved {id_}, or not: " in heard
    assert f"Look there: {_url(id_)}" in heard
    assert len(account.asked) == 1, "and nothing is asked a second time"


# --- where nothing is offered ------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["drill", "no key", "no alert", "another source", "no incident", "over"])
def test_the_words_are_there_only_where_they_can_do_something(account: PagerDuty, why: str) -> None:
    found = alert(account.incident(), "service.updated" if why == "no incident" else "incident.triggered")
    found = replace(found, source="Opsgenie") if why == "another source" else replace(found, resolved=why == "over")

    def leaves(request: Request, screen: Screen) -> Outcome:
        raise KeyboardInterrupt

    person = Patient(leaves, leaves)
    desk = sitting(MemoryJournal(), person, {} if why == "no key" else environ(account))
    opened = begun(desk, None if why == "no alert" else found, "drill" if why == "drill" else "real")
    walked(desk, opened)
    with pytest.raises(KeyboardInterrupt):
        desk.resolve(opened)
    assert words(person, "first.acknowledge") == ["done"]
    assert words(person, "clear.verify") == ["yes", "no"]
    assert account.asked == []
