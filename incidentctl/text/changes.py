"""A line of the change log as people read it."""

from __future__ import annotations

from incidentctl.incident.words import Change
from incidentctl.text.times import span


def what(change: Change) -> str:
    """`v1.42`, or with its command `v1.42: deployctl release v1.42`, and how that ended."""
    same = not change.command or change.command == change.text
    text = change.text if same else f"{change.text}: {change.command}"
    ending = outcome(change)
    return f"{text}, {ending}" if ending else text


def outcome(change: Change) -> str:
    """How its command ended: `took 40 s`, `failed with 1 after 3 s`; empty where nothing was run."""
    if not change.command:
        return ""
    if change.ended_at is None or change.status is None:
        return "still running or never ended"
    took = span(change.ended_at - change.at)
    return f"failed with {change.status} after {took}" if change.status else f"took {took}"
