"""`change`: what is written down, and a command that is left as it is, whatever becomes of the log."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.cli.conftest import ROOT, Program
from tests.needs import needs

PROGRAM = (sys.executable, "-m", "incidentctl")


# --- TEXT, and the list ------------------------------------------------------------------------------------


def changes(program: Program, *words: str) -> list[dict[str, Any]]:
    done = program("change", *words, "--json")
    assert (done.status, done.json["schema"]) == (0, "incidentctl/changes/1")
    found: list[dict[str, Any]] = done.json["changes"]
    return found


def test_a_change_is_written_down_and_listed(program: Program) -> None:
    done = program("change", "checkout", "v1.42 to production")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Written down: ")
    assert done.out.endswith("UTC  checkout  v1.42 to production (Ada)\n")
    (one,) = changes(program, "checkout")
    assert one.pop("at").endswith("Z")
    assert one == {
        "service": "checkout", "text": "v1.42 to production", "command": None, "by": "Ada", "ended_at": None,
        "status": None,
    }  # fmt: skip


def test_the_list_is_of_one_service_or_of_all_the_newest_first(program: Program) -> None:
    for service, text, at in (("checkout", "one", "01:00"), ("search", "two", "02:00"), ("checkout", "three", "03:00")):
        program("change", service, text, "--at", f"2026-01-05T{at}:00Z")
    assert program("change", "checkout").out.splitlines() == [
        "2026-01-05 03:00 UTC  checkout  three (Ada)",
        "2026-01-05 01:00 UTC  checkout  one (Ada)",
    ]
    assert [one["text"] for one in changes(program)] == ["three", "two", "one"]
    assert program("change", "ledger").out == "No changes of ledger are written down.\n"


def test_a_long_list_is_cut_for_people_and_whole_as_json(program: Program) -> None:
    for number in range(22):
        program("change", "checkout", f"v{number}")
    lines = program("change", "checkout").out.splitlines()
    assert "v21" in lines[0]
    assert lines[20:] == ["2 older ones: --json lists all"]
    assert len(changes(program)) == 22


def test_when_it_happened_is_said_in_the_runbook_s_time_zone(program: Program, tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books/far.yaml").write_text("service: far\ntimezone: Asia/Tokyo\n")
    program("--runbooks", str(tmp_path / "books"), "change", "far", "v1", "--at", "09:30")
    program("change", "far", "v2", "--at", "09:30")
    assert sorted((one["text"], one["at"][11:16]) for one in changes(program, "far")) == [
        ("v1", "00:30"),
        ("v2", "09:30"),
    ]
    future = program("change", "far", "v3", "--at", "2199-01-01T00:00:00Z")
    assert (future.status, "lies in the future" in future.err) == (2, True)


def test_a_misspelt_service_is_said_and_written_down_all_the_same(program: Program) -> None:
    done = program("change", "chekout", "v1")
    assert done.status == 0
    assert "There is no runbook for chekout. Did you mean `checkout`?" in done.err
    assert len(changes(program, "chekout")) == 1
    assert "Did you mean `checkout`?" in program("change", "chekcout").err
    assert program("change", "Checkout", "v1").err == ""


def test_secrets_are_not_written_down(program: Program) -> None:
    program("change", "checkout", "set API_TOKEN=sesame-open-1234 in production")
    program("change", "password: sesame-open-1234", "x")
    program("change", "checkout", "--run", "--", "true", "--password", "sesame-open-1234")
    shown = program("change").out + program("change", "--json").out
    assert "<redacted>" in shown
    assert "sesame" not in shown


def test_a_terminal_is_not_obeyed(program: Program) -> None:
    program("change", "checkout", "\x1b]0;owned\x07one\ntwo [bold]")
    assert program("change").out.endswith("  checkout  one two [bold] (Ada)\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("checkout", "--", "deployctl", "release"), "Nothing was run"),
        (("checkout", "--run"), "Nothing was run: no command"),
        (("checkout", "v1.42", "--run", "--"), "Nothing was run: no command"),
        (("checkout", "deployctl", "--run"), "Nothing was run: no command"),
        (("--run", "--", "true"), "Nothing was run: no service"),
        (("", "x"), "The name of the service is empty"),
        (("checkout", "  "), "The text of the change is empty"),
        (("checkout", "--at", "02:55"), "--at belongs to a TEXT"),
        (("checkout", "--at", "02:55", "--run", "--", "true"), "--at belongs to a TEXT"),
        (("checkout", "x", "--json"), "--json belongs to the list"),
    ],
)
def test_what_is_half_given_is_refused_and_nothing_is_run(program: Program, words: tuple[str, ...], said: str) -> None:
    done = program("change", *words)
    assert done.status == 2
    assert said in done.err
    assert changes(program) == []


def test_a_store_that_is_broken_is_said(program: Program, tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("precious")
    done = program("change", "checkout", "v1")
    assert (done.status, "is not an incidentctl store" in done.err) == (4, True)
    assert program("change").status == 4
    assert "ends with this command" in program("--store", "memory:", "change", "checkout", "v1").err


# --- --run -------------------------------------------------------------------------------------------------


@pytest.fixture(name="environment")
def _environment(tmp_path: Path) -> dict[str, str]:
    """A store of its own, and no runbooks."""
    (tmp_path / "cwd").mkdir()
    settings = {"INCIDENTCTL_STORE": str(tmp_path / "store.db"), "INCIDENTCTL_ME": "Ada", "LANG": "C.UTF-8"}
    return {**os.environ, **settings, "PYTHONPATH": str(ROOT), "PWD": str(tmp_path / "cwd")}


def run(environment: dict[str, str], *words: str, **more: Any) -> subprocess.CompletedProcess[bytes]:  # noqa: ANN401
    command = [*more.pop("tracer", ()), *PROGRAM, "change", "checkout", "--run", "--", *words]
    return subprocess.run(
        command, env=environment, cwd=environment["PWD"], capture_output=True, check=False, timeout=60, **more
    )


def listed(environment: dict[str, str]) -> list[str]:
    """What the list says of each, behind the service, as if this machine were idle."""
    done = subprocess.run(
        [*PROGRAM, "change", "checkout"], env=environment, cwd=environment["PWD"], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    lines = re.sub(r"(took|after) \d+ s", r"\1 0 s", done.stdout).splitlines()
    return [line.split("  checkout  ")[1] for line in lines if "  checkout  " in line]


@pytest.mark.parametrize(
    ("script", "status", "ending"),
    [
        ("exit 0", 0, "took 0 s"),
        ("exit 3", 3, "failed with 3 after 0 s"),
        ("kill -KILL $$", 137, "failed with 137 after 0 s"),
        ("kill -TERM $$", 143, "failed with 143 after 0 s"),
    ],
)
def test_the_status_is_the_command_s(environment: dict[str, str], script: str, status: int, ending: str) -> None:
    done = run(environment, "sh", "-c", script)
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"")
    assert listed(environment) == [f"sh -c '{script}', {ending} (Ada)"]


@pytest.mark.parametrize(("name", "status"), [("no-such-program", 127), ("/etc/hostname/x", 127), (".", 126)])
def test_a_command_that_cannot_be_run_is_told_as_a_shell_tells_it(
    environment: dict[str, str], name: str, status: int
) -> None:
    done = run(environment, name)
    assert done.returncode == status
    assert done.stderr.startswith(f"incidentctl: `{name}` cannot be run: ".encode())
    assert listed(environment) == [f"{name}, failed with {status} after 0 s (Ada)"]


def test_its_streams_are_its_own_byte_for_byte(environment: dict[str, str]) -> None:
    raw = bytes(range(256)) * 100
    done = run(environment, "sh", "-c", "cat; printf 'odd\\377' >&2", input=raw)
    assert (done.stdout, done.stderr) == (raw, b"odd\xff")


def test_it_gets_its_words_as_they_are_and_no_shell_sees_them(environment: dict[str, str]) -> None:
    done = run(environment, "printf", "%s|", "$HOME", "a  b", "*", "--store", "x", "--", ";exit 9", "--json", "")
    assert done.stdout == b"$HOME|a  b|*|--store|x|--|;exit 9|--json||"


def test_whatever_was_open_is_open_for_it(environment: dict[str, str]) -> None:
    needs("bash")
    script = f"{' '.join(PROGRAM)} change checkout --run -- cat <(echo from a descriptor)"
    done = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=environment["PWD"], capture_output=True, check=True
    )
    assert done.stdout == b"from a descriptor\n"


def test_it_is_written_down_before_it_begins(environment: dict[str, str]) -> None:
    done = run(environment, *PROGRAM, "change", "checkout")
    assert b"still running or never ended (Ada)" in done.stdout
    assert "took" in listed(environment)[0]


def test_a_text_may_stand_beside_the_command(environment: dict[str, str]) -> None:
    words = ["change", "checkout", "v1.42", "--run", "--", "true"]
    subprocess.run([*PROGRAM, *words], env=environment, cwd=environment["PWD"], check=True)
    assert listed(environment) == ["v1.42: true, took 0 s (Ada)"]


def test_a_reader_that_has_seen_enough_ends_the_command_not_the_log(environment: dict[str, str]) -> None:
    needs("bash")
    script = f"{' '.join(PROGRAM)} change checkout --run -- yes | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=environment["PWD"], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("y\n141\n", "")
    assert listed(environment) == ["yes, failed with 141 after 0 s (Ada)"]


def test_closed_streams_stay_closed_and_keep_nothing_from_being_run(
    environment: dict[str, str], tmp_path: Path
) -> None:
    needs("bash")
    mark = tmp_path / "mark"
    script = f"{' '.join(PROGRAM)} change checkout --run -- sh -c 'echo x || touch {mark}' >&- 2>&- <&-"
    subprocess.run(["bash", "-c", script], env=environment, cwd=environment["PWD"], check=False)
    assert mark.exists()
    assert len(listed(environment)) == 1


# --- signals -----------------------------------------------------------------------------------------------


def in_a_terminal(environment: dict[str, str], script: str) -> pexpect.spawn[str]:
    words = ["-m", "incidentctl", "change", "checkout", "--run", "--", "sh", "-c", script]
    child = pexpect.spawn(sys.executable, words, env=environment, cwd=environment["PWD"], encoding="utf-8", timeout=20)
    child.expect("ready")
    return child


@pytest.mark.parametrize(
    ("script", "status"), [("trap 'echo caught; exit 7' INT; echo ready; read x", 7), ("echo ready; exec cat", 130)]
)
def test_ctrl_c_is_the_command_s(environment: dict[str, str], script: str, status: int) -> None:
    child = in_a_terminal(environment, script)
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == status
    assert ("caught" in str(child.before)) is (status == 7)
    assert f"failed with {status}" in listed(environment)[0]


def started(environment: dict[str, str], script: str, *prefix: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [*prefix, *PROGRAM, "change", "checkout", "--run", "--", "sh", "-c", script],
        env=environment, cwd=environment["PWD"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize(("number", "script", "status"), [
    (signal.SIGTERM, "trap 'exit 5' TERM; echo ready; read x", 5),
    (signal.SIGTERM, "echo ready; exec cat", 143),
    (signal.SIGHUP, "echo ready; exec cat", 129),
])  # fmt: skip
def test_a_request_to_end_is_passed_on(environment: dict[str, str], number: int, script: str, status: int) -> None:
    with started(environment, script) as process:
        process.send_signal(number)
        assert process.wait(20) == status
    assert f"failed with {status}" in listed(environment)[0]


def test_what_was_to_be_ignored_is_ignored_by_both(environment: dict[str, str]) -> None:
    with started(environment, "echo ready; read x; exit 4", "nohup") as process:
        process.send_signal(signal.SIGHUP)
        process.communicate(b"go on\n", 20)
    assert process.returncode == 4


def test_a_command_that_we_did_not_outlive_is_told_as_one_without_an_end(environment: dict[str, str]) -> None:
    with started(environment, "echo ready; read x") as process:
        process.kill()
        process.wait(20)
    assert listed(environment) == ["sh -c 'echo ready; read x', still running or never ended (Ada)"]


# --- a log that cannot be written --------------------------------------------------------------------------


def test_a_store_that_is_not_there_stops_no_command(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for store in (str(tmp_path / "file/x.db"), "postgresql-nowhere://x", str(tmp_path / "cwd")):
        done = run({**environment, "INCIDENTCTL_STORE": store}, "sh", "-c", "cat; exit 3", input=b"in")
        assert (done.returncode, done.stdout) == (3, b"in")
        assert done.stderr.startswith(b"incidentctl: The change is not written down: "), store


@pytest.mark.parametrize(
    "injection",
    ["pwrite64:error=ENOSPC", "fsync,fdatasync:error=EIO", "openat:error=EROFS", "pwrite64:error=EIO:when=2+"],
)
def test_a_disk_that_is_full_faulty_or_read_only_stops_no_command(environment: dict[str, str], injection: str) -> None:
    strace = needs("strace", "-e", "trace=none", "true")
    run(environment, "true")
    store = environment["INCIDENTCTL_STORE"]
    paths = [word for part in ("", "-wal", "-shm", "-journal") for word in ("-P", f"{store}{part}")]
    tracer = (strace, "-f", "-o", os.devnull, *paths, "-e", f"inject={injection}")
    done = run(environment, "sh", "-c", "cat; exit 3", input=b"in", tracer=tracer)
    assert (done.returncode, done.stdout) == (3, b"in")
    assert b"is not written down: " in done.stderr
    assert listed(environment)[-1] == "true, took 0 s (Ada)"


def test_a_disk_that_fails_while_the_command_runs_is_said_with_its_status(environment: dict[str, str]) -> None:
    store = environment["INCIDENTCTL_STORE"]
    done = run(environment, "sh", "-c", f"rm -f {store}*; mkdir {store}; exit 3")
    assert done.returncode == 3
    assert done.stderr.startswith(b"incidentctl: That it ended with 3 is not written down: ")


def test_nobody_has_to_read_what_we_say(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "change", "checkout", "--run", "--", "sh", "-c", "echo out; exit 3"],
            env={**environment, "INCIDENTCTL_STORE": str(tmp_path / "file/x.db")}, cwd=environment["PWD"],
            stdout=subprocess.PIPE, stderr=full, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, b"out\n")


def test_each_change_is_on_the_disk_before_the_command_begins(environment: dict[str, str], tmp_path: Path) -> None:
    strace = needs("strace", "-e", "trace=none", "true")
    trace = tmp_path / "trace"
    run(environment, "true")
    run(environment, "echo", "began", tracer=(strace, "-f", "-o", trace, "-e", "trace=fsync,fdatasync,write"))
    before, _, after = trace.read_text().partition('"began\\n"')
    assert after, "the command was seen"
    assert "sync(" in before
    assert "sync(" in after


def test_two_at_once_are_both_written_down(environment: dict[str, str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda number: run(environment, "sh", "-c", f"exit {number}"), range(8)))
    assert [(one.returncode, one.stderr) for one in done] == [(number, b"") for number in range(8)]
    found = json.loads(subprocess.check_output([*PROGRAM, "change", "--json"], env=environment, cwd=environment["PWD"]))
    assert sorted(one["status"] for one in found["changes"]) == list(range(8))
