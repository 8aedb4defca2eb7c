"""Updates that go out through channels: what is to be sent, what was, and what is left for a person to copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from incidentctl.incident.events import Event
from incidentctl.incident.state import Incident, Update
from incidentctl.incident.updates import PostEnded, PostStarted
from incidentctl.record import record
from incidentctl.runbook.model import Audience, Runbook
from incidentctl.walker.replies import Accepts, Option
from incidentctl.walker.requests import AskUpdate, Phase, Request, WatchPosts
from incidentctl.walker.scene import Scene

GOES_TO: Final = "goes to "
_SENDS: Final = ("send", "no-progress")
BY_HAND: Final = Option("by-hand", "do not wait for it", "copy it yourself; look first whether it arrived")


@record
class Outgoing:
    """One text that can go out, and the event that says so before it does."""

    audience: Audience
    text: str
    started: PostStarted


def outgoing(book: Runbook, incident: Incident, channels: Mapping[str, str]) -> tuple[Outgoing, ...]:
    """What of the open update has not been tried yet, for audiences with one of `channels`.  A drill sends nothing."""
    pending = incident.comms.pending
    if pending is None or incident.mode == "drill" or (pending.kind == "edit" and not pending.edited):
        return ()
    return tuple(one for one in _going(book, incident, pending, channels) if one.audience.name not in pending.posts)


def unheard_of(book: Runbook, incident: Incident) -> tuple[Outgoing, ...]:
    """What was on its way when the walk before this one ended."""
    pending = incident.comms.pending
    if pending is None:
        return ()
    waiting = {name: pending.posts[name].channel for name in on_the_way(pending)}
    return tuple(_going(book, incident, pending, waiting))


def _going(book: Runbook, incident: Incident, pending: Update, channels: Mapping[str, str]) -> Iterator[Outgoing]:
    audiences = {audience.name: audience for audience in book.comms.audiences}
    for text in pending.texts:
        name = text.audience
        if name in channels:
            before = pending.posts.get(name)  # what is on its way keeps its key, whichever version made it
            made = before.key if before and before.key else key(incident, pending, name)
            started = PostStarted(name, channels[name], made)
            yield Outgoing(audiences.get(name, Audience(name)), text.text, started)


def key(incident: Incident, pending: Update, audience: str) -> str:
    """The same for the same update, and for no other."""
    return f"{incident.id}-{pending.made_at:%Y%m%d%H%M%S}-{audience}"


def on_the_way(pending: Update) -> tuple[str, ...]:
    """The audiences whose text is being sent now."""
    return tuple(name for name, post in pending.posts.items() if post.result == "started")


def watch(pending: Update, phase: Phase) -> Request:
    """What is asked while texts are on their way."""
    channels = ", ".join(pending.posts[name].channel for name in on_the_way(pending))
    return Request(
        prompt="comms.sending",
        ask=WatchPosts(),
        phase=phase,
        text=f"Sending: {channels}",
        why="It is recorded as sent when the server says that it has it, with the server's own id (P-COMMS-8).",
        accepts=Accepts(words=(BY_HAND,)),
    )


def is_out(pending: Update, audience: str) -> bool:
    """Whether the server of its channel has the text."""
    post = pending.posts.get(audience)
    return post is not None and post.result == "sent"


def may_be_out(pending: Update) -> bool:
    """Whether a channel may have a text, and nobody knows."""
    return any(post.result == "perhaps" for post in pending.posts.values())


def became(pending: Update) -> Iterator[str]:
    """What was not taken, and why; what was has been told already."""
    for audience, post in pending.posts.items():
        match post.result:
            case "perhaps":
                yield f"{post.channel} may have the text for {audience}: {post.reason}. Look before you copy it."
            case "failed":
                yield f"{post.channel} did not take the text for {audience}: {post.reason}. Copy it."
            case _:
                pass


def saying_where(asked: Request, goes: str) -> Request:
    """The question of an update, with where the texts go behind what sends them."""
    words = tuple(replace(word, hint=goes) if word.value in _SENDS else word for word in asked.accepts.words)
    return replace(asked, accepts=replace(asked.accepts, words=words))


def goes_out(asked: Request) -> bool:
    """Whether an answer to this question lets a text go out."""
    return isinstance(asked.ask, AskUpdate) and any(word.hint.startswith(GOES_TO) for word in asked.accepts.words)


def given_up(scene: Scene) -> list[Event]:
    """Nobody waits for what is still on its way: it may arrive, or not."""
    pending = scene.incident.comms.pending
    waiting = on_the_way(pending) if pending else ()
    return [
        PostEnded(name, pending.posts[name].channel, "perhaps", reason="nobody waited for it")
        for name in waiting
        if pending
    ]
