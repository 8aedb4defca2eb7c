"""What the program sends out itself, in words: who was paged, who has not answered yet, and the channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, assert_never

from incidentctl.incident.paging import (
    PageAnswered,
    PageEnded,
    PageEscalated,
    PagerAsked,
    PagerTold,
    PageStarted,
    PagingEvent,
)
from incidentctl.incident.rooms import RoomStarted
from incidentctl.incident.state import Incident, Paging
from incidentctl.text.escape import clean
from incidentctl.text.times import clock_time, zone

_SHOWN_FOR: Final = timedelta(minutes=5)
"""For how long it is said above the questions that somebody has acknowledged; the timeline keeps it."""
_CHOICES: Final = {
    "next": "somebody else is paged",
    "again": "they are paged again",
    "wait": "waiting",
    "by-hand": "to be called by hand",
}


def sentence(event: PagingEvent) -> str:
    """What happened; foreign text in it is not yet cleaned."""
    match event:
        case PageStarted(role=role, name=name, channel=channel):
            return f"Paging {role} ({name}) through {channel}."
        case PageEnded():
            return _ended(event)
        case PageAnswered(role=role, by=by):
            return f"The page to {role} was acknowledged by {by}."
        case PageEscalated(role=role, choice=choice, after=after):
            then = f"{after} is to be paged" if after else _CHOICES[choice]
            return f"{role} has not acknowledged the page: {then}."
        case PagerAsked(what=what, ids=ids):
            return f"PagerDuty is asked to {what} {', '.join(ids)}."
        case PagerTold():
            return _told(event)
        case _:
            assert_never(event)


def _told(event: PagerTold) -> str:
    where = f": {event.url}" if event.url else "."
    match event.result:
        case "done":
            return f"PagerDuty has {event.what}d {event.id}."
        case "perhaps":
            return f"PagerDuty may have {event.what}d {event.id}, or not: {event.reason}. Look there{where}"
        case "failed":
            return f"PagerDuty did not {event.what} {event.id}: {event.reason}. Do it there{where}"


def _ended(event: PageEnded) -> str:
    match event.result:
        case "sent":
            return f"{event.channel} pages {event.role} ({event.url or event.id})."
        case "perhaps":
            return f"{event.channel} may have paged {event.role}, or not: {event.reason}"
        case "failed":
            return f"{event.channel} did not page {event.role}: {event.reason}"


def lines(incident: Incident, now: datetime, trouble: str, untitled: str = "") -> Iterator[str]:
    """Who was paged when, and whether they have acknowledged; `trouble` says why that cannot be told.

    Then the channel that is being opened, and why it has no topic (`untitled`).
    """
    waits = False
    for role, page in incident.pages.items():
        line = _line(incident, role, page, now)
        if line:
            yield clean(line)
        waits = waits or (page.result == "sent" and not page.by)
    if waits and trouble:
        yield clean(f"Who has acknowledged cannot be told: {trouble}")
    if isinstance(incident.room, RoomStarted):
        yield clean(f"Opening {incident.room.name} in {incident.room.service}")
    if untitled:
        yield clean(f"The channel has no topic: {untitled}")


def asked_for(incident: Incident) -> tuple[str, ...]:
    """The roles that were paged, by the program or by hand."""
    return tuple(dict.fromkeys((*incident.paged, *incident.pages)))


def not_reached(incident: Incident) -> tuple[str, ...]:
    """Who of them has not been heard of."""
    return tuple(role for role in asked_for(incident) if not incident.paged.get(role, False))


def answered(incident: Incident, now: datetime) -> str:
    """`lead (Bo Lead, 03:17 CET), comms-lead`; empty where nobody has."""
    there = (role for role in asked_for(incident) if incident.paged.get(role, False))
    return ", ".join(_answered(incident, role, now) for role in there)


def _answered(incident: Incident, role: str, now: datetime) -> str:
    page = incident.pages.get(role)
    if page is None or page.answered_at is None:
        return role
    at = clock_time(page.answered_at, zone(incident.timezone), seen_from=now)
    return f"{role} ({', '.join(filter(None, [page.by, at]))})"


def _line(incident: Incident, role: str, page: Paging, now: datetime) -> str:
    place = zone(incident.timezone)
    head = f"{role} ({page.started.name})"
    if page.by and page.answered_at is not None:
        fresh = now < page.answered_at + _SHOWN_FOR
        return f"{head}: acknowledged by {page.by} at {clock_time(page.answered_at, place, seen_from=now)}" * fresh
    if incident.paged.get(role, False):
        return ""
    match page.result:
        case "started":
            return f"{head}: paging through {page.started.channel}"
        case "sent":
            return f"{head}: paged at {clock_time(page.at, place, seen_from=now)}, not acknowledged yet"
        case _:
            return ""
