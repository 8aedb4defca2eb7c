"""Programs run without a shell, within their deadline and their size, and leave nothing behind."""

from __future__ import annotations

import sys
from time import monotonic

import pytest

from incidentctl.subprocesses import Done, Unfinished, run


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
