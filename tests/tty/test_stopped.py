"""Stopped by Ctrl-C, by the end of the input, or by a connection that breaks: nothing that was answered is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.walks import answered, journal
from tests.tty.screen import ROOT
from tests.tty.walk import RESUME, START, TO_THE_TREE, WALK, Place, answer, wait_until_asked

STOPS = {
    "first.acknowledge": "\x03",
    "first.channel": "t\rinc\x03",
    "triage.impact": "2 \x03",
    "first.page": "+seen\x03",
    "comms.sent": "\x04",
    "tree.recent-deploy": "?\x03",
    "mitigation.choice": "f\x03",
    "mitigation.estimate": "20 mi\x03",
    "clear.verify": "\x03",
}
"""At each of these prompts (where it comes twice: the first time), the keys that stop there."""
IGNORING_HANGUPS = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh")


def test_ctrl_c_at_any_question_says_what_is_saved_and_how_to_go_on(tmp_path: Path) -> None:
    place, done = Place(tmp_path), 0
    prompts = [step.prompt for step in WALK]
    for prompt, keys in STOPS.items():
        until = prompts.index(prompt)
        with place.terminal(*(RESUME if place.store.exists() else START)) as terminal:
            answer(terminal, *WALK[done:until])
            wait_until_asked(terminal, WALK[until])
            terminal.press(keys)
            assert terminal.wait_for_end() == 130
            said = " ".join(terminal.shown.split())
        assert "Every answer that was given is saved. Go on with: incidentctl resume 20261123-0312-" in said
        assert answered(place.store) == prompts[:until]
        done = until


@pytest.mark.parametrize(("tracer", "status"), [((), -signal.SIGHUP), (IGNORING_HANGUPS, None)])
def test_a_connection_that_breaks_ends_the_program_and_loses_nothing(
    tmp_path: Path, tracer: tuple[str, ...], status: int | None
) -> None:
    place = Place(tmp_path)
    with place.terminal(*START, tracer=tracer) as terminal:
        answer(terminal, *TO_THE_TREE)
        wait_until_asked(terminal, WALK[len(TO_THE_TREE)])
        assert terminal.hang_up() == status or status is None
    assert answered(place.store) == [step.prompt for step in TO_THE_TREE]
    with place.terminal(*RESUME) as terminal:
        wait_until_asked(terminal, WALK[len(TO_THE_TREE)])


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_asks_nobody_and_keeps_the_incident(tmp_path: Path, closed: str) -> None:
    place = Place(tmp_path)
    command = [sys.executable, "-m", "incidentctl", "--store", str(place.store), "--me", "Ada", *START]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "`first.acknowledge`" in done.stderr or "2>&-" in closed
    assert len(journal(place.store)) == 1
