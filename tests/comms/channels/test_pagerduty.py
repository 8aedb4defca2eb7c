"""PagerDuty: what stands at the incident there, who is paged, and what is said where that cannot be known."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incidentctl.comms.channels.interface import Post, Receipt, Unsent
from incidentctl.comms.channels.pagerduty import Acknowledged, Page, Pagerduty, PagerdutyChannel, page_by_event
from incidentctl.http import once
from incidentctl.incident.words import CommsPhase
from tests.servers.json_api import Reply
from tests.servers.pagerduty import FROM, KEY, POLICY, ROUTING_KEY, SERVICE, USER, PagerDuty, pagerduty

POST = Post(
    incident="20261123-0312-abc",
    service="checkout",
    title="Orders fail",
    severity="P1",
    phase=CommsPhase.INVESTIGATING,
    audience="internal",
    text="P1 checkout: orders fail. IC Ana. #incident-20261123-0312",
    key="update-1/internal",
)
PAGED = Page("P1 checkout: orders fail", "Ana needs the backup.", "20261123-0312-abc/ic-backup")


@pytest.fixture(name="account")
def _account() -> Iterator[PagerDuty]:
    with pagerduty() as account:
        yield account


def environ(account: PagerDuty) -> dict[str, str]:
    return {
        "PAGERDUTY_API_KEY": KEY, "PAGERDUTY_FROM": FROM, "PAGERDUTY_API_URL": account.url,
        "PAGERDUTY_EVENTS_URL": account.url, "PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
    }  # fmt: skip


def channel(account: PagerDuty) -> PagerdutyChannel:
    return PagerdutyChannel({"service": SERVICE}, environ(account))


def api(account: PagerDuty) -> Pagerduty:
    return Pagerduty(environ(account))


def send(account: PagerDuty, post: Post = POST, seconds: float = 5) -> Receipt:
    return once(channel(account).send(post, seconds=seconds))


def unsent(doing: Callable[[], object]) -> Unsent:
    """Why it was not done; no key is anywhere in it."""
    with pytest.raises(Unsent) as caught:
        doing()
    told = "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert KEY not in told
    assert ROUTING_KEY not in told
    return caught.value


# --- notes -------------------------------------------------------------------------------------------------


def test_a_post_is_a_note_on_the_open_incident(account: PagerDuty) -> None:
    account.incident(status="resolved")
    account.incident(service="POTHER1")
    meant = account.incident(status="acknowledged")
    receipt = send(account)
    (note,) = account.notes[meant]
    assert note["content"] == f"{POST.text}\n\n[20261123-0312-abc, investigating, update-1/internal]"
    assert note["user"]["summary"] == "Ana IC"
    assert receipt == Receipt(note["id"], thread=meant)


def test_later_posts_go_where_the_first_one_went(account: PagerDuty) -> None:
    thread = account.incident()
    send(account)
    account.incident()  # a second alert of the same service
    account.find(thread)["status"] = "resolved"
    send(account, replace(POST, thread=thread, phase=CommsPhase.RESOLVED, key="update-2/internal"))
    assert [note["content"].rpartition("\n")[2] for note in account.notes[thread]] == [
        "[20261123-0312-abc, resolved, update-2/internal]",
        "[20261123-0312-abc, investigating, update-1/internal]",
    ]


def test_where_no_incident_is_open_or_several_are_nothing_is_guessed(account: PagerDuty) -> None:
    problem = unsent(lambda: send(account))
    assert problem.message == "PagerDuty has no open incident at PCHK001 that a note could be added to"
    account.incident()
    account.incident(status="acknowledged")
    problem = unsent(lambda: send(account))
    assert problem.message == "PagerDuty has 2 open incidents at PCHK001: #2, #1"
    assert not problem.perhaps
    assert account.notes == {}


def test_hostile_and_long_text_stays_text(account: PagerDuty) -> None:
    thread = account.incident()
    send(account, replace(POST, text="\x1b[31mred\x1b[0m\r\n<b>\u202e" + "x" * 40_000, key="a\nb"))
    content = account.notes[thread][0]["content"]
    assert content.startswith("red\n<b>xxx")
    assert content.endswith("x\n\n[20261123-0312-abc, investigating, a b]")
    assert len(content) > 40_000


@pytest.mark.parametrize("silent", [True, False])
def test_a_note_that_was_taken_without_a_word_is_found(account: PagerDuty, *, silent: bool) -> None:
    account.incident()
    assert once(channel(account).find(POST, seconds=5)) is None
    account.moods.silent, account.moods.hangs_up = silent, not silent
    assert unsent(lambda: send(account, seconds=1.5)).perhaps
    found = once(channel(account).find(POST, seconds=5))
    assert found is not None
    assert found.id == "PNOTE000"
    assert once(channel(account).find(replace(POST, key="update-2/internal"), seconds=5)) is None
    assert once(channel(account).find(replace(POST, thread=found.thread), seconds=5)) == found


@pytest.mark.parametrize(
    ("reply", "sentence", "perhaps"),
    [
        (
            Reply(401, {"error": {"message": f"Bad {KEY}", "code": 2006}}),
            "PagerDuty does not accept PAGERDUTY_API_KEY (401)",
            False,
        ),
        (
            Reply(403, {"error": {"message": "Access Denied", "code": 2010}}),
            "PagerDuty does not allow this with PAGERDUTY_API_KEY (403): Access Denied",
            False,
        ),
        (Reply(404, {"error": {"message": "Not Found", "code": 2100}}), "PagerDuty has no incident `Q1` (404)", False),
        (
            Reply(400, {"error": {"message": "Invalid", "code": 2001, "errors": ["Requester User Not Found"]}}),
            "PagerDuty refused it (400): Invalid; Requester User Not Found",
            False,
        ),
        (
            Reply(422, {"error": {"errors": [f"\x1b[2J{KEY}", "bad"]}}),
            "PagerDuty refused it (422): <redacted>; bad",
            False,
        ),
        (
            Reply(429, {}, {"ratelimit-reset": "30"}),
            "PagerDuty was asked too often (429), and wants 30 s of rest",
            False,
        ),
        (Reply(500, "oops"), "PagerDuty failed (500)", True),
        (Reply(200, {"note": {}}), "PagerDuty answered without an id", True),
    ],
)
def test_each_answer_has_its_sentence(account: PagerDuty, reply: Reply, sentence: str, *, perhaps: bool) -> None:
    account.moods.instead.append(reply)
    problem = unsent(lambda: send(account, replace(POST, thread="Q1")))
    assert (problem.message, problem.perhaps) == (sentence, perhaps)


def test_a_short_rest_is_taken(account: PagerDuty) -> None:
    thread = account.incident()
    account.moods.instead.append(Reply(429, {}, {"ratelimit-reset": "0"}))
    assert send(account).thread == thread


# --- acknowledging and resolving ---------------------------------------------------------------------------


def test_who_acknowledged_and_when(account: PagerDuty) -> None:
    incident = account.incident()
    assert once(api(account).acknowledged(incident, seconds=5)) == []
    account.acknowledge(incident, "Bo Lead")
    account.now = "2026-11-23T03:20:00Z"
    first = Acknowledged("Bo Lead", datetime(2026, 11, 23, 3, 12, tzinfo=UTC))
    ours = Acknowledged("Ana IC", datetime(2026, 11, 23, 3, 20, tzinfo=UTC))
    assert once(api(account).acknowledge(incident, seconds=5)) == [first, ours]
    assert once(api(account).acknowledged(incident, seconds=5)) == [first, ours]


def test_a_resolved_incident_is_not_opened_again_by_acknowledging_it(account: PagerDuty) -> None:
    incident = account.incident()
    assert once(api(account).resolve(incident, seconds=5)).id == incident
    problem = unsent(lambda: once(api(account).acknowledge(incident, seconds=5)))
    assert problem.message == f"PagerDuty incident {incident} is resolved; to acknowledge it would open it again"
    assert account.find(incident)["status"] == "resolved"


def test_an_id_that_could_lead_elsewhere_is_none(account: PagerDuty) -> None:
    problem = unsent(lambda: once(api(account).resolve("../services/X", seconds=5)))
    assert problem.message == "`../services/X` is no id of a PagerDuty incident"
    assert account.asked == []


# --- paging ------------------------------------------------------------------------------------------------


def page(account: PagerDuty, whom: str, service: str = "", seconds: float = 5) -> Receipt:
    return once(api(account).page(whom, PAGED, service=service, seconds=seconds))


def test_a_service_pages_whoever_is_on_call_there(account: PagerDuty) -> None:
    receipt = page(account, SERVICE)
    (incident,) = account.incidents
    assert (incident["title"], incident["urgency"]) == ("P1 checkout: orders fail", "high")
    assert incident["body"] == {"type": "incident_body", "details": "Ana needs the backup."}
    assert incident["service"]["id"] == SERVICE
    assert receipt == Receipt(incident["id"], incident["html_url"], incident["id"])


@pytest.mark.parametrize(
    ("whom", "key", "value"),
    [
        (POLICY, "escalation_policy", {"id": POLICY, "type": "escalation_policy_reference"}),
        (
            USER,
            "assignments",
            [{"at": "2026-11-23T04:12:00+01:00", "assignee": {"id": USER, "type": "user_reference"}}],
        ),
    ],
)
def test_a_policy_or_a_user_is_paged_at_a_service(account: PagerDuty, whom: str, key: str, value: object) -> None:
    assert unsent(lambda: page(account, whom)).message == "the id of a PagerDuty service is missing"
    page(account, whom, SERVICE)
    assert account.incidents[0][key] == value


def test_paging_twice_pages_once(account: PagerDuty) -> None:
    account.moods.silent = True
    assert unsent(lambda: page(account, SERVICE, seconds=1.5)).perhaps
    again = page(account, SERVICE)
    assert [incident["id"] for incident in account.incidents] == [again.id]


def test_an_id_that_nobody_has(account: PagerDuty) -> None:
    problem = unsent(lambda: page(account, "PSCHED1", SERVICE))
    assert problem.message == "PagerDuty has no service, escalation policy or user `PSCHED1`"
    assert problem.hint == "A schedule cannot be paged: name the escalation policy that it is in."
    assert account.incidents == []


def test_with_a_routing_key_alone_an_event_is_sent(account: PagerDuty) -> None:
    hostile = replace(PAGED, title="\x1b[31mOrders\r\nfail " + "x" * 2000, details="d" * 40_000)
    receipt = once(page_by_event(hostile, environ(account), source="checkout", seconds=5))
    (event,) = account.events
    assert receipt.id == event["dedup_key"] == PAGED.dedup_key
    assert event["payload"]["summary"].startswith("Orders fail xxx")
    assert event["payload"]["source"] == "checkout"


def test_a_routing_key_that_is_none_or_is_not_taken_is_not_shown(account: PagerDuty) -> None:
    wrong = {**environ(account), "PAGERDUTY_ROUTING_KEY": "0" * 32}
    problem = unsent(lambda: once(page_by_event(PAGED, wrong, source="checkout", seconds=5)))
    assert problem.message == "PagerDuty refused it (400): Event object is invalid"
    short = {**environ(account), "PAGERDUTY_ROUTING_KEY": "planted"}
    problem = unsent(lambda: once(page_by_event(PAGED, short, source="checkout", seconds=5)))
    assert problem.message == "PAGERDUTY_ROUTING_KEY is no routing key: those have 32 letters and digits"
    account.moods.instead.append(Reply(500, f"oops {ROUTING_KEY}"))
    problem = unsent(lambda: once(page_by_event(PAGED, environ(account), source="checkout", seconds=5)))
    assert (problem.message, problem.perhaps) == ("PagerDuty failed (500)", True)


# --- what it is made from ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"PAGERDUTY_API_KEY": ""}, "PAGERDUTY_API_KEY is not set"),
        ({"PAGERDUTY_FROM": ""}, "PAGERDUTY_FROM is not set"),
        ({"PAGERDUTY_FROM": "ana@example.com\r\nX: 1"}, "PAGERDUTY_FROM is no e-mail address"),
        ({"PAGERDUTY_API_URL": "http://api.example.com"}, "PAGERDUTY_API_URL would send the key unencrypted"),
    ],
)
def test_what_is_missing_is_named(account: PagerDuty, changed: dict[str, str], sentence: str) -> None:
    given = {**environ(account), **changed}
    assert unsent(lambda: PagerdutyChannel({"service": SERVICE}, given)).message == sentence


def test_a_service_is_needed(account: PagerDuty) -> None:
    assert unsent(lambda: PagerdutyChannel({}, environ(account))).message == "the id of a PagerDuty service is missing"
    assert channel(account).name == "PagerDuty PCHK001"
