"""A long incident: the cadence stays, and shifts, a hand-off and a summary are proposed (P-COMMS-9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from incidentctl.incident.state import Incident
from incidentctl.walker.requests import Command
from incidentctl.walker.scene import Scene, in_words

LONG: Final = timedelta(hours=2)
"""From when an incident is long, and how often that is said."""
SHIFT: Final = timedelta(hours=4)
"""How long one person commands: what is decided after that is decided tired."""


def begun(incident: Incident) -> datetime | None:
    """From when the hours count; what was over and came back counts from its return."""
    return incident.reopened_at or incident.opened_at


def is_long(incident: Incident, now: datetime) -> bool:
    """Open for two hours, at a level with updates."""
    since, severity = begun(incident), incident.severity
    told = severity is not None and severity.update_every is not None
    return incident.is_open and told and since is not None and now - since >= LONG


def hand_over_by(incident: Incident, now: datetime) -> datetime | None:
    """When the incident commander's shift ends; None where the incident is short, or nobody commands."""
    since = incident.commanded_since
    return since + SHIFT if since is not None and is_long(incident, now) else None


def said(scene: Scene) -> Iterator[str]:
    """What is proposed with the first update after each two hours; nothing with the others."""
    since = begun(scene.incident)
    if since is not None and _is_time(scene, since):
        yield f"Open for {in_words(scene.now - since)}: plan shifts, and wake who takes the next one (P-COMMS-9)."
        yield _hand_over(scene)


def commands(scene: Scene) -> tuple[Command, ...]:
    """What to copy for it."""
    since, name = begun(scene.incident), scene.incident.id
    if since is None or not _is_time(scene, since):
        return ()
    return (
        Command("A summary for those who just woke up:", f"incidentctl brief {name}"),
        Command("To hand the command over:", f"incidentctl handoff NAME -i {name}"),
    )


def _is_time(scene: Scene, since: datetime) -> bool:
    if not is_long(scene.incident, scene.now):
        return False
    latest = since + LONG * ((scene.now - since) // LONG)
    sent = scene.incident.comms.last_sent_at
    return sent is None or sent < latest


def _hand_over(scene: Scene) -> str:
    commander, due = scene.incident.holder("ic"), hand_over_by(scene.incident, scene.now)
    since = scene.incident.commanded_since
    if not commander or since is None or due is None:
        return "Nobody is incident commander: name one."
    lasts, left = in_words(scene.now - since), due - scene.now
    when = f"agree on a hand-off within {in_words(left)}" if left > timedelta() else "hand over now"
    return f"{commander} has commanded for {lasts}: {when}."
