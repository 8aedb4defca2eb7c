"""A whole walk on a disk that fails: said before the next question, gone on with in memory, printed to be copied."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from incidentctl.runbook.answers import Row
from tests.clocked import VARIABLE, Hand
from tests.crash.walks import ROOT, run, write_answers
from tests.needs import needs
from tests.tty.walk import RESUME, WALK, Place, wait_until_asked

START = ("start", "checkout", "--title", "It fails", "--answers", str(ROOT / "runbooks/answers/checkout.yaml"))
LOST = "NOTHING IS SAVED"


@dataclass(frozen=True)
class Ended:
    """What a walk printed, in the order of both streams, and the entries that it printed to be copied."""

    status: int
    said: str
    entries: list[dict[str, Any]]


class Bench:
    """Runs the walk as a program of its own, on one clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = {
            VARIABLE: str(Hand(folder / "clock").path),
            "INCIDENTCTL_RUNBOOKS": str(ROOT / "runbooks"),
            "INCIDENTCTL_ME": "Ada",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *words: str, tracer: Sequence[str] = (), **settings: str) -> Ended:
        done = subprocess.run(
            [*tracer, sys.executable, "-m", "tests.clocked", *words],
            cwd=ROOT, env={**os.environ, **self.settings, **settings}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        return Ended(done.returncode, done.stdout, printed(done.stdout))

    def whole(self) -> list[dict[str, Any]]:
        """The entries of the same walk on a disk that works."""
        store = str(self.folder / "whole.db")
        assert self.run(*START, INCIDENTCTL_STORE=store).status == 0
        return entries_of(store)


def printed(text: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in text.splitlines() if line.startswith('{"incident": ')]
    return [without_texts(line) for line in lines]


def entries_of(store: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(run("--store", store, "timeline", "--json").out)["entries"]
    return [without_texts(entry) for entry in listed]


def answered_in(entries: Sequence[dict[str, Any]]) -> list[str]:
    """The prompts that were answered, in order; one reply may have made several entries."""
    return [prompt for prompt, _ in groupby(entry["prompt"] for entry in entries) if prompt is not None]


def without_texts(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without its incident's random id and the runbook's texts, which are in their files."""
    data = {name: value for name, value in entry["data"].items() if name != "layers"}
    return {**{name: value for name, value in entry.items() if name != "incident"}, "data": data}


@pytest.fixture
def strace() -> str:
    return needs("strace", "-e", "trace=none", "true")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def failing(strace: str, paths: Sequence[Path], *injections: str) -> list[str]:
    only = [word for path in paths for word in ("-P", str(path))]
    return [strace, "-f", "-o", os.devnull, *only, *(word for one in injections for word in ("-e", f"inject={one}"))]


@pytest.mark.parametrize(
    "injection",
    [
        "pwrite64:error=ENOSPC:when=1+",
        "pwrite64:error=ENOSPC:when=6+",
        "pwrite64:error=ENOSPC:when=25+",
        "fdatasync,fsync:error=EIO:when=4+",
    ],
)
def test_a_disk_that_fails_in_the_middle_loses_no_answer(bench: Bench, strace: str, injection: str) -> None:
    place = Place(bench.folder)
    place.script(*WALK[:3])
    rows = write_answers(bench.folder / "rest.yaml", [Row(step.prompt, step.answer) for step in WALK[3:]])
    log = place.store.with_name("incidents.db-wal")
    tracer = failing(strace, [log], injection)
    done = bench.run("resume", "--answers", rows, tracer=tracer, INCIDENTCTL_STORE=str(place.store))
    assert done.status == 4
    assert done.said.count(LOST) == 1
    assert done.said.index(LOST) < done.said.index("Unfreeze deploys")
    # Everything is printed, also what is in the store; and what is in the store is the beginning of it.
    assert answered_in(done.entries) == [step.prompt for step in WALK]
    kept = entries_of(str(place.store))
    assert 3 < len(kept) < len(done.entries)
    assert kept == done.entries[: len(kept)]


def test_a_disk_that_is_full_at_the_start_is_said_before_the_first_question(bench: Bench, strace: str) -> None:
    store = bench.folder / "store.db"
    paths = [store, *(store.with_name(f"store.db-{part}") for part in ("wal", "shm", "journal"))]
    tracer = failing(strace, paths, "pwrite64:error=ENOSPC")
    done = bench.run(*START, tracer=tracer, INCIDENTCTL_STORE=str(store))
    assert done.status == 4
    assert done.said.index(LOST) < done.said.index("Acknowledge the page")
    assert done.entries == bench.whole()


def test_a_home_that_is_read_only_is_said_before_the_first_question(bench: Bench, strace: str) -> None:
    home = bench.folder / "home"
    home.mkdir()
    done = bench.run(*START, tracer=failing(strace, [], "mkdir,mkdirat:error=EROFS"), HOME=str(home))
    assert done.status == 4
    assert "Read-only file system" in done.said[: done.said.index(LOST)]
    assert done.said.index(LOST) < done.said.index("Acknowledge the page")
    assert done.entries == bench.whole()
    assert not list(home.iterdir())


def test_a_store_that_is_a_directory_is_said_before_the_first_question(bench: Bench) -> None:
    store = bench.folder / "a directory"
    store.mkdir()
    done = bench.run(*START, INCIDENTCTL_STORE=str(store))
    assert done.status == 4
    assert str(store) in " ".join(done.said[: done.said.index(LOST)].split())
    assert done.said.index(LOST) < done.said.index("Acknowledge the page")
    assert done.entries == bench.whole()


def test_by_hand_a_disk_that_fills_up_is_on_the_screen_before_the_next_question(tmp_path: Path, strace: str) -> None:
    place = Place(tmp_path)
    place.script(*WALK[:3])
    tracer = failing(strace, [place.store.with_name("incidents.db-wal")], "pwrite64:error=ENOSPC:when=12+")
    lost_before = ""
    with place.terminal(*RESUME, tracer=tracer) as terminal:
        for step in WALK[3:]:
            shown = wait_until_asked(terminal, step)
            if not lost_before and LOST.encode() in terminal.written:
                lost_before = step.prompt
                assert shown.index(LOST) < shown.index(f"? {step.question}")
            terminal.press(step.keys)
        assert terminal.wait_for_end() == 4
    assert lost_before in [step.prompt for step in WALK[5:-1]]
    said = terminal.written.decode().replace("\r\n", "\n")
    assert answered_in(printed(said)) == [step.prompt for step in WALK]
