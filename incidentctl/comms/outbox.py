"""Texts on their way: each in a thread of its own, with a deadline, beside the prompts.

What a channel answers waits here until the session takes it.  A second sending of the same text is not made: after a
crash the channel is asked whether it has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from incidentctl.comms.background import Background, made_in_time
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
_LONGEST: Final = 200
_BY_HAND: Final = ("", "clipboard")


class RealOutbox:
    """Sends through the channels that the environment has the secrets of."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._channels: dict[str, Channel | UserError] = {}
        self._background: Background[PostEnded] = Background()

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
        self._background.begin(partial(self._work, incident, going, again=again))

    def take(self) -> Sequence[PostEnded]:
        """What has ended since the last time."""
        return self._background.take()

    def settle(self) -> None:
        """Wait until nothing is on its way; the deadlines bound it."""
        self._background.settle()

    # --- in the thread --------------------------------------------------------------------------------------

    def _work(self, incident: Incident, going: Outgoing, *, again: bool) -> None:
        ended = self._outcome(incident, going, again=again)
        reason, url = (one_line(redact(text), _LONGEST) for text in (ended.reason, ended.url))
        self._background.put(replace(ended, reason=reason, url=url))

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
            known = self._channels[audience.name] = made_in_time(partial(self._made, audience))
        return known

    def _made(self, audience: Audience) -> Channel:
        """Raises UserError where it cannot be used from here."""
        from incidentctl.comms.channels.interface import Unsent
        from incidentctl.comms.channels.making import make

        if audience.channel in _BY_HAND:
            raise Unsent("its texts are copied by hand")
        values = {key: expanded(value, self._environ) for key, value in audience.values.items()}
        return make(audience.channel, values, self._environ)


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
