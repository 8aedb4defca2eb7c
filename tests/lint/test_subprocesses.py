"""Programs run without a shell, within their deadline and their size, and leave nothing behind."""

from __future__ import annotations

import sys
from pathlib import Path
from time import monotonic

import pytest

from incidentctl.subprocesses import Done, Unfinished, feed, run


def python(code: str, *, seconds: float = 20, most: int = 1 << 20) -> Done:
    return run([sys.executable, "-c", code], seconds=seconds, most=most)


def test_both_streams_and_the_status_are_kept() -> None:
    says = "import sys, os; print(os.environ['A'], sys.argv[1]); sys.stderr.write('e'); sys.exit(3)"
    done = run(
        [sys.executable, "-c", says, "$HOME *"],
        seconds=20, most=1000, environ={"A": "b"},
    )  # fmt: skip
    assert (done.status, done.out, done.err) == (3, b"b $HOME *\n", b"e")


def test_what_takes_too_long_is_ended_with_its_children() -> None:
    before = monotonic()
    child = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import threading; threading.Event().wait()'])"
    )
    with pytest.raises(Unfinished, match="too long"):
        python(child, seconds=0.5)
    assert monotonic() - before < 15


def test_what_says_too_much_is_ended() -> None:
    with pytest.raises(Unfinished, match="more than 10000 bytes"):
        python("while True: print('x' * 1000)", most=10_000)


@pytest.mark.parametrize("name", ["no-such-program-anywhere", "/", "nul\0"])
def test_what_cannot_be_started_is_said(name: str) -> None:
    with pytest.raises(Unfinished, match="cannot be started"):
        run([name], seconds=1, most=10)


def test_what_is_fed_arrives_and_the_status_comes_back(tmp_path: Path) -> None:
    reads = "import os, pathlib, sys; pathlib.Path(os.environ['TO']).write_bytes(sys.stdin.buffer.read()); sys.exit(4)"
    text = b"x\0" * 500_000
    assert feed([sys.executable, "-c", reads], text, seconds=20, environ={"TO": str(tmp_path / "read")}) == 4
    assert (tmp_path / "read").read_bytes() == text


def test_who_does_not_read_and_who_does_not_end() -> None:
    assert feed([sys.executable, "-c", ""], b"x" * 1_000_000, seconds=20) == 0
    with pytest.raises(Unfinished, match="too long"):
        feed([sys.executable, "-c", "import threading; threading.Event().wait()"], b"x" * 1_000_000, seconds=0.3)
    with pytest.raises(Unfinished, match="cannot be started"):
        feed(["no-such-program-anywhere"], b"", seconds=1)
