"""Real processes: pipes, closed pipes, a terminal, Ctrl-C, and what is imported when."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.cli.conftest import ROOT
from tests.needs import missing, needs


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A terminal of 80 columns, a store of its own."""
    return {
        **os.environ,
        "INCIDENTCTL_STORE": str(tmp_path / "store.db"),
        "INCIDENTCTL_RUNBOOKS": str(ROOT / "runbooks"),
        "INCIDENTCTL_ME": "Ada",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
    }


PROGRAM = f"{sys.executable} -m incidentctl"


def shell(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs `command` where $P is the program."""
    needs("bash")
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env={**environment, "P": PROGRAM}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["$P start checkout | cat", "$P start checkout", "echo y | $P start checkout"])
def test_peer_defect_10_a_pipe_answers_nothing(command: str, environment: dict[str, str]) -> None:
    done = shell(command, environment)
    assert done.returncode == 3
    assert "`first.acknowledge`" in done.stderr
    status = shell("$P status --json", environment)
    assert '"open_prompt": "first.acknowledge"' in status.stdout


def test_a_reader_that_has_seen_enough_is_no_error(environment: dict[str, str]) -> None:
    walk = ROOT / "runbooks/answers/checkout.yaml"
    for command in (f"$P start checkout --answers {walk} | true", "$P timeline | head -1"):
        done = shell(command, environment)
        assert (done.returncode, done.stderr) == (0, ""), command


@pytest.mark.parametrize("command", ["$P show checkout", "$P schema", "$P --help", "$P lint $INCIDENTCTL_RUNBOOKS"])
def test_a_full_disk_below_the_output_is_no_bug_of_ours(command: str, environment: dict[str, str]) -> None:
    if not Path("/dev/full").exists():
        missing("there is no /dev/full")
    done = shell(f"{command} > /dev/full", environment)
    assert done.returncode == 4
    assert done.stderr == "The output cannot be written: No space left on device\nMake room, or send it elsewhere.\n"
    silent = shell(f"{command} > /dev/full 2>&1", environment)
    assert (silent.returncode, silent.stderr) == (4, "")


def test_a_page_can_be_imported_from_another_program(environment: dict[str, str], tmp_path: Path) -> None:
    line = "printf '# Shop\\n\\n- Call `shopctl list`\\n' | $P import - --service shop --output shop.yaml"
    done = shell(f"cd {tmp_path} && {line}", environment)
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "shop.yaml").read_text("utf-8")
    assert "# from stdin:3\n" in written
    assert "run: shopctl list\n" in written


@pytest.mark.parametrize("command", ["$P lint $LONG", "$P --runbooks $LONG show checkout"])
def test_a_path_that_the_machine_does_not_take_is_no_bug_of_ours(command: str, environment: dict[str, str]) -> None:
    done = shell(command, {**environment, "LONG": "n" * 300})
    assert (done.returncode, done.stderr) == (4, f"{'n' * 300} cannot be used: File name too long\n")


def test_ctrl_c_says_what_is_saved_and_how_to_go_on(environment: dict[str, str]) -> None:
    child = pexpect.spawn(
        sys.executable, ["-m", "incidentctl", "start", "checkout", "--title", "Orders fail"],
        env=environment, dimensions=(24, 80), encoding="utf-8", timeout=20,
    )  # fmt: skip
    child.expect("Acknowledge the page")
    child.send("\r")
    child.expect("Open the incident channel")
    child.sendintr()
    child.expect("Every answer that was given is saved")
    child.expect(r"incidentctl resume \d{8}-\d{4}-[a-z]{3}")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert '"open_prompt": "first.channel"' in shell("$P status --json", environment).stdout


def test_a_note_before_there_is_an_incident_is_refused_in_one_sentence(
    environment: dict[str, str], tmp_path: Path
) -> None:
    child = pexpect.spawn(
        sys.executable, ["-m", "incidentctl", "new", "shop"], cwd=str(tmp_path), encoding="utf-8", timeout=20,
        env={**environment, "TERM": "dumb", "INCIDENTCTL_RUNBOOKS": str(tmp_path)}, dimensions=(24, 100),
    )  # fmt: skip
    child.expect("Has it users")
    child.expect("> ")
    child.send("+\n")
    child.expect("Note:")
    child.send("seen\n")
    child.expect(r"Not taken: there is no incident yet that a note could belong to\.\r\nAnswer first\.\r\n")
    child.expect("Has it users")
    child.close()


def imported(*words: str) -> set[str]:
    """The modules that a run of the program has imported by its end, without a terminal."""
    code = (
        "import sys, atexit; atexit.register(lambda: print('\\n'.join(sys.modules), file=sys.__stderr__));"
        f"sys.argv = ['incidentctl', *{words!r}]; from incidentctl.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return set(done.stderr.splitlines())


def test_slow_libraries_are_not_imported_before_they_are_used(tmp_path: Path) -> None:
    store = str(tmp_path / "store.db")
    slow = {"jinja2", "httpx", "questionary", "prompt_toolkit", "rich", "pydantic"}
    assert not imported("--version") & (slow | {"typer", "yaml", "sqlite3", "incidentctl.session"})
    assert not imported("--help") & (slow | {"yaml", "sqlite3", "incidentctl.session"})
    assert not imported("--store", store, "--me", "Ada", "start", "checkout") & slow
    assert not imported("--store", store, "note", "x") & slow
