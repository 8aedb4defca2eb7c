"""`incidentctl start shop`, for a person or by an answers file, and what its journal says afterwards."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from demo.world import BREAKS, HERE, Break, World

PROGRAM: Final = str(Path(sys.executable).with_name("incidentctl"))
_PATIENCE: Final = 10.0


class Walk:
    """One real incident, in a store of its own."""

    def __init__(self, world: World, store: Path) -> None:
        # An option, so that the commands which the program prints name the store, too.
        self._program = [PROGRAM, "--store", os.path.relpath(store)]
        # Whatever is set outside: here the checks are the point.
        self._environ = {**os.environ, **world.environ, "INCIDENTCTL_NO_CHECKS": "0"}

    def start(self, title: str, answers: Path | None = None) -> int:
        """Walk it here, and return the exit status."""
        by_file = ["--answers", str(answers)] if answers else []
        before = signal.signal(signal.SIGINT, _leave_it_to_the_walk)
        words = [*self._program, "start", "shop", "--title", title, *by_file]
        walk = subprocess.Popen(words, env=self._environ)
        try:
            return walk.wait()
        finally:
            signal.signal(signal.SIGINT, before)
            _end(walk)

    def told(self, command: str) -> Mapping[str, Any]:
        """What `status` or `timeline` says as JSON."""
        words = [*self._program, command, "--json"]
        done = subprocess.run(words, env=self._environ, check=True, stdout=subprocess.PIPE)
        told: Mapping[str, Any] = json.loads(done.stdout)
        return told

    def command(self, *words: str) -> str:
        """What to type in this folder to read the store afterwards."""
        program, *options = self._program
        return shlex.join((os.path.relpath(program), *options, *words))


def _leave_it_to_the_walk(*_: object) -> None:
    """Ctrl-C is for the walk, which says what is saved, and then ends by itself."""


def _end(walk: subprocess.Popen[bytes]) -> None:
    """It gives the terminal back as it was, if it can."""
    walk.terminate()
    try:
        walk.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        walk.kill()
        walk.wait()


def answers(world: World, name: str) -> Path:
    """The answers file of a break, in which REPORT is the process id of the report."""
    text = (HERE / "answers" / f"{name}.yaml").read_text()
    written = world.folder / f"{name}.yaml"
    written.write_text(text.replace("[REPORT]", f"[{world.report}]") if name == "database" else text)
    return written


def complaints(walk: Walk, broken: Break) -> Iterator[str]:
    """What the journal does not say, and should: the cause was found, mended by the program, and seen to be mended."""
    status, entries = walk.told("status"), walk.told("timeline")["entries"]
    if status["state"] != "closed":
        yield f"the incident is {status['state']}"
    yes = [line["id"] for line in status["tree"] if line["answer"] == "yes"]
    if yes != [broken.question]:
        yield f"yes was said to {', '.join(yes) or 'nothing'}, and not to {broken.question} alone"
    for kind, wanted in _facts(broken).items():
        if not any(entry["kind"] == kind and wanted.items() <= entry["data"].items() for entry in entries):
            yield f"no entry {kind} says {wanted}"


def _facts(broken: Break) -> Mapping[str, Mapping[str, object]]:
    """What stands in the journal of an incident that was mended, by the kind of entry."""
    return {
        "action.started": {"step": broken.step},
        "action.ended": {"step": broken.step, "result": "done"},
        "recovery.judged": {"step": broken.step, "answer": "yes"},
        "all-clear.given": {"verified": "checks"},
    }


def walk_by_file(world: World, name: str, store: Path) -> list[str]:
    """Break the shop, walk by the answers file, and return what went wrong."""
    broken = BREAKS[name]
    broken.make(world)
    world.wait_for_alert()
    walk = Walk(world, store)
    status = walk.start(broken.seen, answers(world, name))
    wrong = [f"incidentctl ended with {status}"] if status else list(complaints(walk, broken))
    numbers = world.numbers()
    return wrong if numbers.are_normal else [*wrong, f"the shop is not well: {numbers}"]
