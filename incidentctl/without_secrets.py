"""What a person, a runbook or a command line said, redacted before an event exists: a journal is for ever."""

from __future__ import annotations

from dataclasses import replace

from incidentctl.incident.events import ActionStarted, Event
from incidentctl.incident.words import Layer
from incidentctl.runbook.load import BUILT_IN
from incidentctl.text.redact import redact
from incidentctl.walker import acts
from incidentctl.walker.replies import Hypothesis, Reply, Several, Skip, Typed


def of_layer(layer: Layer) -> Layer:
    """What ships with the program holds none, and is the longest of all."""
    return layer if layer.name == BUILT_IN else replace(layer, text=redact(layer.text))


def of_act(act: acts.Act) -> acts.Act:
    """What a command was told, redacted before an event exists."""
    match act:
        case acts.AddNote(text=text):
            return replace(act, text=redact(text))
        case acts.Assign(name=name):
            return replace(act, name=redact(name))
        case acts.ChangeSeverity(reason=reason) | acts.Reopen(reason=reason):
            return replace(act, reason=redact(reason))
        case _:
            return act


def of_event(event: Event) -> Event:
    """A command line may hold what only this machine knows."""
    return replace(event, command=redact(event.command)) if isinstance(event, ActionStarted) else event


def of_reply(reply: Reply) -> Reply:
    """What a person typed, redacted before an event exists."""
    match reply:
        case Typed(text=text):
            return Typed(redact(text))
        case Skip(reason=reason):
            return Skip(redact(reason))
        case Hypothesis(text=text):
            return Hypothesis(redact(text))
        case Several(values=values):
            return Several(tuple(map(redact, values)))
        case _:
            return reply
