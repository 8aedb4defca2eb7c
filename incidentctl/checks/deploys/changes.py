"""Deploys from the change log, which `incidentctl change` writes."""

from __future__ import annotations

import asyncio
from typing import Final

from incidentctl.checks.deploys.deploy import LOOK_BACK, Deploy, Seen
from incidentctl.checks.interface import Inquiry
from incidentctl.incident.words import Change
from incidentctl.text.changes import named, outcome

NAME: Final = "change log"


async def deploys(inquiry: Inquiry) -> Seen:
    """What was written down for the service.  Raises StoreUnreachable."""
    found = await asyncio.to_thread(inquiry.changes, inquiry.service, inquiry.now - LOOK_BACK)
    return Seen(tuple(map(_deploy, found)))


def _deploy(made: Change) -> Deploy:
    failed = bool(made.status)
    return Deploy(made.at, named(made), made.by, ended_at=made.ended_at, outcome=outcome(made), failed=failed)
