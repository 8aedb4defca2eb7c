"""Who words the updates: the session asks for texts before a prompt is drawn."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from incidentctl.incident.state import Incident
from incidentctl.runbook.model import Runbook
from incidentctl.walker.requests import Request


class Texts(Protocol):
    """Turns the templates that a request names into words."""

    def prepare(self, request: Request, book: Runbook, incident: Incident, now: datetime) -> Request:
        """`request` with its templates filled in, ready to be drawn.

        `AskChannel` gets its proposed name as the default, `AskUpdate` its `drafts` and `still` texts (one for each
        audience) and shows the drafts, links get their URLs.  A template that cannot be rendered leaves a visible
        hole (`[[unknown variable: x]]`), and an update with a hole cannot be sent, only edited or snoozed.
        """
