"""Texts on their way: each in a thread of its own, with a deadline, beside the prompts.

What a channel answers waits here until the session takes it.  A second sending of the same text is not made: after a
crash the channel is asked whether it has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final

from incidentctl.errors import UserError
from incidentctl.incident.state import Incident
from incidentctl.incident.updates import PostEnded
from incidentctl.runbook.model import Audience, Runbook
from incidentctl.text.environment import expanded
from incidentctl.text.escape import one_line
from incidentctl.text.redact import redact
from incidentctl.walker.posting import Outgoing

if TYPE_CHECKING:
    from incidentctl.comms.channels.interface import Channel, Post, Receipt

_SECONDS: Final = 20.0
_PATIENCE: Final = 2.0
_LONGEST: Final = 200
_BY_HAND: Final = ("", "clipboard")


class RealOutbox:
    """Sends through the channels that the environment has the secrets of."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._channels: dict[str, Channel | UserError] = {}
        self._ended: SimpleQueue[PostEnded] = SimpleQueue()
        self._under_way = 0
        self._changed = Condition()

    def names(self, book: Runbook) -> Mapping[str, str]:
        """By audience, what its channel is called, for those that can be used from here."""
        found = {audience.name: self._channel(audience) for audience in book.comms.audiences}
        return {name: channel.name for name, channel in found.items() if not isinstance(channel, UserError)}

    def why_not(self, audience: Audience) -> str:
        """Why the texts of an audience are copied by hand; empty where they are not."""
        channel = self._channel(audience)
        return redact(channel.message) if isinstance(channel, UserError) else ""

    def begin(self, incident: Incident, going: Outgoing, *, again: bool) -> None:
        """Send it; or, `again`, ask whether it went out already."""
        with self._changed:
            self._under_way += 1
        Thread(target=self._work, args=(incident, going, again), daemon=True).start()

    def take(self) -> Sequence[PostEnded]:
        """What has ended since the last time."""
        ended = []
        while True:
            try:
                ended.append(self._ended.get_nowait())
            except Empty:
                return ended

    def settle(self) -> None:
        """Wait until nothing is on its way; the deadlines bound it."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0)

    # --- in the thread --------------------------------------------------------------------------------------

    def _work(self, incident: Incident, going: Outgoing, again: bool) -> None:  # noqa: FBT001 - from `begin`
        ended = self._outcome(incident, going, again=again)
        reason, url = (one_line(redact(text), _LONGEST) for text in (ended.reason, ended.url))
        self._ended.put(replace(ended, reason=reason, url=url))
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def _outcome(self, incident: Incident, going: Outgoing, *, again: bool) -> PostEnded:
        audience, channel = going.audience.name, self._channel(going.audience)
        if isinstance(channel, UserError):
            return PostEnded(audience, going.started.channel, "perhaps" if again else "failed", reason=channel.message)
        ended = PostEnded(audience, channel.name, "failed")
        try:
            receipt = asyncio.run(_sent(channel, _post(incident, going), again=again))
        except UserError as error:
            perhaps = again or getattr(error, "perhaps", False)
            return replace(ended, result="perhaps" if perhaps else "failed", reason=error.message)
        except Exception as error:  # noqa: BLE001 - the text is copied by hand; the walk goes on
            return replace(ended, result="perhaps", reason=f"the channel itself failed ({type(error).__name__})")
        if receipt is None:
            return replace(ended, reason="it had not gone out")
        return replace(ended, result="sent", id=receipt.id, url=receipt.url, thread=receipt.thread)

    def _channel(self, audience: Audience) -> Channel | UserError:
        known = self._channels.get(audience.name)
        if known is None:
            known = self._channels[audience.name] = self._in_time(audience)
        return known

    def _in_time(self, audience: Audience) -> Channel | UserError:
        """A keyring may wait for somebody to unlock it: nobody waits for that at a prompt."""
        from incidentctl.threads import DaemonThreads

        try:
            return DaemonThreads().submit(self._made, audience).result(_PATIENCE)
        except TimeoutError:
            return UserError("the keyring does not answer")

    def _made(self, audience: Audience) -> Channel | UserError:
        from incidentctl.comms.channels.interface import Unsent
        from incidentctl.comms.channels.making import make

        if audience.channel in _BY_HAND:
            return Unsent("its texts are copied by hand")
        try:
            values = {key: expanded(value, self._environ) for key, value in audience.values.items()}
            return make(audience.channel, values, self._environ)
        except UserError as error:
            return error


async def _sent(channel: Channel, post: Post, *, again: bool) -> Receipt | None:
    async with asyncio.timeout(_SECONDS + 1):
        return await (channel.find if again else channel.send)(post, seconds=_SECONDS)


def _post(incident: Incident, going: Outgoing) -> Post:
    from incidentctl.comms.channels.interface import Post

    pending = incident.comms.pending
    return Post(
        incident=incident.id,
        service=incident.service,
        title=incident.title,
        severity=incident.severity.level if incident.severity else "",
        phase=pending.phase if pending else incident.comms_phase,
        audience=going.audience.name,
        text=going.text,
        key=going.started.key,
        thread=incident.comms.threads.get(going.audience.name, ""),
    )
