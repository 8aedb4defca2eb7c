"""What a person, a runbook or a command line said, redacted before an event exists: a journal is for ever."""

from __future__ import annotations

from dataclasses import replace

from incidentctl.errors import NotAllowed
from incidentctl.incident.events import ActionEnded, ActionStarted, Event, InputGiven
from incidentctl.incident.words import Layer
from incidentctl.runbook.load import BUILT_IN
from incidentctl.text.redact import REDACTED, redact, redact_value
from incidentctl.walker import acts
from incidentctl.walker.orders import BY_HAND, Order
from incidentctl.walker.replies import Hypothesis, Reply, Several, Skip, Typed


def of_layer(layer: Layer) -> Layer:
    """What ships with the program holds none, and is the longest of all."""
    return layer if layer.name == BUILT_IN else replace(layer, text=redact(layer.text))


def of_act(act: acts.Act) -> acts.Act:
    """What a command was told, redacted before an event exists."""
    match act:
        case acts.AddNote(text=text):
            return replace(act, text=redact(text))
        case acts.Assign(name=name) | acts.OfferHandoff(name=name):
            return replace(act, name=redact(name))
        case acts.TellWarRoom(affects=affects, joined=joined):
            return acts.TellWarRoom(tuple(map(redact, affects)), tuple(map(redact, joined)))
        case acts.ChangeSeverity(reason=reason) | acts.Reopen(reason=reason) | acts.RequestUpdate(reason=reason):
            return replace(act, reason=redact(reason))
        case _:
            return act


def of_event(event: Event) -> Event:
    """A command line may hold what only this machine knows; what fills `password` is one, whatever it looks like."""
    match event:
        case ActionStarted(command=command) | ActionEnded(command=command):
            return replace(event, command=redact(command))
        case InputGiven(name=name, value=value):
            return replace(event, value=redact_value(name, value))
        case _:
            return event


def whole(order: Order) -> Order:
    """`order`, where nothing of it was a secret.  Raises NotAllowed: what was not kept cannot be run."""
    values = order.check.values.values() if order.check else ()
    if any(REDACTED in text for text in (*order.argv, *values)):
        raise NotAllowed("a secret stood there, which is not kept, so this program cannot run it", BY_HAND)
    return order


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
