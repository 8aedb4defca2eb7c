"""The channel of each kind; its module is imported when it is used, and no other."""

from __future__ import annotations

from collections.abc import Mapping

from incidentctl.comms.channels.interface import Channel, Unsent


def make(kind: str, values: Mapping[str, str], environ: Mapping[str, str]) -> Channel:
    """The channel that an audience names.  Raises Unsent where something is missing, or there is no such kind."""
    match kind:
        case "clipboard":
            from incidentctl.comms.channels.clipboard import ClipboardChannel

            return ClipboardChannel(values, environ)
        case "email":
            from incidentctl.comms.channels.email import EmailChannel

            return EmailChannel(values, environ)
        case "pagerduty":
            from incidentctl.comms.channels.pagerduty import PagerdutyChannel

            return PagerdutyChannel(values, environ)
        case "slack":
            from incidentctl.comms.channels.slack import SlackChannel

            return SlackChannel(values, environ)
        case "statuspage":
            from incidentctl.comms.channels.statuspage import StatuspageChannel

            return StatuspageChannel(values, environ)
        case "webhook":
            from incidentctl.comms.channels.webhook import WebhookChannel

            return WebhookChannel(values, environ)
        case _:
            raise Unsent(f"there is no channel `{kind}`")
