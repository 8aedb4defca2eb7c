"""What an entry changes about the beginning of an incident, who is there, and its reopening."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final, Literal, assert_never

from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.entry import Entry
from incidentctl.incident.events import IncidentOpened, IncidentReopened, IncidentResumed, OpeningEvent, TitleGiven
from incidentctl.incident.fold_tree import interrupted
from incidentctl.incident.names import same_person
from incidentctl.incident.presence import ResponderJoined, ResponderLeft
from incidentctl.incident.state import Clear, Incident, Tree

MOST_ALERTS: Final = 20


def opening(incident: Incident, event: OpeningEvent, entry: Entry) -> Incident:
    """The incident after one of them."""
    match event:
        case IncidentOpened():
            return replace(
                incident,
                service=event.service,
                title=event.title,
                mode=event.mode,
                process=event.process,
                timezone=event.timezone,
                layers=event.layers,
                opened_at=entry.occurred_at,
                opened_by=entry.author,
                present=entry.author,
                there=(entry.author,),
            )
        case AlertReceived():
            # The five minutes count from the first one, whatever joins in later.
            later = (*incident.later_alerts, event)[-MOST_ALERTS:] if incident.alert else ()
            return replace(incident, alert=incident.alert or event, later_alerts=later)
        case IncidentResumed(asks_again=items) | ResponderJoined(asks_again=items):
            return _gone_on(incident, items, entry.author)
        case ResponderLeft():
            there, left = _without(incident.there, entry.author), _without(incident.left, entry.author)
            return replace(incident, there=there, left=(*left, entry.author))
        case TitleGiven(title=title):
            return replace(incident, title=title)
        case IncidentReopened():
            return _reopened(incident, entry.recorded_at)
        case _:
            assert_never(event)


def _gone_on(incident: Incident, asks_again: tuple[str, ...], who: str) -> Incident:
    again: dict[str, Literal["", "done", "later"]] = dict.fromkeys(asks_again, "")
    clear = replace(incident.clear, items={**incident.clear.items, **again})
    quiet = incident.comms.quiet_until if incident.is_open else None
    return replace(
        incident,
        clear=clear,
        comms=replace(incident.comms, quiet_until=quiet),
        # Whoever goes on does not watch what the walk before them had started.
        tree=interrupted(incident.tree),
        present=who,
        there=(*_without(incident.there, who), who),
        left=_without(incident.left, who),
    )


def _without(names: tuple[str, ...], who: str) -> tuple[str, ...]:
    return tuple(name for name in names if not same_person(name, who))


def _reopened(incident: Incident, at: datetime) -> Incident:
    """Open again: an update due at once, earlier answers ruled out, the tree from its first question (P-CLEAR-5)."""
    told = incident.severity is not None and incident.severity.update_every is not None
    tree = incident.tree
    return replace(
        incident,
        reopened_at=at,
        recovered_at=None,
        choices={},
        mitigation=None,
        decision_due_at=None,
        clear=Clear(),
        tree=Tree(
            earlier={**tree.earlier, **tree.answers}, actions=tree.actions, lasted=tree.lasted, running=tree.running
        ),
        comms=replace(incident.comms, due_at=at if told else None, quiet_until=None, pending=None),
    )
