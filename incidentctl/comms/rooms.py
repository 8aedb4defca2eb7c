"""The incident's channel in Slack: opened, and its topic set, each in a thread of its own beside the prompts.

Nothing is opened here unless a person has let it be opened.  A topic that Slack does not take is said, and no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from incidentctl.comms.background import Background, made_in_time
from incidentctl.errors import UserError
from incidentctl.incident.rooms import RoomEnded, RoomStarted
from incidentctl.text.escape import one_line
from incidentctl.text.redact import redact

if TYPE_CHECKING:
    from incidentctl.comms.channels.api import Api

_SECONDS: Final = 20.0
_LONGEST: Final = 200


class RealRooms:
    """Opens channels in Slack, with the token that the environment or the keyring has."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._background: Background[RoomEnded] = Background()
        self._topic = ("", "")
        self._trouble = ""

    def name(self) -> str:
        """Where it opens channels, where that can be used from here; else empty."""
        return "" if isinstance(self._slack, UserError) else "Slack"

    def trouble(self) -> str:
        """Why the topic is not set; empty where it is."""
        return self._trouble

    def begin(self, room: RoomStarted) -> None:
        """Open it."""
        self._background.begin(lambda: self._background.put(self._outcome(room)))

    def head(self, channel: str, topic: str) -> None:
        """Put `topic` at the head of a channel, by its id, unless that was just tried."""
        if channel and topic and (channel, topic) != self._topic:
            self._topic = (channel, topic)
            self._background.begin(partial(self._set_topic, channel, topic))

    def take(self) -> Sequence[RoomEnded]:
        """What came to be known since the last time."""
        return self._background.take()

    def settle(self) -> None:
        """Wait until nothing is on its way; the deadlines bound it."""
        self._background.settle()

    # --- in the threads -------------------------------------------------------------------------------------

    def _outcome(self, room: RoomStarted) -> RoomEnded:
        from incidentctl.comms.channels.slack import channel_name, open_channel
        from incidentctl.comms.channels.slack_api import page, slack

        ended = RoomEnded(room.name, room.service, "perhaps")
        try:
            name = channel_name(room.name)
            made = asyncio.run(open_channel(name, self._environ, seconds=_SECONDS))
            url = page(slack(self._environ), made)
        except UserError as error:
            perhaps, reason = getattr(error, "perhaps", False), one_line(redact(error.message), _LONGEST)
            return replace(ended, result="perhaps" if perhaps else "failed", reason=reason)
        except Exception as error:  # noqa: BLE001 - the name is typed; the walk goes on
            return replace(ended, reason=f"opening it failed ({type(error).__name__})")
        return replace(ended, name=name, result="opened", id=made, url=url)

    def _set_topic(self, channel: str, topic: str) -> None:
        from incidentctl.comms.channels.slack import set_topic

        try:
            asyncio.run(set_topic(channel, redact(topic), self._environ, seconds=_SECONDS))
        except UserError as error:
            self._trouble = one_line(redact(error.message), _LONGEST)
        except Exception as error:  # noqa: BLE001 - a topic is no reason to stop
            self._trouble = f"setting it failed ({type(error).__name__})"
        else:
            self._trouble = ""

    @cached_property
    def _slack(self) -> Api | UserError:
        from incidentctl.comms.channels.slack_api import slack

        return made_in_time(partial(slack, self._environ))
