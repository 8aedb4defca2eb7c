"""What every part of the walk looks at: the runbook, the incident, and the moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incidentctl.incident.state import Incident
from incidentctl.runbook.model import Level, Runbook
from incidentctl.walker.replies import Option


@dataclass(frozen=True, slots=True)
class Scene:
    """The arguments of every pure question: the same scene always gives the same answer.  `now` is in UTC."""

    book: Runbook
    incident: Incident
    now: datetime

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


def clock(moment: datetime) -> str:
    """The time of day in UTC, `03:12Z`, for sentences about the past."""
    return f"{moment:%H:%M}Z"
