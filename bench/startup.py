"""CPU time to the first drawn prompt, and of `--version`, as ratios against importing the libraries alone.

    python bench/startup.py [RUNS]

The program and the bare imports run in turns, so that a busy machine slows both; medians are compared.
"""

from __future__ import annotations

import os
import pty
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = [str(Path(sys.executable).with_name("incidentctl"))]
FIRST_PROMPT = "typer, rich.console, questionary, yaml"
VERSION = "typer, yaml"
# The first rows of the first question; when they are there, the prompt is drawn.
DRAWN = b"Enter takes"
ASKS_FOR_CURSOR, CURSOR = b"\x1b[6n", b"\x1b[1;1R"


def cpu_of(argv: list[str]) -> float:
    """Seconds of CPU, user and system, that `argv` takes until it ends."""
    silence = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=[silence])
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{argv} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def cpu_to_first_prompt(store: Path) -> float:
    """Seconds of CPU that `start` has taken when its first prompt stands in a terminal of 80 x 24."""
    pid, terminal = pty.fork()
    if pid == 0:
        options = ["--store", str(store), "--runbooks", str(ROOT / "runbooks"), "--me", "bench"]
        environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        os.execve(PROGRAM[0], [*PROGRAM, *options, "start", "checkout", "--title", "x"], environment)  # noqa: S606
    drawn = b""
    while DRAWN not in drawn:
        drawn += os.read(terminal, 4096)
        if drawn.endswith(ASKS_FOR_CURSOR):  # as a terminal would
            os.write(terminal, CURSOR)
    os.kill(pid, signal.SIGKILL)
    _, _, usage = os.wait4(pid, 0)
    os.close(terminal)
    return usage.ru_utime + usage.ru_stime


def compare(name: str, program: Callable[[], float], modules: str, target: float, runs: int) -> None:
    """Print the medians of both, and their ratio beside the target."""
    bare = [sys.executable, "-c", f"import {modules}"]
    program(), cpu_of(bare)  # compiles the byte code, and is not measured
    pairs = [(program(), cpu_of(bare)) for _ in range(runs)]
    ours, theirs = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    print(
        f"{name}: {ours:.0f} ms of CPU; import {modules}: {theirs:.0f} ms; ratio {ours / theirs:.2f} (target {target})"
    )


def main() -> None:
    """Measure both."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    with tempfile.TemporaryDirectory() as folder:
        # As where it is installed: byte code is there already, for the program and for the libraries.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/pycache"
        stores = (Path(folder) / f"{number}.db" for number in range(runs + 1))
        compare("first prompt", lambda: cpu_to_first_prompt(next(stores)), FIRST_PROMPT, 1.15, runs)
        compare("--version", lambda: cpu_of([*PROGRAM, "--version"]), VERSION, 1.0, runs)


if __name__ == "__main__":
    main()
