"""What every part of the walk looks at: the runbook, the incident, and the moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from incidentctl.incident.state import Incident
from incidentctl.record import record
from incidentctl.runbook.model import Level, Runbook
from incidentctl.walker.replies import Option


@record
class Scene:
    """The arguments of every pure question: the same scene always gives the same answer.

    `now` is in UTC.  `me` is whose terminal asks; empty where nobody in particular does.
    """

    book: Runbook
    incident: Incident
    now: datetime
    me: str = ""

    @property
    def level(self) -> Level | None:
        """The runbook's level of the incident's severity; None while there is none."""
        severity = self.incident.severity
        return self.book.level(severity.level) if severity else None

    @property
    def is_light(self) -> bool:
        """No severity, no roles, no cadence, no war room (P-FIT-2)."""
        return self.incident.process == "light"


DONE = Option("done", "done")
YES_NO = (Option("yes", "yes"), Option("no", "no"))


def in_words(span: timedelta) -> str:
    """`40 s`, `12 min`, `3 h 5 min`: spans are read without knowing a time zone."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{max(seconds, 0)} s"
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
