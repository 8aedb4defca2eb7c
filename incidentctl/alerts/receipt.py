"""An alert becomes a fact of the journal: what it said, and from when the five minutes of the triage count."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from incidentctl.alerts.interface import Alert
from incidentctl.incident.alert import AlertReceived
from incidentctl.text.times import span

SKEW: Final = timedelta(minutes=1)
"""How far two clocks may differ without a word about it."""
LONGEST_AGO: Final = timedelta(hours=24)


def received(alert: Alert, now: datetime) -> AlertReceived:
    """The event that `alert` is at `now`."""
    return AlertReceived(
        source=alert.source,
        title=alert.title,
        names=alert.names,
        fired_at=alert.fired_at,
        counts_from=alert.fired_at if _counts(alert, now) else None,
        severity_hint=alert.severity_hint,
        labels=alert.labels,
        links=alert.links,
        rows=alert.rows,
        resolved=alert.resolved,
    )


def remarks(alert: Alert, now: datetime) -> tuple[str, ...]:
    """What the person who starts has to know: the alert's own warnings, and a start that nothing is counted from."""
    return (*alert.warnings, *filter(None, [_about_time(alert, now)]))


def _counts(alert: Alert, now: datetime) -> bool:
    return alert.fired_at is not None and now - LONGEST_AGO <= alert.fired_at <= now


def _about_time(alert: Alert, now: datetime) -> str:
    if alert.fired_at is None or _counts(alert, now) or timedelta() < alert.fired_at - now <= SKEW:
        return ""
    counted = "The triage is counted from now (P-FIRST-6)."
    if alert.fired_at > now:
        return f"This alert says that it fires in {span(alert.fired_at - now)}. {counted}"
    return f"This alert fired {span(now - alert.fired_at)} ago. {counted}"
