"""The alert that an incident began with, as the journal keeps it."""

from __future__ import annotations

from datetime import datetime

from incidentctl.record import record


@record
class AlertLabel:
    """One label: `service` is `checkout`."""

    name: str
    value: str


@record
class AlertLink:
    """A place that the alert points to; `url` is http or https."""

    title: str
    url: str


@record
class AlertReceived:
    """An alert called: `start --from-alert`.

    `source` is the product that sent it, `names` are the names of its rules.  `fired_at` is when it fired, as far as
    it says so; `counts_from` is that moment where the five minutes of the triage count from it (P-FIRST-6), and None
    where they count from the opening.  `rows` are its single alerts, or what else it says.  `resolved`: it says that it
    is over.
    """

    source: str
    title: str
    names: tuple[str, ...] = ()
    fired_at: datetime | None = None
    counts_from: datetime | None = None
    severity_hint: str = ""
    labels: tuple[AlertLabel, ...] = ()
    links: tuple[AlertLink, ...] = ()
    rows: tuple[str, ...] = ()
    resolved: bool = False
