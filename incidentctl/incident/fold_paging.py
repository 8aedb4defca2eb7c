"""What an entry changes about who was paged, by the program or by a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from incidentctl.incident.events import PeoplePaged
from incidentctl.incident.paging import (
    PageAnswered,
    PageEnded,
    PageEscalated,
    PagerAct,
    PagerAsked,
    PagerResult,
    PagerTold,
    PageStarted,
    PagingEvent,
)
from incidentctl.incident.state import Incident, Paging


def pages(incident: Incident, event: PagingEvent, at: datetime) -> Incident:
    """The incident after one of them, which was recorded `at`."""
    match event:
        case PageStarted():
            return _started(incident, event, at)
        case PageEnded():
            incident = _changed(incident, event.role, lambda page: _ended(page, event, at))
            made = {event.id: event.url} if event.result == "sent" and event.id else {}
            return replace(incident, paged_as={**incident.paged_as, **made})
        case PageAnswered(role=role):
            found = _changed(incident, role, lambda page: replace(page, by=event.by, answered_at=event.at))
            return replace(found, paged={**found.paged, role: True})
        case PageEscalated(role=role):
            incident = _changed(incident, role, lambda page: _escalated(page, event, at))
            new = event.after and event.after not in incident.pages
            return _with(incident, _by_hand(event.after, timedelta(), at)) if new else incident
        case PagerAsked(what=what, ids=ids):
            return _pager(incident, dict.fromkeys(((what, id_) for id_ in ids), "asked"))
        case PagerTold(what=what, id=id_, result=result):
            return _pager(incident, {(what, id_): result})
        case _:
            assert_never(event)


def _pager(incident: Incident, said: Mapping[tuple[PagerAct, str], PagerResult]) -> Incident:
    """What is known to be done stays so, whatever somebody else could not tell."""
    new = {act: result for act, result in said.items() if incident.pager.get(act) != "done"}
    return replace(incident, pager={**incident.pager, **new})


def paged(incident: Incident, event: PeoplePaged, at: datetime) -> Incident:
    """What a person says of the pages by hand; whoever was not reached is waited for, where it says how long."""
    incident = replace(incident, paged={**incident.paged, **{role: role in event.reached for role in event.asked}})
    for role in event.asked:
        if role in event.reached:
            incident = _changed(incident, role, lambda page: replace(page, answered_at=page.answered_at or at))
        elif event.answer_within is not None:
            before = incident.pages.get(role, _by_hand(role, event.answer_within, at))
            started = replace(before.started, answer_within=event.answer_within)
            called = replace(before, started=started, at=at, waits_from=at, result="called", by="", answered_at=None)
            incident = _with(incident, called)
    return incident


def _by_hand(role: str, within: timedelta, at: datetime) -> Paging:
    """What a person does, so that nothing but the role is known of it."""
    return Paging(PageStarted(role, "", "", "", "", "", within), at, at, result="by-hand", times=0)


def _with(incident: Incident, page: Paging) -> Incident:
    return replace(incident, pages={**incident.pages, page.started.role: page})


def _started(incident: Incident, event: PageStarted, at: datetime) -> Incident:
    """Whoever is paged anew is not yet reached, whatever was said before."""
    before = incident.pages.get(event.role)
    page = Paging(event, at, at, asked=before.asked if before else 0, times=before.times + 1 if before else 1)
    paged = {role: reached for role, reached in incident.paged.items() if role != event.role}
    return replace(incident, pages={**incident.pages, event.role: page}, paged=paged)


def _changed(incident: Incident, role: str, change: Callable[[Paging], Paging]) -> Incident:
    page = incident.pages.get(role)
    return incident if page is None else _with(incident, change(page))


def _ended(page: Paging, event: PageEnded, at: datetime) -> Paging:
    """What is said of an earlier page of the same role comes too late."""
    if event.key != page.started.key:
        return page
    return replace(page, result=event.result, id=event.id, url=event.url, reason=event.reason, waits_from=at)


def _escalated(page: Paging, event: PageEscalated, at: datetime) -> Paging:
    page = replace(page, asked=page.asked + 1, waits_from=at)
    return replace(page, result="by-hand") if event.choice == "by-hand" else page
