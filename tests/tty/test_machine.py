"""Evidence and commands beside the open question: the real program, real sources, real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from incidentctl.incident.facts import ActionEnded, ActionStarted, EvidenceTaken
from incidentctl.incident.words import Answer
from tests.clocked import VARIABLE, Hand
from tests.crash.walks import journal
from tests.tty.screen import ROOT, Terminal
from tests.tty.walk import Step, answer, wait_until_asked

BOOK = """
service: shop
title: Shop
decision_tree:
  - use: recent-deploy
    check: {{command: {{run: cat {answer}, read_only: true, yes_when: "> 0"}}}}
    if_yes:
      - rollback: Roll back
        id: roll-back
        run: {python} {script}
        takes: 5 min
  - use: slow-database
  - use: external-dependency
  - {{use: cache-stampede, omit: it has no cache}}
"""
# It says that it began, and ends when it is told how.
SCRIPT = """
import sys
with open({begun!r}, "a") as file:
    file.write("begun\\n")
print("rolling back, password=hunter2-canary", flush=True)
with open({end!r}) as file:
    sys.exit(int(file.read()))
"""
DEPLOY = Step("tree.recent-deploy", "Was there a deploy in the last 6 hours?")
CHOICE = Step("mitigation.choice", "Roll back (about 5 min)?")
RUN = Step("tree.roll-back.run", "Roll back?", "r\r")
RUNNING = Step("tree.roll-back.running", "Running: Roll back")
INTERRUPTED = Step("tree.roll-back.interrupted", "Roll back was interrupted and may have run in part.")
FAILED = Step("tree.roll-back.failed", "It failed. Try again: Roll back?", "y\r")
RECOVERED = Step("tree.roll-back.recovered", "Did the numbers come back?")
UPDATE = Step("comms.update", "Update 2 (", "n\r")
SENT = Step("comms.sent", "Copied and sent to customers, internal?", "y\r")
SEAT = Step("roles.comms-lead", "Who is comms lead?")
TO_THE_TREE = """
answers:
  - {prompt: triage.impact, answer: [critically degraded]}
  - {prompt: tree.recent-deploy, answer: nothing-that-it-takes}
  - {prompt: "*", repeat: true}
