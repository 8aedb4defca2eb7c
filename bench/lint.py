"""Wall time of `incidentctl lint` on 300 files, cold, as ratios.

    python bench/lint.py [RUNS]

Against `yamllint` and then `check-jsonschema` over the same files (install both, in any environment on the PATH), and
against composing the nodes of the same files and nothing else.  Each run is a process of its own; byte code is
compiled before anything is measured.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
FILES = 300
RUNS = 5
AT_LEAST = 20.0
PROGRAM = str(Path(sys.executable).with_name("incidentctl"))
# As strict as a schema can be that knows only the top-level keys: what it does not look at costs it no time.
SCHEMA = {"type": "object", "required": ["format", "service"], "properties": {"format": {"const": 1}}}
COMPOSE = """
import sys, yaml
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        yaml.compose(file, Loader=yaml.CSafeLoader)
"""


def write_files(folder: Path) -> list[str]:
    """300 services: the shipped ones, each under a name of its own."""
    shutil.copy(ROOT / "runbooks/_defaults.yaml", folder)
    texts = [(ROOT / f"runbooks/{name}.yaml").read_text() for name in ("checkout", "payments", "search")]
    names = ("checkout", "payments", "search")
    for number in range(FILES):
        text, name = texts[number % 3], names[number % 3]
        file = folder / f"{name}-{number}.yaml"
        file.write_text(text.replace(f"\nservice: {name}\n", f"\nservice: {name}-{number}\n"))
    return sorted(str(path) for path in folder.glob("*.yaml"))


def seconds(*commands: list[str]) -> float:
    """Wall time of `commands`, one after the other."""
    before = perf_counter()
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"{command[:3]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return perf_counter() - before


def median(run: Callable[[], float], runs: int) -> float:
    """The median of `runs` runs, after one that only warms up."""
    run()
    return statistics.median(run() for _ in range(runs))


def found(name: str) -> str | None:
    """A program beside this Python, or on the PATH."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def main() -> None:
    """Measure all three."""
    runs = max(1, int(sys.argv[1])) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["PYTHONPYCACHEPREFIX"] = f"{scratch}/pycache"
        folder = Path(scratch, "runbooks")
        folder.mkdir()
        files = write_files(folder)
        ours = median(lambda: seconds([PROGRAM, "lint", str(folder), "--format", "json"]), runs)
        bare = median(lambda: seconds([sys.executable, "-c", COMPOSE, *files]), runs)
        print(f"lint: {FILES} files in {ours:.2f} s; composing them alone {bare:.2f} s: ratio {ours / bare:.1f}")
        against(files, Path(scratch, "schema.json"), ours, runs)


def against(files: list[str], schema: Path, ours: float, runs: int) -> None:
    """The two programs that people use in its place; one run less of them, because they take their time."""
    yamllint, jsonschema = found("yamllint"), found("check-jsonschema")
    if yamllint is None or jsonschema is None:
        print(
            "yamllint and check-jsonschema are not both here, so nothing was compared: pip install them, and try again"
        )
        return
    schema.write_text(json.dumps(SCHEMA))
    commands = [yamllint, "--no-warnings", *files], [jsonschema, "--schemafile", str(schema), *files]
    theirs = median(lambda: seconds(*commands), max(1, runs // 2))
    verdict = "kept" if theirs >= AT_LEAST * ours else "MISSED"
    print(
        f"yamllint and check-jsonschema: {theirs:.2f} s, {theirs / ours:.0f} times as long, "
        f"at least {AT_LEAST:.0f} ({verdict})"
    )


if __name__ == "__main__":
    main()
