"""`start --from-alert`: the alert from its file or standard input, and which service it is about."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.read import MAX_BYTES, read_alert
from incidentctl.alerts.receipt import received
from incidentctl.alerts.service import Choice, service_of
from incidentctl.cli.asking import choose
from incidentctl.errors import NotFound
from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.state import Incident
from incidentctl.runbook.alert_names import declared
from incidentctl.runbook.load import services
from incidentctl.text.escape import one_line
from incidentctl.text.times import clock_time, span, zone
from incidentctl.walker.replies import Option

if TYPE_CHECKING:
    from incidentctl.cli.wiring import Desk

STANDARD_INPUT: Final = "-"
_MOST_LABELS: Final = 12
_WIDEST: Final = 40


def alert_in(place: str) -> Alert:
    """The alert in the file at `place`, or on standard input, whose terminal is then given back to the person.

    Raises NotFound where the file is not there or may not be read.
    """
    if place == STANDARD_INPUT:
        if sys.stdin.isatty():
            sys.stderr.write("Paste the alert's JSON, then press Enter and Ctrl-D.\n")
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
        _take_the_terminal()
        return read_alert(data, "standard input")
    try:
        with Path(place).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        hint = "Name a file with the notification as JSON, or `-` for standard input."
        raise NotFound(f"The alert in {place} cannot be read: {reason}", hint) from error
    return read_alert(data, place)


def _take_the_terminal() -> None:
    """Standard input was the alert: whoever sits at the terminal answers there, where there is one."""
    if sys.stdin.isatty() or not sys.stdout.isatty():
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return  # started by something that has none: nobody can be asked, and the first prompt says so
    os.dup2(terminal, 0)
    os.close(terminal)
    sys.stdin = os.fdopen(0, encoding="utf-8", errors="surrogateescape", closefd=False)


def ask_service(desk: Desk, folder: Path | None, alert: Alert) -> str:
    """The service that the alert is about; where that is not certain, a person says it (`start.service`)."""
    known, answering = services(folder), declared(folder)
    for line in answering.remarks:
        desk.warnings.warn(line)
    choice = service_of(alert, answering.services, known)
    if choice.certain:
        desk.prompter.tell(f"The service is {choice.certain}: {choice.because}.")
        return choice.certain
    return choose(
        desk.prompter, desk.clock.now, "start.service", "Which service is this alert about?",
        _options(alert, choice, known), default=choice.default or None, said=list(_shown(alert, choice)),
        why="Its runbook says whom to page, what to ask and what to run. A runbook that names this alert under "
        "`alerts:` is found without a question.",
        free_text=True,
    )  # fmt: skip


def _options(alert: Alert, choice: Choice, known: Sequence[str]) -> list[Option]:
    names = dict.fromkeys([*choice.likely, *known])
    named = [name for name in alert.service_hints[:1] if not choice.likely and name not in names]
    strangers = [Option(name, one_line(name, _WIDEST), "named by the alert; it has no runbook") for name in named]
    return [*(Option(name, name) for name in names), *strangers]


def _shown(alert: Alert, choice: Choice) -> Iterator[str]:
    yield f"Alert{f' from {alert.source}' if alert.source else ''}: {alert.title}"
    if alert.labels:
        yield ", ".join(f"{label.name}={label.value}" for label in alert.labels[:_MOST_LABELS])
    if choice.because:
        yield f"{choice.because[0].upper()}{choice.because[1:]}."


def counted_from(event: AlertReceived, timezone: str, now: datetime) -> str:
    """From when the five minutes of the triage count, in words; empty where that is the opening (P-FIRST-6)."""
    if event.counts_from is None:
        return ""
    at = clock_time(event.counts_from, zone(timezone), seen_from=now)
    return f"The alert fired {span(now - event.counts_from)} ago, at {at}; the triage is counted from then (P-FIRST-6)."


def joins(alert: Alert, incident: Incident, now: datetime) -> AlertReceived | None:
    """The event of an alert that comes while the incident is open; None where it is the one that it began with."""
    event, first = received(alert, now), incident.alert
    same = first is not None and _what(first) == _what(event)
    return None if same and not event.resolved else event


def _what(event: AlertReceived) -> tuple[object, ...]:
    """What makes two notifications one: the rules, the start, and which alerts are in it."""
    return event.source, event.names, event.fired_at, event.rows
