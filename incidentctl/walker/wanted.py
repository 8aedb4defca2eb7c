"""Updates that somebody asked for (`update --request`): asked at once, answered by the next one that is sent.

A request never moves the time at which an update is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from incidentctl.errors import Refused
from incidentctl.incident.asking import UpdateRequested
from incidentctl.incident.state import AskedFor, Comms, Incident
from incidentctl.walker.scene import Scene, in_words

JUST_SENT: Final = timedelta(minutes=2)
"""Who asks so soon after an update has not read it yet: that is shown with the next one, and interrupts nobody."""
_SHOWN: Final = 3
_LONGEST: Final = 200
_NAME: Final = 30
_INSTEAD: Final = "Ask with `incidentctl note TEXT`, or raise it: `incidentctl severity LEVEL`."


def requested(incident: Incident, reason: str) -> UpdateRequested:
    """The event for a request.  Raises Refused where nobody is owed updates: light incidents, and levels without."""
    if incident.process == "light":
        message = "this incident is light, and has no updates"
        raise Refused("P-FIT-2", message, _INSTEAD)
    severity = incident.severity
    if severity is not None and severity.update_every is None:
        message = f"at {severity.level} nobody is sent updates"
        raise Refused("P-SEV-3", message, _INSTEAD)
    return UpdateRequested(" ".join(reason.split()))


def moments(incident: Incident) -> Iterator[datetime]:
    """From when the update is asked for; none while nobody waits, or where the level has no updates."""
    severity = incident.severity
    if incident.is_open and severity is not None and severity.update_every is not None:
        yield from (wish.at for wish in incident.comms.requests if interrupts(incident.comms, wish))


def interrupts(comms: Comms, wish: AskedFor) -> bool:
    """Whether a request takes the open prompt's place, or waits for the next update."""
    # Where the clock was put back, it was asked for after that update all the same.
    return comms.last_sent_at is None or abs(wish.at - comms.last_sent_at) >= JUST_SENT


def said(scene: Scene) -> Iterator[str]:
    """`Asked for by Carla, 2 min ago: the board meets at four`; the latest, and how many more."""
    requests = scene.incident.comms.requests
    for wish in requests[-_SHOWN:]:
        ago = in_words(scene.now - wish.at)
        yield f"Asked for by {wish.by}, {ago} ago{f': {_short(wish.reason)}' if wish.reason else '.'}"
    if len(requests) > _SHOWN:
        more = len(requests) - _SHOWN
        yield f"Asked for {f'{more} times' if more > 1 else 'once'} more before that."


def by(scene: Scene) -> str:
    """`, asked for by Carla`: in the question itself, for on a small screen what stands above its texts is gone."""
    wishes = scene.incident.comms.requests
    return f", asked for by {_short(wishes[-1].by, _NAME)}" if wishes else ""


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
