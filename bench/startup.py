"""CPU time to the first drawn prompt, and of `--version`, as ratios against importing the libraries alone.

    python bench/startup.py [RUNS]

The program and the bare imports run in turns, each first in every other turn, so that a busy machine slows both;
medians are compared.  Byte code lies in a folder of this run alone and is compiled before anything is measured, as
it is where a program is installed.
"""

from __future__ import annotations

import os
import pty
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = [str(Path(sys.executable).with_name("incidentctl"))]
FIRST_PROMPT = "typer, rich.console, questionary, yaml"
VERSION = "typer, yaml"
RUNS = 21
# What stands under the first question: when it is there, the prompt is drawn.
DRAWN = b"Enter takes"
ASKS_FOR_CURSOR, CURSOR = b"\x1b[6n", b"\x1b[1;1R"


@contextmanager
def quiet_environment() -> Iterator[Path]:
    """A folder of this run, with nothing from outside that could slow one side or change what it does."""
    kept = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.clear()
        os.environ.update(kept, HOME=folder, COLUMNS="80", LINES="24", PYTHONPYCACHEPREFIX=f"{folder}/pycache")
        yield Path(folder)


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
        os.execv(PROGRAM[0], [*PROGRAM, *options, "start", "checkout", "--title", "x"])  # noqa: S606
    _wait_until_drawn(terminal)
    os.kill(pid, signal.SIGKILL)
    _, _, usage = os.wait4(pid, 0)
    os.close(terminal)
    return usage.ru_utime + usage.ru_stime


def _wait_until_drawn(terminal: int) -> None:
    drawn = b""
    while DRAWN not in drawn:
        try:
            drawn += os.read(terminal, 4096)
        except OSError:  # Linux says so where the program has ended
            sys.exit(f"the first prompt did not come:\n{drawn.decode(errors='replace')}")
        if drawn.endswith(ASKS_FOR_CURSOR):  # as a terminal would
            os.write(terminal, CURSOR)


def measure(program: Callable[[], float], bare: Callable[[], float], runs: int) -> Iterator[tuple[float, float]]:
    """Seconds of CPU of both, `runs` times; whoever is first in one turn is second in the next."""
    program(), bare()  # compiles the byte code, and is not measured
    for number in range(runs):
        if number % 2:
            theirs, ours = bare(), program()
        else:
            ours, theirs = program(), bare()
        yield ours, theirs


def compare(name: str, program: Callable[[], float], modules: str, at_most: float, runs: int) -> None:
    """Print the medians of both, their ratio beside what it may be, and between what the middle half of runs lay."""
    pairs = list(measure(program, lambda: cpu_of([sys.executable, "-c", f"import {modules}"]), runs))
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    low, _, high = statistics.quantiles(mine / bare for mine, bare in pairs)
    verdict = "kept" if ours <= at_most * theirs else "MISSED"
    print(
        f"{name}: ratio {ours / theirs:.2f}, at most {at_most:.2f} ({verdict})\n"
        f"  {ours * 1000:.0f} ms of CPU; import {modules}: {theirs * 1000:.0f} ms; "
        f"half of {runs} runs between {low:.2f} and {high:.2f}"
    )


def main() -> None:
    """Measure both."""
    runs = max(2, int(sys.argv[1])) if len(sys.argv) > 1 else RUNS
    with quiet_environment() as folder:
        stores = (folder / f"{number}.db" for number in range(runs + 1))
        compare("first prompt", lambda: cpu_to_first_prompt(next(stores)), FIRST_PROMPT, 1.15, runs)
        compare("--version", lambda: cpu_of([*PROGRAM, "--version"]), VERSION, 1.0, runs)


if __name__ == "__main__":
    main()
