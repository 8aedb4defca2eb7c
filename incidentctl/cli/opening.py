"""`start` before there is an incident: which service, which runbook, go on or begin anew.  Then the walk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incidentctl.cli import notices
from incidentctl.cli.asking import choose
from incidentctl.cli.books import Book, next_best
from incidentctl.errors import NotFound
from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.state import Incident
from incidentctl.record import record
from incidentctl.runbook.find import did_you_mean, near
from incidentctl.runbook.load import BUILT_IN, built_in, load_service, services
from incidentctl.session import Opening
from incidentctl.text.escape import one_line
from incidentctl.text.redact import redact
from incidentctl.walker import acts
from incidentctl.walker.replies import Option

if TYPE_CHECKING:
    from incidentctl.alerts.interface import Alert
    from incidentctl.cli.wiring import Desk

_LONGEST: Final = 200
"""Columns of a title or of a service's name: they stand on one line wherever they are shown."""
_ANEW = (
    Option("resume", "go on with it", "the page is probably about the same trouble"),
    Option("new", "open another incident", "this is something else"),
)


@record
class Wanted:
    """What `start` was told; an empty service is asked for."""

    service: str
    title: str
    severity: str | None
    affects: tuple[str, ...]
    drill: bool
    alert: Alert | None = None


def begin(desk: Desk, wanted: Wanted) -> None:
    """Record the incident and walk it; or go on with the one that the service has."""
    folder = folder_of(desk)
    _say_remarks(desk, wanted.alert)
    service = name_of(wanted.service) or name_of(_asked_service(desk, folder, wanted.alert))
    drill = wanted.drill or desk.moves_clock
    if before := _open_already(desk, service, drill=drill):
        desk.keep_time_of(before)
        _say_not_taken(desk, wanted)
        go_on(desk, before, _joins(desk, before, wanted.alert))
        return
    book = _book(desk, folder, service)
    alert = _received(desk, book, wanted.alert)
    affects = tuple(dict.fromkeys(filter(None, map(name_of, wanted.affects))))
    # What an alert that cannot be read is called must never reach a customer: then people are asked what they see.
    title = name_of(wanted.title or (alert.title if alert and alert.source else ""))
    opening = Opening("drill" if drill else "real", book.layers, title, wanted.severity, affects, alert)
    incident_id = desk.session.open(desk.with_durations(book.runbook), opening)
    desk.prompter.tell(incident_id)
    say_unknown(desk, folder, affects)
    _say_earlier(desk, book)
    with desk.at(incident_id):
        desk.session.walk(incident_id)
    desk.say_end(incident_id)


def name_of(text: str) -> str:
    """What stands on one line wherever it is shown, and holds no secret."""
    return one_line(redact(text), _LONGEST)


def _say_not_taken(desk: Desk, wanted: Wanted) -> None:
    """The options that describe a new incident do not change one that is open."""
    given = {"--title": wanted.title, "--severity": wanted.severity, "--affects": wanted.affects}
    left = ", ".join(name for name, value in given.items() if value)
    if left:
        desk.prompter.tell(f"Nothing new is opened, so this was not taken over: {left}.")


def _say_remarks(desk: Desk, alert: Alert | None) -> None:
    """What is doubtful about the alert, on standard error."""
    if alert is not None:
        from incidentctl.alerts.receipt import remarks

        for line in remarks(alert, desk.clock.now()):
            desk.warnings.warn(line)


def _received(desk: Desk, book: Book, alert: Alert | None) -> AlertReceived | None:
    """The alert as the journal keeps it; from when the triage is counted is said."""
    if alert is None:
        return None
    from incidentctl.alerts.receipt import received
    from incidentctl.cli.alerting import counted_from

    now = desk.clock.now()
    event = received(alert, now)
    if said := counted_from(event, book.runbook.timezone, now):
        desk.prompter.tell(said)
    return event


def _joins(desk: Desk, incident: Incident, alert: Alert | None) -> AlertReceived | None:
    """Another alert of the same incident, said; None where it is the one that it began with."""
    if alert is None:
        return None
    from incidentctl.cli.alerting import joins

    event = joins(alert, incident, desk.clock.now())
    if event is not None:
        desk.prompter.tell(f"The alert is added to the timeline of {incident.id}.")
    return event


