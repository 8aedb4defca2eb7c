"""Wall time of `incidentctl lint` on 300 files, cold and from its cache, as ratios.

    python bench/lint.py [TURNS]

Against `yamllint` and then `check-jsonschema` with our own schema, `docs/runbook.schema.json`, over the same files:
what somebody has who does without us.  Install both, in any environment on the PATH.  And against composing the nodes
of the same files and nothing else.  Each run is a process of its own; byte code is compiled before anything is
measured.  Cold is without any cache; unchanged is from the cache.  Wall time is what a person waits; the CPU time of
all cores together is what does not depend on how busy the machine is.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
FILES = 300
TURNS = 5
ENOUGH = 2.0
AT_LEAST = 20.0
THEIRS = "yamllint, then check-jsonschema"
PROGRAM = str(Path(sys.executable).with_name("incidentctl"))
SCHEMA = ROOT / "docs/runbook.schema.json"
COMPOSE = """
import sys, yaml
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        yaml.compose(file, Loader=yaml.CSafeLoader)
"""


def write_files(folder: Path) -> list[str]:
    """300 services: the shipped ones, each under a name of its own wherever it stands: no two say the same."""
    shutil.copy(ROOT / "runbooks/_defaults.yaml", folder)
    texts = [(ROOT / f"runbooks/{name}.yaml").read_text() for name in ("checkout", "payments", "search")]
    names = ("checkout", "payments", "search")
    for number in range(FILES):
        text, name = texts[number % 3], names[number % 3]
        file = folder / f"{name}-{number}.yaml"
        file.write_text(re.sub(rf"\b{name}\b", f"{name}-{number}", text))
    return sorted(str(path) for path in folder.glob("*.yaml"))


Cost = tuple[float, float]
"""Seconds of wall time, and of all cores together."""


def cost(commands: Sequence[list[str]]) -> Cost:
    """What `commands` take, one after the other."""
    before, used = perf_counter(), _used()
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"{command[:3]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return perf_counter() - before, _used() - used


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def medians(runs: Mapping[str, Sequence[list[str]]], turns: int) -> dict[str, Cost]:
    """Of each the medians of all its runs, but for the first, which only warms up.

    In turns, as machines are busy at times; in its turn a command runs again until two seconds are over: so what is
    quick is measured often, and not only on cores that have slept meanwhile.
    """
    measured = {name: [cost(commands)] for name, commands in runs.items()}
    for _ in range(turns):
        for name, commands in runs.items():
            until = perf_counter() + ENOUGH
            while perf_counter() < until:
                measured[name].append(cost(commands))
    return {name: (_median(costs, 0), _median(costs, 1)) for name, costs in measured.items()}


def _median(costs: Sequence[Cost], which: int) -> float:
    return statistics.median(one[which] for one in costs[1:])


def found(name: str) -> str | None:
    """A program beside this Python, or on the PATH."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def main() -> None:
    """Measure all of them."""
    count = max(1, int(sys.argv[1])) if len(sys.argv) > 1 else TURNS
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"PYTHONPYCACHEPREFIX": f"{scratch}/pycache", "XDG_CACHE_HOME": f"{scratch}/cache"}
        folder = Path(scratch, "runbooks")
        folder.mkdir()
        files = write_files(folder)
        lint = [PROGRAM, "lint", str(folder), "--format", "json"]
        runs = {
            "lint, cold": [[*lint, "--no-cache"]],
            "lint, unchanged": [lint],
            "starting alone": [[PROGRAM, "lint", "--explain", "no-rollback"]],
            "composing alone": [[sys.executable, "-c", COMPOSE, *files]],
        }
        theirs = others(files)
        show(medians(runs | ({THEIRS: theirs} if theirs else {}), count))


def others(files: list[str]) -> list[list[str]]:
    """The two programs that people use in its place; none where they are not both here."""
    yamllint, jsonschema = found("yamllint"), found("check-jsonschema")
    if yamllint is None or jsonschema is None:
        print("yamllint and check-jsonschema are not both here: pip install them, and try again")
        return []
    return [[yamllint, "--no-warnings", *files], [jsonschema, "--schemafile", str(SCHEMA), *files]]


def show(measured: Mapping[str, Cost]) -> None:
    """A line for each, and the ratios that were promised."""
    cores = len(os.sched_getaffinity(0))
    print(f"{FILES} files, {cores} cores{'wall':>23} {'CPU':>9}")
    for name, (wall, used) in measured.items():
        print(f"{name:32} {wall:7.2f} s {used:7.2f} s")
    cold, bare = measured["lint, cold"], measured["composing alone"]
    print(f"cold, {cold[0] / bare[0]:.1f} times as long as composing alone; {cold[1] / bare[1]:.1f} times the CPU")
    if THEIRS in measured:
        wall, used = measured[THEIRS]
        verdict = "kept" if wall >= AT_LEAST * cold[0] else "MISSED"
        print(
            f"theirs take {wall / cold[0]:.1f} times as long, at least {AT_LEAST:.0f} ({verdict}); "
            f"{used / cold[1]:.1f} times the CPU"
        )


if __name__ == "__main__":
    main()
