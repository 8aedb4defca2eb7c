"""Draw docs/images/*.svg: what the program shows in a terminal of 80 x 24, on the walk of an example service.

    python tools/screenshots.py

The program runs in a tmux of its own, with an empty home and a store of its own.  A picture may leave out lines at the
top of the screen, and changes nothing else.  Needs tmux.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
PROGRAM = str(Path(sys.executable).with_name("incidentctl"))
PATIENCE_S = 20
WALK = "incidentctl start checkout --drill --title 'Card payments fail'"
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
TALL = 32
"""Lines of the terminal for what is longer than a screen."""


class Terminal:
    """A tmux of its own with one pane of 80 x 24."""

    def __init__(self, home: Path) -> None:
        self._tmux = ["tmux", "-S", str(home / "tmux"), "-f", os.devnull]
        environment = {
            "HOME": str(home), "PATH": f"{Path(PROGRAM).parent}:/usr/bin:/bin", "LANG": "C.UTF-8", "PS1": "$ ",
            "INCIDENTCTL_STORE": str(home / "drill.db"), "INCIDENTCTL_RUNBOOKS": str(ROOT / "runbooks"),
            "INCIDENTCTL_ME": "Mara",
        }  # fmt: skip
        shell = shlex.join(["env", "-i", *(f"{name}={value}" for name, value in environment.items())])
        self._run("new-session", "-d", "-x", "80", "-y", "24", f"{shell} TERM=tmux-256color sh")
        self._run("set-option", "-g", "status", "off")

    def _run(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], check=True, capture_output=True, text=True).stdout

    def type(self, *keys: str) -> None:
        """Press `keys`, as tmux names them."""
        self._run("send-keys", *keys)

    def answer(self, following: str) -> None:
        """Take the answer that is pointed at, and wait for the question that follows."""
        self.type("Enter")
        self.wait(rf"\? .*{following}")

    def wait(self, pattern: str) -> None:
        """Wait until the screen holds `pattern`; show the screen and stop where it does not come."""
        until = time.monotonic() + PATIENCE_S
        while not re.search(pattern, screen := self._run("capture-pane", "-p").rstrip()):
            if time.monotonic() > until:
                sys.exit(f"`{pattern}` did not come. The screen:\n{screen}")

    def grow(self, lines: int) -> None:
        """Make the pane so many lines high."""
        self._run("resize-window", "-y", str(lines))

    def draw(self, name: str, since: str = "") -> None:
        """Write the screen to docs/images/NAME.svg, with its colours, from the last line on that holds `since`."""
        lines = self._run("capture-pane", "-e", "-p").rstrip().splitlines()
        plain = self._run("capture-pane", "-p").splitlines()
        first = max((at for at, line in enumerate(plain) if since in line), default=0) if since else 0
        console = Console(record=True, width=80, file=io.StringIO(), force_terminal=True, color_system="truecolor")
        # One empty line more: the frame cuts off what hangs below the last one.
        console.print(Text.from_ansi("\n".join(lines[first:])), "", sep="\n", no_wrap=True, crop=False)
        picture = console.export_svg(title="incidentctl", unique_id=name)
        # A picture fetches nothing: no font from the network, but the reader's own.
        picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL).replace("Fira Code, monospace", FONTS)
        (IMAGES / f"{name}.svg").write_text(re.sub(r"[ \t]+$", "", picture, flags=re.MULTILINE).rstrip() + "\n")
        print(f"docs/images/{name}.svg")

    def close(self) -> None:
        """End the shell, the program in it, and this tmux."""
        self._run("kill-server")


@contextmanager
def terminal() -> Iterator[Terminal]:
    """A terminal that is gone afterwards, whatever happened."""
    with tempfile.TemporaryDirectory() as folder:
        pane = Terminal(Path(folder))
        try:
            yield pane
        finally:
            pane.close()


def first_minutes(pane: Terminal) -> None:
    """From the page to the severity."""
    pane.type(WALK, "Enter")
    pane.wait("Acknowledge the page(?s:.)*Enter takes")
    pane.draw("start")
    pane.answer("Open the incident channel")
    pane.answer("Pull up the dashboards")
    pane.answer("How bad is it")
    pane.type("2", "Space")
    pane.wait(r"\[x\]")
    pane.draw("impact", since="DRILL")
    pane.type("t", "Enter")
    pane.wait("\\? Numbers")
    pane.type("error_rate = 12%", "Enter")
    pane.wait("Which severity")
    pane.draw("severity", since="Proposed:")


def to_the_tree(pane: Terminal) -> None:
    """From the severity over the first update to the first question of the tree."""
    for following in ("Done\\?", "Freeze deploys", "comms lead", "First update"):
        pane.answer(following)
    pane.draw("update", since="For customers:")
    pane.answer("Copied and sent")
    pane.type("y")
    pane.answer("Was there a deploy")
    pane.draw("tree", since="Copied and sent")
    pane.type("y")
    pane.wait("❯ y")
    pane.answer("Roll back the last deploy")
    pane.draw("mitigation", since="Was there a deploy")


def reading(pane: Terminal) -> None:
    """What happened so far."""
    pane.type("C-c")
    pane.wait("is saved(?s:.)*\\$$")
    pane.grow(TALL)
    pane.type("clear; incidentctl timeline", "Enter")
    pane.wait("Was there a deploy(?s:.)*\\$$")
    pane.draw("timeline")


def main() -> None:
    """Walk, and draw on the way."""
    if shutil.which("tmux") is None:
        sys.exit("make screenshots needs tmux")
    shutil.rmtree(IMAGES, ignore_errors=True)
    IMAGES.mkdir(parents=True)
    with terminal() as pane:
        pane.wait(r"\$$")
        first_minutes(pane)
        to_the_tree(pane)
        reading(pane)


if __name__ == "__main__":
    main()
