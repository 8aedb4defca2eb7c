"""The `statuspage` check: is something not operational at somebody whose page runs on Atlassian Statuspage?

Keys: `url` (`https://status.example.com`), `components` (names, `Group / Name`, or ids; without them the whole page).

yes      a component that is looked at is not operational, or the page as a whole says so: maintenance counts as well
no       everything that is looked at is operational; incidents that are open all the same are named
unknown  the page does not answer, is no Statuspage, lacks a named component, or uses a status that is not published

`GET {url}/api/v2/summary.json` needs no key.  Its fields, and that of the page's indicator, are documented by every
page under `/api`, for example https://confluence.status.atlassian.com/api; the statuses of components by
https://support.atlassian.com/statuspage/docs/what-is-a-component/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from incidentctl.checks.foreign import below, discreet, host, patience, since
from incidentctl.checks.interface import Found, Inquiry, Unknown
from incidentctl.http import send_for_json
from incidentctl.incident.words import Answer, Row
from incidentctl.record import record
from incidentctl.runbook.find import near
from incidentctl.text.foreign import mapping, mappings, text

_MOST: Final = 8_000_000  # the largest pages have thousands of components
_IMPAIRED: Final = ("degraded_performance", "partial_outage", "major_outage", "under_maintenance")
_STATUSES: Final = ("operational", *_IMPAIRED)
_INDICATORS: Final = ("minor", "major", "critical", "maintenance")


@record
class Component:
    """One line of the page; `name` includes its group (`Europe / API`).  A group has the worst status of its own."""

    id: str
    name: str
    status: str
    is_group: bool


@discreet
async def ask(inquiry: Inquiry) -> Found:
    """Ask the page once."""
    url = inquiry.required("url")
    summary = below(url, "/api/v2/summary.json")
    page = mapping(await send_for_json("GET", summary, seconds=patience(inquiry), most=_MOST))
    if not isinstance(page.get("components"), list) or not mapping(page.get("status")):
        message = f"{host(url)} answers, but not as an Atlassian Statuspage does"
        raise Unknown(message)
    wanted = [line.strip() for line in inquiry.text("components").splitlines() if line.strip()]
    return _judged(page, _components(page), wanted, inquiry)


def _components(page: Mapping[str, object]) -> list[Component]:
    """Every component and group, in the page's order."""
    raw = mappings(page.get("components"))
    groups = {text(one.get("id")): text(one.get("name")) for one in raw if one.get("group") is True}
    return [_component(one, groups.get(text(one.get("group_id")), "")) for one in raw]


def _component(raw: Mapping[str, object], group: str) -> Component:
    name = " / ".join(part for part in (group, text(raw.get("name"))) if part)
    return Component(text(raw.get("id")), name, text(raw.get("status")), raw.get("group") is True)


def _judged(page: Mapping[str, object], all_: Sequence[Component], wanted: Sequence[str], inquiry: Inquiry) -> Found:
    """What the page says about the components that are wanted, or about everything."""
    chosen = [one for one in all_ if (any(_is(one, name) for name in wanted) if wanted else not one.is_group)]
    impaired = [one for one in chosen if one.status in _IMPAIRED]
    overall = text(mapping(page.get("status")).get("indicator"))
    rows = (*_component_rows(impaired), *_event_rows(page, chosen if wanted else (), inquiry))
    said = _said(page, impaired, wanted)
    if impaired or (not wanted and overall in _INDICATORS):
        return Found(Answer.YES, said, rows)
    _all_known(chosen, all_, wanted, overall)
    return Found(Answer.NO, said, rows)


def _is(component: Component, name: str) -> bool:
    """Whether a runbook means `component` by `name`; the same name in several groups means all of them."""
    known = component.name.casefold()
    return name == component.id or name.casefold() in (known, known.rpartition(" / ")[2])


def _all_known(chosen: Sequence[Component], all_: Sequence[Component], wanted: Sequence[str], overall: str) -> None:
    """Raise Unknown where a component is missing, or something has a status that says nothing: that is no no."""
    for name in wanted:
        if not any(_is(one, name) for one in chosen):
            close = near(name, [one.name for one in all_])
            hint = f"; near it are {', '.join(close)}" if close else f"; it has {len(all_)} others"
            message = f"the page has no component `{name}`{hint}"
            raise Unknown(message)
    odd = next((one for one in chosen if one.status not in _STATUSES), None)
    if odd:
        message = f"{odd.name} has the status `{odd.status}`, which is none of those that are published"
        raise Unknown(message)
    if not wanted and overall != "none":
        message = f"the page has the indicator `{overall}`, which is none of those that are published"
        raise Unknown(message)


# --- in words ----------------------------------------------------------------------------------------------


def _said(page: Mapping[str, object], impaired: Sequence[Component], wanted: Sequence[str]) -> str:
    """`Stripe: Partial System Outage, maintenance in progress`."""
    name = text(mapping(page.get("page")).get("name")) or "the page"
    overall = text(mapping(page.get("status")).get("description")) or text(mapping(page.get("status")).get("indicator"))
    if wanted and impaired:
        overall = ", ".join(f"{one.name} {_plain(one.status)}" for one in impaired)
    elif wanted:
        overall = f"{', '.join(wanted)} operational"
    under_way = any(_in_progress(one) for one in mappings(page.get("scheduled_maintenances")))
    return f"{name}: {overall}" + (", maintenance in progress" if under_way else "")


def _component_rows(impaired: Sequence[Component]) -> Iterator[Row]:
    return (Row(f"{one.name}: {_plain(one.status)}", one.id) for one in impaired)


def _event_rows(page: Mapping[str, object], chosen: Sequence[Component], inquiry: Inquiry) -> Iterator[Row]:
    """The open incidents, and maintenance in progress; not those that are about other components than `chosen`."""
    maintenances = [one for one in mappings(page.get("scheduled_maintenances")) if _in_progress(one)]
    ids = {one.id for one in chosen}
    for event in (*mappings(page.get("incidents")), *maintenances):
        about = {text(one.get("id")) for one in mappings(event.get("components"))}
        if about and ids and not about & ids:
            continue
        begun = since(event.get("started_at") or event.get("created_at"), inquiry.now)
        told = ", ".join(part for part in (_plain(text(event.get("status"))), begun) if part)
        yield Row(" ".join(f"{text(event.get('name'))} ({told}) {text(event.get('shortlink'))}".split()))


def _in_progress(maintenance: Mapping[str, object]) -> bool:
    return maintenance.get("status") in ("in_progress", "verifying")


def _plain(status: str) -> str:
    return status.replace("_", " ")