def go_on(desk: Desk, incident: Incident, alert: AlertReceived | None = None) -> None:
    """Say what changed meanwhile, and walk from the question that is open; `alert` joins the incident."""
    if incident.condition == "closed":
        desk.console.say(f"{notices.one_line(incident, desk.clock.now())}. Nothing is left to ask. If it came back:")
        desk.console.bare(desk.settings.command("reopen", "-i", incident.id))
        return
    changes = desk.changes(incident)
    with desk.at(incident.id):
        if alert is not None:
            desk.session.act(incident.id, acts.Receive(alert))
        desk.session.resume(incident.id, changes)
    desk.say_end(incident.id)


def say_unknown(desk: Desk, folder: Path | None, affected: Sequence[str]) -> None:
    """A service without a runbook can be affected, and can be misspelt."""
    known = services(folder) if affected else []
    for name in affected:
        if name not in known:
            desk.prompter.tell(
                f"There is no runbook for {name}; it is recorded as affected. {did_you_mean(name, known)}"
            )


def _say_earlier(desk: Desk, book: Book) -> None:
    """How the last incidents of this service ended (P-LEARN-1)."""
    if desk.past.outlines:
        from incidentctl.reports.names import Names

        for line in notices.earlier(desk.past, book.runbook.service, desk.clock.now(), Names(book.runbook).of):
            desk.prompter.tell(line)


def folder_of(desk: Desk) -> Path | None:
    """Where the runbooks are.  A folder that is not there is said, and stops nobody."""
    try:
        return desk.settings.runbooks_folder()
    except NotFound as error:
        desk.warnings.error(error.message, error.hint)
        return None


def _asked_service(desk: Desk, folder: Path | None, alert: Alert | None) -> str:
    if alert is not None:
        from incidentctl.cli.alerting import ask_service

        return ask_service(desk, folder, alert)
    return choose(
        desk.prompter, desk.clock.now, "start.service", "Which service is in trouble?",
        [Option(name, name) for name in services(folder)],
        why="The service's runbook says whom to page, what to ask and what to run. Type any other name to walk the "
        "built-in one.",
        free_text=True,
    )  # fmt: skip


def _open_already(desk: Desk, service: str, *, drill: bool) -> Incident | None:
    """The incident that the service has open already, where the person goes on with it."""
    mode = "drill" if drill else "real"
    same = [one for one in desk.past.outlines if one.is_open and one.mode == mode and _same(one.service, service)]
    latest = desk.past.incident(same[-1].id) if same else None
    if latest is None:
        return None
    chosen = choose(
        desk.prompter, desk.clock.now, "start.open-incident",
        f"{latest.service} has an open incident, {latest.id}. Go on with it?", _ANEW, default="resume",
        why="Two incidents about one trouble split the story in two. Open another only where this is something else.",
        said=[notices.one_line(latest, desk.clock.now())],
    )  # fmt: skip
    return latest if chosen == "resume" else None


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.strip().casefold()


def _book(desk: Desk, folder: Path | None, service: str) -> Book:
    """The service's runbook; where it is broken or not there, the next best one, never a refusal."""
    try:
        loaded = load_service(folder, service)
    except NotFound as missing:
        chosen = _asked_runbook(desk, folder, service, missing)
        loaded = built_in(service, folder) if chosen == BUILT_IN else load_service(folder, chosen)
        service = service if chosen == BUILT_IN else chosen
    return next_best(loaded, service, folder, desk.past, desk.warnings)


def _asked_runbook(desk: Desk, folder: Path | None, service: str, missing: NotFound) -> str:
    names = near(service, services(folder))
    if not desk.can_ask:
        nearest = f"Near it: {', '.join(names)}. " if names else ""
        choice = f"- {{prompt: start.runbook, answer: {BUILT_IN}}}"
        raise NotFound(missing.message, f"{nearest}The built-in one fits any service; with --answers FILE:\n{choice}")
    generic = Option(BUILT_IN, f"the built-in runbook, for {service}", "it knows no people, links or commands")
    return choose(
        desk.prompter, desk.clock.now, "start.runbook", f"There is no runbook for {service}. Which one?",
        [*(Option(name, name) for name in names), generic], default=BUILT_IN,
        why="The built-in runbook asks the same questions; what it does not know, you are asked for.",
    )  # fmt: skip