"""


class Shop:
    """A service whose source and whose rollback wait for the test: each reads a pipe that the test writes."""

    def __init__(self, folder: Path) -> None:
        self.store, self.clock = folder / "incidents.db", Hand(folder / "clock")
        self.answer, self.end, self.begun = folder / "answer", folder / "end", folder / "begun"
        for pipe in (self.answer, self.end):
            os.mkfifo(pipe)
        script = folder / "roll_back.py"
        script.write_text(SCRIPT.format(begun=str(self.begun), end=str(self.end)))
        (folder / "runbooks").mkdir()
        text = BOOK.format(answer=self.answer, python=sys.executable, script=script)
        (folder / "runbooks" / "shop.yaml").write_text(text)
        self.settings = {
            VARIABLE: str(self.clock.path),
            "INCIDENTCTL_STORE": str(self.store),
            "INCIDENTCTL_RUNBOOKS": str(folder / "runbooks"),
            "INCIDENTCTL_ME": "Ada",
        }
        (folder / "answers.yaml").write_text(TO_THE_TREE)
        self.call("start", "shop", "--no-checks", "--answers", str(folder / "answers.yaml"), status=2)

    def call(self, *words: str, status: int = 0) -> str:
        """`incidentctl WORDS` without a terminal; what it prints."""
        command = [sys.executable, "-m", "tests.clocked", *words]
        environment = {**os.environ, **self.settings}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        return done.stdout

    def resume(self, **more: str) -> Terminal:
        """Go on at a terminal, with the checks."""
        settings = {**self.settings, "INCIDENTCTL_NO_CHECKS": "", **more}
        return Terminal("-m", "tests.clocked", "resume", environment=settings)

    def events(self, kind: type[Any]) -> list[Any]:
        return [entry.event for entry in journal(self.store) if isinstance(entry.event, kind)]

    def tells(self, pipe: Path, text: str) -> None:
        """Whoever reads the pipe gets `text`, and its end."""
        pipe.write_text(text)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """At the first question of the tree of a P1."""
    return Shop(tmp_path)


def started(shop: Shop, terminal: Terminal) -> None:
    """Up to the rollback, which runs."""
    wait_until_asked(terminal, DEPLOY)
    shop.tells(shop.answer, "1\n")
    terminal.wait_for("❯ y  yes")
    terminal.press("y\r")
    answer(terminal, CHOICE, RUN)
    terminal.wait_for("? Running: Roll back", "rolling back")


@pytest.mark.rule("P-TREE-1")
def test_evidence_arrives_in_the_open_question_and_moves_the_arrow_with_no_key_pressed(shop: Shop) -> None:
    with shop.resume() as terminal:
        wait_until_asked(terminal, DEPLOY)
        terminal.wait_for("Looking ...", "❯ u  don't know")
        shop.tells(shop.answer, "7\n")
        terminal.wait_for("❯ y  yes", "yes: ", "(command, ")
        found = {event.evidence.subject: event.evidence.answer for event in shop.events(EvidenceTaken)}
        assert found["recent-deploy/0"] is Answer.YES, "what the screen shows is in the journal"
        terminal.press("n")
        terminal.wait_for("❯ n  no")


def test_evidence_never_moves_an_arrow_that_a_person_has_moved(shop: Shop) -> None:
    with shop.resume() as terminal:
        wait_until_asked(terminal, DEPLOY)
        terminal.press("n")
        terminal.wait_for("❯ n  no")
        shop.tells(shop.answer, "7\n")
        shown = terminal.wait_for("yes: ", "(command, ")
        assert "❯ n  no" in shown


def test_where_the_cursor_cannot_move_evidence_is_said_below_and_changes_what_enter_takes(shop: Shop) -> None:
    with shop.resume(TERM="dumb") as terminal:
        terminal.wait_for("Was there a deploy in the last 6 hours?", "? says why")
        shop.tells(shop.answer, "7\n")
        terminal.wait_for("(command, ", "Enter alone takes now: yes")
        terminal.press("\n")
        terminal.wait_for("Roll back (about 5 min)?")


@pytest.mark.rule("P-TREE-5", "P-ROLL-5")
def test_a_command_runs_here_with_its_last_lines_in_view_and_its_end_on_record(shop: Shop) -> None:
    with shop.resume() as terminal:
        started(shop, terminal)
        shop.clock.set(timedelta(minutes=2))
        shop.tells(shop.end, "0")
        wait_until_asked(terminal, RECOVERED)
    (ended,) = shop.events(ActionEnded)
    assert (ended.result, ended.status, ended.took) == ("done", 0, timedelta(minutes=2))
    assert ended.output == ("rolling back, password=<redacted>",)


@pytest.mark.rule("P-TREE-5", "P-ROLL-2")
def test_a_rollback_that_failed_is_shown_once_more_and_run_again_on_a_persons_word(shop: Shop) -> None:
    with shop.resume() as terminal:
        started(shop, terminal)
        shop.tells(shop.end, "1")
        shown = wait_until_asked(terminal, FAILED)
        assert "Failed: Roll back (exit status 1" in shown
        assert "❯ n  no" in shown
        answer(terminal, FAILED)
        assert "roll_back.py" in wait_until_asked(terminal, RUN)
        assert shop.begun.read_text() == "begun\n", "nothing runs before they say so"
        answer(terminal, RUN)
        wait_until_asked(terminal, RUNNING)
        shop.tells(shop.end, "0")
        wait_until_asked(terminal, RECOVERED)
    assert [event.result for event in shop.events(ActionEnded)] == ["failed", "done"]


def test_ctrl_c_stops_the_command_and_not_the_incident(shop: Shop) -> None:
    with shop.resume() as terminal:
        started(shop, terminal)
        terminal.press("\x03")
        wait_until_asked(terminal, INTERRUPTED)
        terminal.press("n")
        terminal.press("\r")
        wait_until_asked(terminal, RUN)
    assert [event.result for event in shop.events(ActionEnded)] == ["interrupted"]
    assert json.loads(shop.call("status", "--json"))["state"] == "open"


def test_ctrl_c_again_says_nothing_new_while_the_command_is_being_stopped(shop: Shop) -> None:
    script = shop.begun.with_name("roll_back.py")
    script.write_text(f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{script.read_text()}")
    with shop.resume() as terminal:
        started(shop, terminal)
        terminal.press("\x03\x03\x03")
        # It does not hear that it is interrupted, and is ended.
        wait_until_asked(terminal, INTERRUPTED)
        assert terminal.written.count(b"Stopping the command; the incident goes on.") == 1


def test_peer_defect_09_killed_while_a_command_runs_it_is_not_run_again(shop: Shop) -> None:
    with shop.resume() as terminal:
        started(shop, terminal)
        terminal.kill()
    with shop.resume() as terminal:
        shown = wait_until_asked(terminal, INTERRUPTED)
        assert "roll_back.py" in shown
        assert "❯" not in shown, "there is no default: somebody has to look"
    assert shop.begun.read_text() == "begun\n"
    assert len(shop.events(ActionStarted)) == 1
    shop.tells(shop.end, "0")  # the command itself lives on, and is let go


@pytest.mark.rule("P-COMMS-3")
def test_a_due_update_is_asked_while_a_command_runs_and_the_command_goes_on(shop: Shop) -> None:
    with shop.resume() as terminal:
        started(shop, terminal)
        shop.clock.set(timedelta(minutes=31))
        shown = wait_until_asked(terminal, UPDATE)
        assert "Put aside" not in shown
        assert terminal.bells == 1
        answer(terminal, UPDATE, SENT, SEAT)
        shown = wait_until_asked(terminal, RUNNING)
        assert "Back to" not in shown, "what runs says so itself"
        assert terminal.bells == 1, "what runs has taken nothing away"
        shop.tells(shop.end, "1")
        terminal.wait_for("Failed: Roll back", "exit status 1")
    assert shop.begun.read_text() == "begun\n"


def test_peer_defect_12_a_secret_that_a_command_says_is_nowhere(shop: Shop) -> None:
    with shop.resume() as terminal:
        started(shop, terminal)
        shop.tells(shop.end, "0")
        wait_until_asked(terminal, RECOVERED)
        written = terminal.written
    assert b"hunter2-canary" not in written
    assert "hunter2-canary" not in shop.call("timeline", "--json") + shop.call("timeline")
    assert b"hunter2-canary" not in b"".join(file.read_bytes() for file in shop.store.parent.glob("incidents.db*"))
