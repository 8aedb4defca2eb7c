"""The clipboard, in real terminals: what a terminal is told, and what a tool is given."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from time import monotonic

import pytest

from incidentctl.comms.channels import clipboard
from incidentctl.comms.channels.clipboard import ClipboardChannel, sequence
from incidentctl.comms.channels.interface import Unsent
from tests.comms.channels.posts import found, post, sent
from tests.needs import needs
from tests.tty.screen import ROOT, Terminal

COPIES = "tests/comms/channels/copies.py"
TEXT = "Checkout hängt; wir sind dran.\n\tNächstes Update: 03:42 UTC. https://status.example.com/?a=1&b=2"
NOWHERE = dict.fromkeys(
    ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "TMUX", "STY", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"), ""
)
if sys.platform == "darwin":
    NOWHERE["SSH_TTY"] = "/dev/ttys000"  # a Mac always has a clipboard of its own, which is no test's
COPY = re.compile(rb"\x1b\]52;c?;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text"
    path.write_text(TEXT)
    return path


def copied(terminal: Terminal) -> list[str]:
    """What the terminal was told to copy."""
    return [b64decode(one).decode() for one in COPY.findall(terminal.written)]


def copying(*arguments: object, environment: Mapping[str, str] | None = None, tmux: Path | None = None) -> Terminal:
    """The program in a terminal, or in a tmux of its own in it, with what `tmux` configures."""
    tracer = ("tmux", "-S", str(tmux.with_name("socket")), "-f", str(tmux), "new-session") if tmux else ()
    # tmux reads where it is from what is set, and not from what is empty.
    bare = {name: value for name, value in NOWHERE.items() if name != "TMUX" or not tmux}
    given = {**bare, **(environment or {})}
    return Terminal(COPIES, *map(str, arguments), environment=given, tracer=tracer, columns=100)


# --- the terminal ------------------------------------------------------------------------------------------


def test_a_terminal_is_told_to_copy_and_shows_nothing_of_it(text: Path) -> None:
    with copying(text) as terminal:
        shown = terminal.wait_for("copied, receipt ''")
        assert copied(terminal) == [TEXT]
        assert shown.split() == ["copied,", "receipt", "''"]


def test_over_ssh_the_terminal_copies_whatever_tools_are_here(text: Path) -> None:
    ssh = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22", "DISPLAY": "localhost:10.0"}
    with copying(text, environment=ssh) as terminal:
        terminal.wait_for("copied")
        assert copied(terminal) == [TEXT]


def test_what_a_terminal_can_take_arrives_whole_and_more_is_not_begun(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("é" * 37_497)  # 74,994 bytes
    with copying(path) as terminal:
        terminal.wait_for("copied")
        assert copied(terminal) == [path.read_text()]
    path.write_text("é" * 37_497 + "!")
    with copying(path) as terminal:
        terminal.wait_for("the text has 74,995 bytes, and a terminal copies 74,994. Copy it from the screen.")
        assert b"\x1b]52" not in terminal.written


def test_what_is_pasted_later_holds_no_escape_sequences(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("all clear\x1b[201~\nrm -rf \x07\u202eback\n")
    with copying(path) as terminal:
        terminal.wait_for("copied")
        assert copied(terminal) == ["all clear\nrm -rf back\n"]


@pytest.mark.parametrize("term", ["dumb", "linux", ""])
def test_a_terminal_without_a_clipboard_is_not_told_anything(text: Path, term: str) -> None:
    with copying(text, f"TERM={term}") as terminal:
        terminal.wait_for("no clipboard that can be reached from here. Copy it from the screen.")
        assert b"\x1b]52" not in terminal.written


def test_a_terminal_that_does_not_read_holds_nobody_up() -> None:
    reader, terminal = os.openpty()
    os.set_blocking(terminal, False)
    before = monotonic()
    with pytest.raises(OSError):  # noqa: PT011 - which one is the system's own choice
        clipboard._write(terminal, b"x" * 1_000_000, before + 0.2)
    assert monotonic() - before < 10
    os.close(reader)
    os.close(terminal)


def test_without_a_terminal_it_is_said(text: Path) -> None:
    environ = {**os.environ, **NOWHERE, "TERM": "xterm", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, COPIES, text], cwd=ROOT, env=environ, input="\n", capture_output=True, text=True,
        check=True, start_new_session=True,
    )  # fmt: skip
    assert done.stdout == "there is no terminal to copy to. Copy it from the screen.\n"


# --- tmux and screen ---------------------------------------------------------------------------------------


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Path]:
    """The configuration of a tmux of its own; an empty one is what people have."""
    needs("tmux")
    path = tmp_path / "tmux.conf"
    path.write_text("")
    yield path
    subprocess.run(["tmux", "-S", path.with_name("socket"), "kill-server"], capture_output=True, check=False)


def test_tmux_takes_it_and_hands_it_on(text: Path, tmux: Path) -> None:
    with copying(text, tmux=tmux) as terminal:
        terminal.wait_for("copied, receipt ''")
        assert copied(terminal) == [TEXT]


def test_through_tmux_by_the_terminal_alone(text: Path, tmux: Path) -> None:
    tmux.write_text("set -g allow-passthrough on\n")
    with copying(text, "PATH=/nowhere", tmux=tmux) as terminal:
        terminal.wait_for("copied, receipt ''")
        assert copied(terminal) == [TEXT]


def test_through_screen_in_pieces_that_it_keeps(text: Path) -> None:
    told = sequence(text.read_bytes() * 9, {"TERM": "xterm", "STY": "123.tty"})
    pieces = re.findall(rb"\x1bP(.*?)\x1b\\", told, re.DOTALL)
    assert b"".join(b"\x1bP" + piece + b"\x1b\\" for piece in pieces) == told
    assert max(map(len, pieces)) <= 256
    assert [b64decode(one).decode() for one in COPY.findall(b"".join(pieces))] == [TEXT * 9]


# --- tools of a desktop ------------------------------------------------------------------------------------

# Like the real ones it serves the clipboard from the background, with the streams that it was given still open.
XCLIP = """#!/bin/sh
echo "$0" "$@" > {folder}/called
/bin/cat > {folder}/clipboard
/usr/bin/tail -f /dev/null &
echo $! > {folder}/server
"""


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Path]:
    """A folder for tools, and of what they were given."""
    yield tmp_path
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((tmp_path / "server").read_text()), SIGKILL)


def tool(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(script.format(folder=folder))
    (folder / name).chmod(0o755)


def here(folder: Path, **environ: str) -> ClipboardChannel:
    """Where only the tools of the folder are, and no terminal."""
    return ClipboardChannel({}, {"PATH": str(folder), "TERM": "dumb", **environ})


def test_a_tool_of_the_desktop_takes_it(desktop: Path) -> None:
    tool(desktop, "xclip", XCLIP)
    assert sent(here(desktop, DISPLAY=":0"), post(TEXT)).id == ""
    assert (desktop / "clipboard").read_text() == TEXT
    assert (desktop / "called").read_text() == f"{desktop}/xclip -selection clipboard\n"
    os.kill(int((desktop / "server").read_text()), 0)  # it still serves


def test_who_says_that_it_took_it_is_believed_and_who_hands_it_on_is_not(desktop: Path) -> None:
    takes = "#!/bin/sh\n/bin/cat > {folder}/clipboard\n"
    tool(desktop, "xclip", takes)
    tool(desktop, "tmux", takes)
    assert clipboard.copy(TEXT, {"PATH": str(desktop), "DISPLAY": ":0"}, seconds=10)
    assert not clipboard.copy(TEXT, {"PATH": str(desktop), "TMUX": "socket,1,0"}, seconds=10)
    assert (desktop / "clipboard").read_text() == TEXT


def test_a_tool_that_fails_leaves_it_to_the_next(desktop: Path) -> None:
    tool(desktop, "wl-copy", "#!/bin/sh\nexit 1\n")
    tool(desktop, "xclip", "#!/no/such/interpreter\n")
    tool(desktop, "xsel", "#!/bin/sh\n/bin/cat > {folder}/clipboard\n")
    sent(here(desktop, DISPLAY=":0", WAYLAND_DISPLAY="wayland-0"), post(TEXT))
    assert (desktop / "clipboard").read_text() == TEXT


def test_windows_is_given_what_it_reads(desktop: Path) -> None:
    tool(desktop, "clip.exe", "#!/bin/sh\n/bin/cat > {folder}/clipboard\n")
    sent(here(desktop, WSL_DISTRO_NAME="Debian"), post(TEXT))
    assert (desktop / "clipboard").read_bytes().decode("utf-16") == TEXT


def test_a_tool_that_hangs_is_ended_in_time(desktop: Path) -> None:
    tool(desktop, "xclip", "#!/bin/sh\nexec /usr/bin/tail -f /dev/null\n")
    with pytest.raises(Unsent, match="no clipboard"):
        sent(here(desktop, DISPLAY=":0"), post(TEXT), seconds=0.3)


def test_nothing_is_not_copied(desktop: Path) -> None:
    with pytest.raises(Unsent, match="no text"):
        sent(here(desktop), post("\x1b[0m \n"))


def test_nobody_can_tell_what_was_pasted(desktop: Path) -> None:
    with pytest.raises(Unsent, match="nobody can tell"):
        found(here(desktop), post(TEXT))
