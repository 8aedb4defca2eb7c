"""Pages that the program sends: what is on its way, what arrived, who answered.  Events like those of `events.py`.

Who was reached is `PeoplePaged` where a person says it, and `PageAnswered` where the server does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from incidentctl.record import record

Escalation = Literal["next", "again", "wait", "by-hand"]
PagerAct = Literal["acknowledge", "resolve"]
PagerResult = Literal["asked", "done", "failed", "perhaps"]


@record
class PageStarted:
    """Somebody let this page go; until `PageEnded` nobody knows whether it arrived.

    `whom` and `service` are ids in `channel`: who is paged, and where the incident is made.  `key` tells one page from
    every other.  `answer_within` is how long it may stay unanswered until somebody is asked what to do.
    """

    role: str
    name: str
    whom: str
    service: str
    channel: str
    key: str
    answer_within: timedelta = timedelta(minutes=5)


@record
class PageEnded:
    """The server pages them, with its own `id` of that; or it does not, or nobody can tell."""

    role: str
    channel: str
    key: str
    result: Literal["sent", "failed", "perhaps"]
    id: str = ""
    url: str = ""
    reason: str = ""


@record
class PageAnswered:
    """Who acknowledged a page, by the name that the server knows them by, and when, in UTC."""

    role: str
    key: str
    by: str
    at: datetime


@record
class PageEscalated:
    """What was decided when nobody of `role` had acknowledged in time.

    `after` is who is to be paged in their place by hand; empty where the program pages them, or nobody does.
    """

    role: str
    choice: Escalation
    after: str = ""


@record
class PagerAsked:
    """Somebody let PagerDuty acknowledge or resolve its incidents `ids`; until `PagerTold` nobody knows of each."""

    what: PagerAct
    ids: tuple[str, ...]


@record
class PagerTold:
    """What became of that: it is `done`, or it is not, or nobody can tell.  `url` is where a person can do it."""

    what: PagerAct
    id: str
    result: Literal["done", "failed", "perhaps"]
    reason: str = ""
    url: str = ""


PagingEvent = PageStarted | PageEnded | PageAnswered | PageEscalated | PagerAsked | PagerTold
