"""Command lines that only look: real programs, without a shell."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from incidentctl.checks import command as kind
from incidentctl.checks.interface import Found
from incidentctl.incident.words import Answer, Row
from tests.checks.asked import asked, inquiry


def ask(run: str, yes_when: str = "", **given: Any) -> Found:  # noqa: ANN401 - those of Inquiry
    values = {"run": run, "yes_when": yes_when, "read_only": "true"}
    return asked(kind.ask, inquiry("command", values, **given))


def python(program: str) -> str:
    return shlex.join([sys.executable, "-c", program])


def prints(text: str) -> str:
    return python(f"print({text!r})")


# --- what its end means ------------------------------------------------------------------------------------


def test_exit_0_is_yes_and_what_it_prints_is_the_evidence() -> None:
    found = ask(prints("checkout-7d9f restarted\n\n3 times"))
    assert found == Found(Answer.YES, "checkout-7d9f restarted", (Row("checkout-7d9f restarted"), Row("3 times")), 3.0)


@pytest.mark.parametrize("status", [1, 2, 125])
def test_another_status_is_no(status: int) -> None:
    found = ask(python(f"import sys; print('nothing found', file=sys.stderr); sys.exit({status})"))
    assert found == Found(Answer.NO, "nothing found")


@pytest.mark.parametrize("status", [126, 127, 137, 255])
def test_a_status_that_says_it_could_not_look_is_unknown(status: int) -> None:
    found = ask(python(f"import sys; print('no such context', file=sys.stderr); sys.exit({status})"))
    assert found.answer is Answer.UNKNOWN
    assert found.said == f"`{sys.executable}` ended with status {status}: no such context"


def test_a_program_that_is_killed_is_unknown() -> None:
    found = ask(python("import os; os.kill(os.getpid(), 9)"))
    assert found == Found(Answer.UNKNOWN, f"`{sys.executable}` was ended by signal 9")


def test_a_program_that_is_not_there_is_unknown() -> None:
    found = ask("kubectk get pods")
    assert found.answer is Answer.UNKNOWN
    assert found.said == "`kubectk` cannot be started: it is not on the PATH of this terminal"


def test_a_program_that_takes_too_long_is_ended_and_unknown() -> None:
    begun = time.monotonic()
    found = ask("sleep 30", seconds=0.3)
    assert found == Found(Answer.UNKNOWN, "`sleep` took too long")
    assert time.monotonic() - begun < 3


def test_a_program_that_never_stops_printing_is_ended_and_unknown() -> None:
    assert ask("yes", seconds=20) == Found(Answer.UNKNOWN, "`yes` said more than 1000000 bytes")


def test_it_reads_nothing_and_runs_in_the_runbooks_folder(tmp_path: Path) -> None:
    (tmp_path / "lag").write_text("7")
    assert ask("cat lag", folder=tmp_path).number == 7.0
    assert ask("cat").said == "`cat` ended with status 0"


def test_it_has_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKOUT_CONTEXT", "production")
    assert ask("printenv CHECKOUT_CONTEXT").said == "production"


# --- its number --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "yes_when", "answer", "said"),
    [
        ("12000", "> 10,000", Answer.YES, "12000, which is > 10,000"),
        ("lag=1,200 messages", ">= 1200", Answer.YES, "1200, which is >= 1200"),
        ('{"pod": "checkout-7d9f", "restarts": 3}', "> 3", Answer.NO, "3, which is not > 3"),
        ("/dev/sda1  85% /var", "> 80%", Answer.YES, "85%, which is > 80%"),
        ("/dev/sda1  85% /var", "> 90", Answer.NO, "85%, which is not > 90"),
        ("took 180ms", "< 0.5 s", Answer.YES, "180ms, which is < 0.5 s"),
        ("\x1b[31m42\x1b[0m", "< 40", Answer.NO, "42, which is not < 40"),
        ("balance: -0.5", "< 0", Answer.YES, "-0.5, which is < 0"),
        ("v1.2.3 pod-5 2026-11-23 ok: 9", "> 8", Answer.YES, "9, which is > 8"),
    ],
)
def test_the_first_number_that_stands_by_itself_is_compared(
    printed: str, yes_when: str, answer: Answer, said: str
) -> None:
    found = ask(prints(printed), yes_when)
    assert (found.answer, found.said) == (answer, said)


def test_a_signal_is_measured_in_its_own_unit() -> None:
    assert ask(prints("180ms"), unit="s").number == 0.18
    assert ask(prints("85%"), unit="ratio").number == 0.85
    assert ask(prints("85%"), unit="messages").number is None
    assert ask(prints("250ms"), "> 0.2", unit="s").answer is Answer.YES


def test_without_a_number_there_is_nothing_to_compare() -> None:
    found = ask(prints("none"), "> 5")
    assert found == Found(Answer.UNKNOWN, f"no number to compare: `{sys.executable}` ended with status 0")


def test_the_number_of_a_command_that_failed_is_not_trusted() -> None:
    found = ask(python("import sys; print(3); sys.exit('cannot connect')"), "> 5")
    assert found.answer is Answer.UNKNOWN
    assert found.said.endswith("ended with status 1: cannot connect")


@pytest.mark.parametrize("yes_when", ["many", "> 5 s"])
def test_a_condition_that_does_not_fit_is_unknown(yes_when: str) -> None:
    found = ask(prints("85%"), yes_when)
    assert found.answer is Answer.UNKNOWN
    assert found.said.startswith("`yes_when` cannot be compared with what the command prints: ")


# --- what is not run at all --------------------------------------------------------------------------------


@pytest.mark.parametrize("promise", ["", "false", "yes", "True"])
def test_without_the_promise_nothing_is_run(tmp_path: Path, promise: str) -> None:
    values = {"run": "touch ran", "read_only": promise}
    # What stands under `sources` promises nothing for a command that somebody else wrote.
    found = asked(kind.ask, inquiry("command", values, folder=tmp_path, source={"read_only": "true"}))
    assert found == Found(Answer.UNKNOWN, "the runbook does not say `read_only: true` for this command")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "odd"),
    [
        ("kubectl get pods | grep -c Crash", "|"),
        ("true && touch ran", "&&"),
        ("true ; touch ran", ";"),
        ("echo 1 > ran", ">"),
        ("ls 2>&1", "2>&1"),
        ("ping ${HOST}", "${HOST}"),
    ],
)
def test_what_needs_a_shell_is_unknown_and_not_run(tmp_path: Path, line: str, odd: str) -> None:
    found = ask(line, folder=tmp_path)
    assert found == Found(Answer.UNKNOWN, f"`{odd}` needs a shell, and none runs this command")
    assert list(tmp_path.iterdir()) == []


def test_words_that_only_look_like_a_shells_are_words() -> None:
    assert ask("printf %s 'a|b; $HOME *'").said == "a|b; $HOME *"


@pytest.mark.parametrize("line", ["kubectl logs {{ pod }}", "echo 'open", "", "  "])
def test_a_line_that_cannot_be_run_as_it_stands_is_unknown(line: str) -> None:
    assert ask(line).answer is Answer.UNKNOWN
