"""Deploys from the change log, which `incidentctl change` writes."""

from __future__ import annotations

import asyncio
from typing import Final

from incidentctl.checks.deploys.deploy import LOOK_BACK, Deploy, Seen
from incidentctl.checks.interface import Inquiry
from incidentctl.text.changes import what

NAME: Final = "change log"


async def deploys(inquiry: Inquiry) -> Seen:
    """What was written down for the service.  Raises StoreUnreachable."""
    found = await asyncio.to_thread(inquiry.changes, inquiry.service, inquiry.now - LOOK_BACK)
    return Seen(tuple(Deploy(one.at, what(one), one.by, ended_at=one.ended_at) for one in found))
