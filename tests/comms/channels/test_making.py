"""Every kind of channel that a runbook may name can be made, and only its own module is loaded for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from incidentctl.comms.channels.interface import Unsent
from incidentctl.comms.channels.making import make
from incidentctl.runbook.keys import CHANNELS
from tests.tty.screen import ROOT

VALUES = {
    "statuspage": {"page": "kctbh9vrtdwd"},
    "slack": {"channel": "#incidents"},
    "pagerduty": {"service": "PIJ90N7"},
    "email": {"to": "support@example.com"},
    "webhook": {"url": "https://updates.example.com/incidents"},
    "clipboard": {},
}
ENVIRON = {
    "STATUSPAGE_API_KEY": "canary-status", "SLACK_BOT_TOKEN": "xoxb-canary", "PAGERDUTY_API_KEY": "u+canary",
    "PAGERDUTY_FROM": "ana@example.com", "SMTP_URL": "smtp://ana:canary@mail.example.com?from=ana@example.com",
    "INCIDENTCTL_WEBHOOK_SECRET": "canary-hook", "USER": "ana",
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANNELS)
def test_each_kind_is_made_and_its_name_holds_no_secret(kind: str) -> None:
    channel = make(kind, VALUES[kind], ENVIRON)
    assert channel.name
    assert "canary" not in channel.name


def test_another_kind_is_said() -> None:
    with pytest.raises(Unsent, match="there is no channel `fax`"):
        make("fax", {}, {})


def test_nothing_is_loaded_before_it_is_used() -> None:
    asks = "import sys; from incidentctl.comms.channels.making import make; make('clipboard', {}, {}); "
    asks += "print([name for name in ('httpx', 'keyring', 'smtplib', 'email') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
