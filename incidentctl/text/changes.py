"""A line of the change log as people read it."""

from __future__ import annotations

from incidentctl.incident.words import Change
from incidentctl.text.times import span


def what(change: Change) -> str:
    """`v1.42: deployctl release v1.42, took 40 s`: what it was, and how its command ended."""
    ending = outcome(change)
    return f"{named(change)}, {ending}" if ending else named(change)


def named(change: Change) -> str:
    """`v1.42`, or with its command `v1.42: deployctl release v1.42`."""
    same = not change.command or change.command == change.text
    return change.text if same else f"{change.text}: {change.command}"


def outcome(change: Change) -> str:
    """How its command ended: `took 40 s`, `failed with 1 after 3 s`; empty where nothing was run."""
    if not change.command:
        return ""
    if change.ended_at is None or change.status is None:
        return "still running or never ended"
    took = span(change.ended_at - change.at)
    return f"failed with {change.status} after {took}" if change.status else f"took {took}"
