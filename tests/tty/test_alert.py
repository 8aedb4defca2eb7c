"""An alert that comes by standard input leaves the terminal to the person."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from pathlib import Path

import pytest

from tests.alerts.bodies import alertmanager, am_alert, as_bytes
from tests.clocked import VARIABLE, Hand
from tests.needs import needs
from tests.tty.screen import ROOT, Terminal


def piped(folder: Path, body: object, *, by: str = "exec", term: str = "xterm-256color") -> Terminal:
    """`cat ALERT | incidentctl start --from-alert -` in a shell of the terminal, on a clock that stands at 03:12."""
    file = folder / "alert.json"
    file.write_bytes(as_bytes(body))
    environment = {
        VARIABLE: str(Hand(folder / "clock").path),
        "INCIDENTCTL_STORE": str(folder / "store.db"),
        "INCIDENTCTL_RUNBOOKS": str(ROOT / "runbooks"),
        "INCIDENTCTL_ME": "Ada",
        "TERM": term,
    }
    program = f"cat {shlex.quote(str(file))} | {by} {shlex.quote(sys.executable)} -m tests.clocked start --from-alert -"
    spawn = "import os, sys; os.execv('/bin/sh', ['sh', '-c', sys.argv[1]])"
    return Terminal("-c", spawn, program, environment=environment)


@pytest.mark.parametrize(
    ("term", "question", "key"),
    [("xterm-256color", "? Open the incident channel", "\r"), ("dumb", "Open the incident channel", "\n")],
)
def test_the_person_answers_at_the_terminal(tmp_path: Path, term: str, question: str, key: str) -> None:
    with piped(tmp_path, alertmanager(am_alert(service="checkout")), term=term) as terminal:
        shown = terminal.wait_for("Acknowledge the page", "severity there: critical")
        assert "03:12" in shown or "CET" in shown
        terminal.press(key)
        terminal.wait_for(question)
        terminal.press("\x03")
        # A shell that stays behind a pipeline dies of the same Ctrl-C.
        assert terminal.wait_for_end() in (130, -signal.SIGINT)
        assert "Every answer that was given is saved." in terminal.shown


def test_the_service_can_be_chosen_there(tmp_path: Path) -> None:
    with piped(tmp_path, alertmanager(am_alert("Other"))) as terminal:
        terminal.wait_for("? Which service is this alert about?", "Ctrl-C stops")
        terminal.press("p\r")
        terminal.wait_for("? Acknowledge the page")


def test_without_a_controlling_terminal_the_prompt_is_named(tmp_path: Path) -> None:
    by = f"exec {needs('setsid')} --wait"
    with piped(tmp_path, alertmanager(am_alert(service="checkout")), by=by) as terminal:
        terminal.wait_for("`first.acknowledge` needs an answer")
        assert terminal.wait_for_end() == 3


def test_an_alert_can_be_pasted(tmp_path: Path) -> None:
    environment = {
        "INCIDENTCTL_STORE": str(tmp_path / "store.db"), "INCIDENTCTL_RUNBOOKS": str(ROOT / "runbooks"),
        "INCIDENTCTL_ME": "Ada",
    }  # fmt: skip
    with Terminal("-m", "incidentctl", "start", "--from-alert", "-", environment=environment) as terminal:
        terminal.wait_for("Paste the alert's JSON, then press Enter and Ctrl-D.")
        terminal.press(json.dumps(alertmanager(am_alert(service="checkout")), indent=1) + "\n\x04")
        terminal.wait_for("? Acknowledge the page")
        terminal.press("\r")
        terminal.wait_for("? Open the incident channel")
