"""The status page of somebody else, set by the test as its owner would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from incidentctl.checks import statuspage as kind
from incidentctl.checks.interface import Found
from incidentctl.incident.words import Answer
from tests.checks.asked import asked, inquiry
from tests.servers.statuspage import Statuspage, statuspage


@pytest.fixture(name="page")
def _page() -> Iterator[Statuspage]:
    with statuspage() as page:
        page.component("Dashboard")
        page.component("API", group="Europe")
        page.component("API", group="Asia")
        page.component("Webhooks", group="Asia")
        yield page


def ask(page: Statuspage, *components: str) -> Found:
    return asked(kind.ask, inquiry("statuspage", {"url": f"{page.url}/", "components": "\n".join(components)}))


def rows(found: Found) -> list[str]:
    return [row.text for row in found.rows]


def test_the_answer_turns_as_the_page_does(page: Statuspage) -> None:
    assert ask(page) == Found(Answer.NO, "Stripe: All Systems Operational")
    page.set("Webhooks", "partial_outage")
    found = ask(page)
    assert (found.answer, found.said) == (Answer.YES, "Stripe: Partial System Outage")
    assert rows(found) == ["Asia / Webhooks: partial outage"]
    page.broken = 500
    assert ask(page) == Found(Answer.UNKNOWN, f"{page.url.removeprefix('http://')} failed (500)")


@pytest.mark.parametrize("status", ["degraded_performance", "partial_outage", "major_outage", "under_maintenance"])
def test_only_operational_is_operational(page: Statuspage, status: str) -> None:
    page.set("Dashboard", status)
    assert ask(page).answer is ask(page, "Dashboard").answer is Answer.YES
    assert ask(page, "Dashboard").said == f"Stripe: Dashboard {status.replace('_', ' ')}"


def test_a_named_component_alone_counts(page: Statuspage) -> None:
    page.set("Webhooks", "major_outage")
    assert ask(page, "Dashboard", "api") == Found(Answer.NO, "Stripe: Dashboard, api operational")
    assert ask(page, "Dashboard", "webhooks").answer is Answer.YES


def test_a_name_that_several_groups_have_means_all_of_them_and_can_be_told_apart(page: Statuspage) -> None:
    page.components[-2]["status"] = "major_outage"
    assert rows(ask(page, "API")) == ["Asia / API: major outage"]
    assert ask(page, "Europe / API").answer is Answer.NO
    assert ask(page, "asia / api").answer is ask(page, page.components[-2]["id"]).answer is Answer.YES


def test_a_group_stands_for_its_worst_component(page: Statuspage) -> None:
    page.set("Webhooks", "degraded_performance")
    assert ask(page, "Asia").said == "Stripe: Asia degraded performance"


def test_a_component_that_is_not_there_is_unknown_and_near_ones_are_named(page: Statuspage) -> None:
    assert ask(page, "Dashbord").said == "the page has no component `Dashbord`; near it are Dashboard"
    assert ask(page, "Dashbord").answer is Answer.UNKNOWN
    assert ask(page, "xyz").said == "the page has no component `xyz`; it has 6 others"
    page.set("API", "major_outage")
    assert ask(page, "Dashbord", "API").answer is Answer.YES  # what can be seen is worth more than the typing error


def test_open_incidents_are_told_with_their_beginning(page: Statuspage) -> None:
    page.set("Webhooks", "degraded_performance")
    page.incident("Webhooks are late", ["Webhooks"])
    page.incident("The dashboard is slow", ["Dashboard"])
    late = "Webhooks are late (investigating, since 02:41 UTC) https://stspg.io/0"
    slow = "The dashboard is slow (investigating, since 02:41 UTC) https://stspg.io/1"
    assert rows(ask(page)) == ["Asia / Webhooks: degraded performance", late, slow]
    assert rows(ask(page, "Webhooks")) == ["Asia / Webhooks: degraded performance", late]


def test_an_incident_counts_before_anybody_has_set_a_component(page: Statuspage) -> None:
    page.incident("Payments fail", impact="critical")
    assert ask(page).answer is Answer.YES
    page.incidents[0]["impact"] = "none"
    assert ask(page).answer is Answer.NO
    assert len(ask(page).rows) == 1


def test_maintenance_in_progress_is_said(page: Statuspage) -> None:
    page.maintenance("New database", "scheduled")
    assert ask(page) == Found(Answer.NO, "Stripe: All Systems Operational")
    page.maintenances[0]["status"] = "in_progress"
    page.set("Dashboard", "under_maintenance")
    found = ask(page)
    assert (found.answer, found.said) == (Answer.YES, "Stripe: Service Under Maintenance, maintenance in progress")
    assert rows(found)[1:] == ["New database (in progress, since 02:41 UTC) https://stspg.io/m"]


def test_a_status_that_nobody_published_is_no_no(page: Statuspage) -> None:
    page.components[0]["status"] = "on_fire"
    page.summary = lambda: {  # type: ignore[method-assign]
        "page": {}, "status": {"indicator": "none"}, "components": page.components
    }  # fmt: skip
    assert ask(page).answer is ask(page, "Dashboard").answer is Answer.UNKNOWN
    assert "`on_fire`" in ask(page).said
    assert ask(page, "API").answer is Answer.NO


def test_another_page_is_no_statuspage(page: Statuspage) -> None:
    page.summary = lambda: {"status": "ok"}  # type: ignore[method-assign]
    found = ask(page)
    assert found.answer is Answer.UNKNOWN
    assert found.said.endswith("answers, but not as an Atlassian Statuspage does")
