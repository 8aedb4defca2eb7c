"""Who is there: each answers at a terminal of their own.  Events like those of `events.py`; their author is who.

Whoever opened the incident is there.  A program that is killed never says that somebody left.
"""

from __future__ import annotations

from incidentctl.record import record


@record
class ResponderJoined:
    """Somebody else goes on, beside those who are there.  `asks_again` as in `IncidentResumed`."""

    asks_again: tuple[str, ...] = ()


@record
class ResponderLeft:
    """Nobody answers in their terminal any more, and others are there."""
