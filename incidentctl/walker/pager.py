"""PagerDuty's own incidents: acknowledged and resolved there with the words that do it here, if a person says so.

Those are the alert's that the incident began with, and those that our pages made (P-FIRST-1, P-CLEAR-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from incidentctl.errors import NotAllowed
from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.events import Event
from incidentctl.incident.paging import PagerAct, PagerAsked, PagerTold
from incidentctl.incident.state import Incident
from incidentctl.walker.replies import Option
from incidentctl.walker.requests import AskStep, ConfirmRecovery, Request

ACKNOWLEDGE: Final = "acknowledge"
RESOLVE: Final = "resolve"
_SERVICE: Final = "PagerDuty"
"""How it is called as the source of an alert, and in sentences."""


def word(request: Request, incident: Incident) -> Option | None:
    """What this question could do there too; None where that is nothing, and in a drill."""
    if incident.mode == "drill":
        return None
    match request.ask:
        case AskStep(step="acknowledge") if _alerts(incident):
            return Option(ACKNOWLEDGE, f"acknowledge it in {_SERVICE}", "and here")
        case ConfirmRecovery() if count := len(_unresolved(incident)):
            incidents = f"{count} incident{'s' if count > 1 else ''}"
            return Option(RESOLVE, f"yes, and resolve {incidents} in {_SERVICE}", "the alert's, and those of our pages")
        case _:
            return None


def offered(request: Request, option: Option) -> Request:
    """The question with that word more; what Enter gives stays as it is."""
    return replace(request, accepts=replace(request.accepts, words=(*request.accepts.words, option)))


def asked(incident: Incident, what: PagerAct) -> list[Event]:
    """It is asked to do that.  Raises NotAllowed in a drill, and where nothing there is ours."""
    ids = _alerts(incident) if what == "acknowledge" else _unresolved(incident)
    if incident.mode == "drill" or not ids:
        message = f"a drill changes nothing in {_SERVICE}" if ids else f"no open incident in {_SERVICE} is known"
        raise NotAllowed(message, "Choose another answer.")
    return [PagerAsked(what, ids)]


def is_under_way(incident: Incident) -> bool:
    """Whether something was asked of which nobody knows yet what became of it."""
    return bool(_open(incident))


def given_up(incident: Incident) -> list[Event]:
    """What was on its way when the walk before this one ended; nothing is sent again by itself."""
    reason = "the program ended before it answered"
    return [placed(incident, PagerTold(what, id_, "perhaps", reason)) for what, id_ in _open(incident)]


def _open(incident: Incident) -> Sequence[tuple[PagerAct, str]]:
    return [act for act, result in incident.pager.items() if result == "asked"]


def placed(incident: Incident, event: PagerTold) -> PagerTold:
    """What it says, with the place where a person can do it instead."""
    return replace(event, url=incident.paged_as.get(event.id) or _page_of(incident.alert))


def _page_of(alert: AlertReceived | None) -> str:
    links = alert.links if alert is not None else ()
    return next((link.url for link in links if link.title == _SERVICE), "")


def _alerts(incident: Incident) -> tuple[str, ...]:
    """The alert's incident, where there is one that is not over."""
    alert = incident.alert
    if alert is None or alert.source != _SERVICE or alert.resolved:
        return ()
    labels = {label.name: label.value for label in alert.labels}
    # Other events are about services and their like, and their ids name no incident.
    is_incident = labels.get("event", "").startswith("incident.")
    return (labels["id"],) if is_incident and labels.get("id") else ()


def _unresolved(incident: Incident) -> tuple[str, ...]:
    ours = dict.fromkeys((*_alerts(incident), *incident.paged_as))
    return tuple(id_ for id_ in ours if incident.pager.get(("resolve", id_)) not in ("asked", "done"))
