"""What people ask of one another: to take the command over, and for an update.  Events like those of `events.py`."""

from __future__ import annotations

from incidentctl.record import record


@record
class HandoffOffered:
    """`outgoing`, who is incident commander, asks `incoming` to take over (P-ROLE-5).  Nothing has changed yet."""

    outgoing: str
    incoming: str


@record
class HandoffAccepted:
    """The other side accepts: from here on `incoming` is incident commander (P-ROLE-5)."""

    outgoing: str
    incoming: str


@record
class UpdateRequested:
    """The author of this entry asks for an update; the next one that is sent answers it.  `reason` may be empty."""

    reason: str = ""


HandoffEvent = HandoffOffered | HandoffAccepted
