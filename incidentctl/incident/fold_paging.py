"""What an entry changes about the pages that the program sends itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from incidentctl.incident.paging import PageAnswered, PageEnded, PageEscalated, PageStarted, PagingEvent
from incidentctl.incident.state import Incident, Paging


def pages(incident: Incident, event: PagingEvent, at: datetime) -> Incident:
    """The incident after one of them, which was recorded `at`."""
    match event:
        case PageStarted():
            return _started(incident, event, at)
        case PageEnded():
            return _changed(incident, event.role, lambda page: _ended(page, event, at))
        case PageAnswered(role=role):
            found = _changed(incident, role, lambda page: replace(page, by=event.by, answered_at=event.at))
            return replace(found, paged={**found.paged, role: True})
        case PageEscalated(role=role):
            return _changed(incident, role, lambda page: _escalated(page, event, at))
        case _:
            assert_never(event)


def _started(incident: Incident, event: PageStarted, at: datetime) -> Incident:
    """Whoever is paged anew is not yet reached, whatever was said before."""
    before = incident.pages.get(event.role)
    page = Paging(event, at, at, asked=before.asked if before else 0, times=before.times + 1 if before else 1)
    paged = {role: reached for role, reached in incident.paged.items() if role != event.role}
    return replace(incident, pages={**incident.pages, event.role: page}, paged=paged)


def _changed(incident: Incident, role: str, change: Callable[[Paging], Paging]) -> Incident:
    page = incident.pages.get(role)
    return incident if page is None else replace(incident, pages={**incident.pages, role: change(page)})


def _ended(page: Paging, event: PageEnded, at: datetime) -> Paging:
    """What is said of an earlier page of the same role comes too late."""
    if event.key != page.started.key:
        return page
    return replace(page, result=event.result, id=event.id, url=event.url, reason=event.reason, waits_from=at)


def _escalated(page: Paging, event: PageEscalated, at: datetime) -> Paging:
    page = replace(page, asked=page.asked + 1, waits_from=at)
    return replace(page, result="by-hand") if event.choice == "by-hand" else page
