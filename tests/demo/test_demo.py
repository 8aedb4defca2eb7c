"""The demonstration: a real service is broken in each of four ways, and the walk finds and mends each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from demo.walks import Walk, answers
from demo.world import BREAKS, ROOT, World, world
from incidentctl.runbook.answers import load_answers
from tests.needs import or_left_out
from tests.tty.screen import Terminal

TREE = ("recent-deploy", "slow-database", "external-dependency", "cache-stampede")
PATIENCE = 30.0


@pytest.fixture(scope="module")
def all_of_it() -> Iterator[World]:
    with or_left_out(), world() as shop:
        shop.wait_until_well()
        yield shop


@pytest.fixture
def shop(all_of_it: World) -> Iterator[World]:
    yield all_of_it
    all_of_it.mend()


def of_kind(entries: list[dict[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [entry["data"] for entry in entries if entry["kind"] == kind]


@pytest.mark.rule("P-TREE-1")
@pytest.mark.rule("P-TREE-2")
@pytest.mark.rule("P-TREE-3")
@pytest.mark.rule("P-TREE-4")
@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found_and_mended(name: str, shop: World, tmp_path: Path) -> None:
    broken, asked = BREAKS[name], TREE[: TREE.index(BREAKS[name].question) + 1]
    broken.make(shop)
    shop.wait_for_alert()
    walk, written = Walk(shop, tmp_path / "incidents.db"), answers(shop, name)
    assert walk.start(broken.seen, written) == 0

    status = walk.told("status")
    assert (status["state"], status["mode"]) == ("closed", "real")
    assert status["severity"] in ("P1", "P2")
    told = {line["id"]: line["answer"] for line in status["tree"]}
    # Whatever stands before the cause is ruled out, the cause is found, and nothing else is asked.
    assert told == {**dict.fromkeys(TREE), **dict.fromkeys(asked[:-1], "no"), asked[-1]: "yes"}
    # Nobody told it so: the file only says what is run.
    prompts = {row.prompt for row in load_answers(written)}
    assert prompts <= {f"tree.{broken.step}.run", f"tree.{broken.step}.rows", "*"}

    entries = walk.told("timeline")["entries"]
    found = {one["evidence"]["subject"]: one["evidence"] for one in of_kind(entries, "evidence.taken")}
    assert found[f"{broken.question}/0"]["answer"] == "yes"
    [ended] = of_kind(entries, "action.ended")
    assert (ended["step"], ended["result"]) == (broken.step, "done")
    assert ended["status"] == (0 if ended["command"] else None)
    assert ended["output"]
    assert of_kind(entries, "recovery.judged") == [{"step": broken.step, "answer": "yes"}]
    assert [one["verified"] for one in of_kind(entries, "all-clear.given")] == ["checks"]
    assert shop.numbers().are_normal


# --- the program around it -----------------------------------------------------------------------------------


def started_in(folder: Path) -> list[str]:
    """The command lines of all processes whose temporary files are in `folder`, or that name it."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line, environ = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:
            continue  # it has ended meanwhile, or is somebody else's
        if str(folder).encode() in line + environ:
            lines.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return lines


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for everything that is temporary, which PostgreSQL's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="incidentctl-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_in_a_terminal_a_person_walks_and_ctrl_c_ends_it_all(place: Path, all_of_it: World) -> None:
    environ = {"TMPDIR": str(place), "INCIDENTCTL_ME": "Ada"}
    with Terminal("-m", "demo", "cache", environment=environ) as terminal:
        terminal.wait_for("Every page is slow", "? Acknowledge the page", "Ctrl-C stops")
        assert started_in(place)
        terminal.press("\x03")
        terminal.wait_until(lambda shown: "It is still broken." in shown, "it says what became of the shop")
        terminal.wait_until(lambda shown: "timeline" in shown, "it says where to read on")
        assert terminal.wait_for_end() == 0
    assert (started_in(place), list(place.iterdir())) == ([], [])


def test_being_terminated_it_ends_what_it_started(place: Path, all_of_it: World) -> None:
    environ = {**os.environ, "TMPDIR": str(place)}
    with subprocess.Popen(
        [sys.executable, "-m", "demo", "deploy"], cwd=ROOT, env=environ, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, text=True,
    ) as demonstration:  # fmt: skip
        latest = time.monotonic() + PATIENCE
        while not any("demo.shop" in line for line in started_in(place)):
            assert time.monotonic() < latest, "no shop was started"
            Event().wait(0.05)
        demonstration.terminate()
        demonstration.communicate()
    assert demonstration.returncode == 143
    assert (started_in(place), list(place.iterdir())) == ([], [])


def test_what_is_not_installed_is_named(tmp_path: Path) -> None:
    environ = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "demo"], cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 4
    assert re.search(r"^redis-server is not installed: apt-get install redis-server$", done.stderr, re.MULTILINE)
    assert re.search(r"^prometheus is not installed: apt-get install prometheus$", done.stderr, re.MULTILINE)
    assert "Traceback" not in done.stderr


def test_a_break_that_nobody_knows_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo", "network"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "There is no break `network`: it is one of deploy, database, provider, cache.\n"


def test_its_runbook_is_as_lint_wants_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "incidentctl", "lint", "--strict", "demo/runbooks"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "2 files, nothing found.\n")
