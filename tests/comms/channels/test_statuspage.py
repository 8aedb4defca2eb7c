"""The page that customers look at: what it shows after each post, and what is said where it shows nothing."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest

from incidentctl.comms.channels import statuspage as module
from incidentctl.comms.channels.interface import Post, Receipt, Unsent
from incidentctl.comms.channels.statuspage import StatuspageChannel
from incidentctl.http import once
from incidentctl.incident.words import CommsPhase
from tests.servers.json_api import Reply
from tests.servers.started import free_port
from tests.servers.statuspage_api import KEY, PAGE, StatuspageApi, statuspage_api

FIRST = Post(
    incident="20261123-0312-abc",
    service="checkout",
    title="Orders fail",
    severity="P1",
    phase=CommsPhase.INVESTIGATING,
    audience="customers",
    text="Placing orders fails for some customers.\nNext update by 03:42 UTC.",
    key="update-1/customers",
)
HOSTILE = "\x1b]0;owned\x07Orders\r\nX-Injected: 1\u202e <script>alert(1)</script> [bold]"


@pytest.fixture(name="page")
def _page() -> Iterator[StatuspageApi]:
    module._known.clear()
    with statuspage_api() as page:
        page.component("Checkout")
        page.component("Search")
        yield page


def channel(page: StatuspageApi, components: str = "Checkout", **environ: str) -> StatuspageChannel:
    values = {"page": PAGE, "components": components}
    return StatuspageChannel(values, {"STATUSPAGE_API_KEY": KEY, "STATUSPAGE_API_URL": page.url, **environ})


def send(page: StatuspageApi, post: Post = FIRST, components: str = "Checkout", seconds: float = 5) -> Receipt:
    return once(channel(page, components).send(post, seconds=seconds))


def unsent(page: StatuspageApi, post: Post = FIRST, components: str = "Checkout", seconds: float = 5) -> Unsent:
    """Why it did not go out; the key is nowhere in it."""
    with pytest.raises(Unsent) as caught:
        send(page, post, components, seconds)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert KEY not in caught.value.hint
    return caught.value


def then(phase: CommsPhase, text: str, thread: str, number: int) -> Post:
    return replace(FIRST, phase=phase, text=text, thread=thread, key=f"update-{number}/customers")


# --- an incident, from its first post to its last ----------------------------------------------------------


def test_the_first_post_opens_an_incident_and_says_the_least_that_is_true(page: StatuspageApi) -> None:
    receipt = send(page)
    incident = page.only()
    assert incident["name"] == "Orders fail"
    assert page.told() == [("investigating", FIRST.text)]
    assert (page.status_of("Checkout"), page.status_of("Search")) == ("degraded_performance", "operational")
    assert incident["impact_override"] is None
    assert incident["incident_updates"][0]["deliver_notifications"] is True
    assert receipt.id == incident["incident_updates"][0]["id"]
    assert (receipt.url, receipt.thread) == (incident["shortlink"], incident["id"])


def test_later_posts_update_it_and_the_last_one_makes_components_operational(page: StatuspageApi) -> None:
    thread = send(page).thread
    send(page, then(CommsPhase.IDENTIFIED, "We know why.", thread, 2))
    page.components[0]["status"] = "major_outage"  # a person at the page knows more than we do
    receipt = send(page, then(CommsPhase.MONITORING, "It is getting better.", thread, 3))
    assert page.status_of("Checkout") == "major_outage"
    assert receipt.id == page.only()["incident_updates"][0]["id"]
    send(page, then(CommsPhase.RESOLVED, "Orders can be placed again.", thread, 4))
    assert page.status_of("Checkout") == "operational"
    assert [status for status, _ in page.told()] == ["investigating", "identified", "monitoring", "resolved"]


def test_what_a_person_set_to_something_worse_stays(page: StatuspageApi) -> None:
    page.components[0]["status"] = "major_outage"
    send(page)
    assert page.status_of("Checkout") == "major_outage"
    assert [one["name"] for one in page.only()["components"]] == ["Checkout"]


def test_a_component_that_another_open_incident_is_about_is_not_called_operational(page: StatuspageApi) -> None:
    thread = send(page, components="Checkout\nSearch").thread
    other = {"id": "other", "status": "monitoring", "components": [page.components[1]], "incident_updates": []}
    page.incidents.append(other)
    send(page, then(CommsPhase.RESOLVED, "Over.", thread, 2), "Checkout\nSearch")
    assert (page.status_of("Checkout"), page.status_of("Search")) == ("operational", "degraded_performance")


def test_without_components_none_is_touched(page: StatuspageApi) -> None:
    thread = send(page, components="").thread
    send(page, then(CommsPhase.RESOLVED, "Over.", thread, 2), "")
    assert [status for status, _ in page.told()] == ["investigating", "resolved"]
    assert page.only()["components"] == []
    assert not any(request.path.endswith("components") for request in page.asked)


def test_a_title_that_is_hostile_is_one_line_and_what_is_left_of_it_is_text(page: StatuspageApi) -> None:
    send(page, replace(FIRST, title=HOSTILE, text=f"One\r\n{HOSTILE}\nTwo"))
    assert page.only()["name"] == "Orders X-Injected: 1 <script>alert(1)</script> [bold]"
    assert page.told()[0][1] == "One\nOrders\nX-Injected: 1 <script>alert(1)</script> [bold]\nTwo"


def test_a_long_title_is_cut_and_a_long_text_is_not(page: StatuspageApi) -> None:
    send(page, replace(FIRST, title="ü" * 40_000))
    assert page.only()["name"] == "ü" * 254 + "…"
    problem = unsent(page, replace(FIRST, text="x" * 40_000))
    assert problem.message == "the text has 40,000 characters, and Statuspage takes 25,000"
    assert not problem.perhaps
    assert len(page.incidents) == 1


# --- components --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["checkout", "CHECKOUT", "Payments / API", "payments / api", "comp00000000"])
def test_a_component_is_named_as_people_write_it(page: StatuspageApi, name: str) -> None:
    page.component("API", group="Payments")
    page.component("API", group="Search engine")
    send(page, components=name)
    expected = "API" if "/" in name else "Checkout"
    assert [one["name"] for one in page.only()["components"]] == [expected]


def test_components_that_do_not_exist_or_are_two_are_named(page: StatuspageApi) -> None:
    problem = unsent(page, components="Chekout")
    assert (problem.message, problem.hint) == ("the page has no component `Chekout`", "Near it are Checkout.")
    page.component("API", group="Europe")
    page.component("API", group="US")
    problem = unsent(page, components="API")
    assert problem.message == "the page has 2 components `API`: `Europe / API`, `US / API`"
    problem = unsent(page, components="Europe")  # a group has the status of what is in it
    assert problem.message == "the page has no component `Europe`"
    assert page.incidents == []


def test_a_page_of_hundreds_of_components_is_read_to_its_end_once(page: StatuspageApi) -> None:
    for number in range(230):
        page.component(f"part {number}")
    thread = send(page, components="part 229").thread
    assert page.status_of("part 229") == "degraded_performance"
    send(page, then(CommsPhase.RESOLVED, "Over.", thread, 2), "part 229")
    assert page.status_of("part 229") == "operational"
    assert len([request for request in page.asked if request.path.endswith("components")]) == 3


# --- what goes wrong ---------------------------------------------------------------------------------------


def fails(page: StatuspageApi, *replies: Reply, seconds: float = 5) -> Unsent:
    page.moods.instead[:] = replies
    problem = unsent(page, components="", seconds=seconds)
    assert page.incidents == []
    return problem


@pytest.mark.parametrize(
    ("status", "body", "sentence", "perhaps"),
    [
        (401, {"error": f"no {KEY}"}, "Statuspage does not accept STATUSPAGE_API_KEY (401)", False),
        (403, {"error": "Forbidden"}, "Statuspage does not allow this with STATUSPAGE_API_KEY (403): Forbidden", False),
        (404, {"error": "Not found"}, "Statuspage has no page `abc123` (404)", False),
        (
            422,
            {"error": [f"Name \x1b[31mis {KEY[:9]}\0{KEY[9:]}", "Body is bad"]},
            "Statuspage refused it (422): Name is <redacted>; Body is bad",
            False,
        ),
        (422, {"message": {"name": ["is too long"]}}, "Statuspage refused it (422): name is too long", False),
        (400, "<html>", "Statuspage refused it (400)", False),
        (302, "", "Statuspage redirects elsewhere (302), which is not followed", False),
        (500, {"error": "oops"}, "Statuspage failed (500)", True),
        (503, "", "Statuspage failed (503)", True),
        (201, "<html>", "Statuspage answered something else than JSON", True),
        (201, {}, "Statuspage answered without an id", True),
    ],
)
def test_each_answer_has_its_sentence(
    page: StatuspageApi, status: int, body: object, sentence: str, *, perhaps: bool
) -> None:
    problem = fails(page, Reply(status, body))
    assert (problem.message, problem.perhaps) == (sentence, perhaps)


@pytest.mark.parametrize("status", [420, 429])
def test_it_waits_where_statuspage_says_how_long_and_no_longer_than_it_may(page: StatuspageApi, status: int) -> None:
    problem = fails(page, Reply(status, {}, {"retry-after": "60"}))
    assert problem.message == f"Statuspage was asked too often ({status}), and wants 60 s of rest"
    assert (problem.hint, problem.perhaps) == ("Wait a minute, then send it again.", False)
    assert fails(page, Reply(status, {})).message == f"Statuspage was asked too often ({status})"
    page.moods.instead[:] = [Reply(status, {}, {"retry-after": "0"})] * 2
    assert send(page).thread == page.only()["id"]


def test_an_incident_that_is_gone_from_the_page(page: StatuspageApi) -> None:
    problem = unsent(page, replace(FIRST, thread="gone12345"))
    assert problem.message == "Statuspage has no incident `gone12345` any more (404)"


def test_nobody_there() -> None:
    page = StatuspageApi(url=f"http://127.0.0.1:{free_port()}")
    problem = unsent(page, components="")
    assert problem.message == f"{page.url.removeprefix('http://')} refused the connection"
    assert not problem.perhaps


def test_where_no_tls_is_spoken_nothing_went_out(page: StatuspageApi) -> None:
    page.url = page.url.replace("http://", "https://")
    problem = unsent(page, components="")
    assert problem.message.endswith("speaks no TLS that we know, or none at all")
    assert not problem.perhaps


@pytest.mark.parametrize("silent", [True, False])
def test_what_was_taken_without_a_word_may_have_gone_out_and_is_found(page: StatuspageApi, *, silent: bool) -> None:
    page.moods.silent, page.moods.hangs_up = silent, not silent
    problem = unsent(page, seconds=1.5)
    assert problem.perhaps
    found = once(channel(page).find(FIRST, seconds=5))
    assert found is not None
    assert found.thread == page.only()["id"]
    assert found.id == page.only()["incident_updates"][0]["id"]
    assert page.told() == [("investigating", FIRST.text)]


# --- is it there already? ----------------------------------------------------------------------------------


def test_a_post_is_found_by_its_key_and_another_with_the_same_words_is_not_it(page: StatuspageApi) -> None:
    assert once(channel(page).find(FIRST, seconds=5)) is None
    thread = send(page).thread
    again = then(CommsPhase.INVESTIGATING, FIRST.text, thread, 2)
    assert once(channel(page).find(replace(FIRST, thread=thread), seconds=5)) is not None
    assert once(channel(page).find(again, seconds=5)) is None
    send(page, again)
    assert once(channel(page).find(again, seconds=5)) is not None


def test_an_earlier_incident_with_the_same_words_is_not_this_one(page: StatuspageApi) -> None:
    send(page, replace(FIRST, incident="20261120-1100-xyz", key="other"))
    assert once(channel(page).find(FIRST, seconds=5)) is None


def test_where_another_tool_wiped_our_key_away_the_latest_update_tells(page: StatuspageApi) -> None:
    post = replace(FIRST, thread=send(page).thread)
    page.only()["metadata"] = {"jira": {"issue": "OPS-1"}}
    assert once(channel(page).find(post, seconds=5)) is not None
    assert once(channel(page).find(replace(post, phase=CommsPhase.IDENTIFIED), seconds=5)) is None


# --- what it is made from ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "environ", "sentence"),
    [
        ({}, {}, "the id of a Statuspage page is missing"),
        ({"page": "../pages"}, {}, "`../pages` is no id of a Statuspage page"),
        ({"page": "${PAGE}"}, {}, "PAGE is not set"),
        ({"page": PAGE}, {"STATUSPAGE_API_KEY": ""}, "STATUSPAGE_API_KEY is not set"),
        (
            {"page": PAGE},
            {"STATUSPAGE_API_KEY": f"{KEY}\n{KEY}"},
            "STATUSPAGE_API_KEY holds characters that no key has",
        ),
        ({"page": PAGE}, {"STATUSPAGE_API_URL": "page"}, "STATUSPAGE_API_URL is no address that can be asked"),
        (
            {"page": PAGE},
            {"STATUSPAGE_API_URL": "http://status.example.com"},
            "STATUSPAGE_API_URL would send the key unencrypted",
        ),
    ],
)
def test_what_is_missing_is_named_before_anything_is_sent(
    values: dict[str, str], environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Unsent) as caught:
        StatuspageChannel(values, {"STATUSPAGE_API_KEY": KEY, **environ})
    assert caught.value.message == sentence
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_a_page_and_a_key_are_enough() -> None:
    channel = StatuspageChannel({"page": "${PAGE}"}, {"PAGE": PAGE, "STATUSPAGE_API_KEY": f"{KEY}\n"})
    assert channel.name == "Statuspage abc123"
