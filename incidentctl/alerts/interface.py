"""An alert as every source gives it, whatever its own names for things are."""

from __future__ import annotations

from datetime import datetime

from incidentctl.incident.alert import AlertLabel, AlertLink
from incidentctl.record import record


@record
class Alert:
    """One notification, or one group of alerts that came together.  All its texts are one line each, clean, and
    without secrets; every link is http or https.

    `source` is the product (`Alertmanager`), `names` are the names of the rules that fired (`HighErrorRatio`).
    `title` is what people see, in the alert's words.  `service_hints` are what might be the service's name, the
    likeliest first.  `fired_at` is in UTC, to the millisecond: the earliest start of all that fire; None where it
    cannot be told.  `resolved`: the notification says that it is over.  `rows` are the single alerts of a group, or
    what a single one says besides its title.  `warnings` are for the person who starts.
    """

    source: str
    title: str
    names: tuple[str, ...] = ()
    service_hints: tuple[str, ...] = ()
    fired_at: datetime | None = None
    resolved: bool = False
    severity_hint: str = ""
    labels: tuple[AlertLabel, ...] = ()
    links: tuple[AlertLink, ...] = ()
    rows: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
