"""What the kernel was told, in order: an answer is on the disk before the next question is on the screen."""

from __future__ import annotations

import codecs
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Final

import pytest

from incidentctl.runbook.answers import Row
from tests.crash.walks import write_answers
from tests.needs import needs
from tests.tty.screen import ROOT
from tests.tty.walk import START, WALK, Place, answer

SYNCED: Final = re.compile(r"^\d+ +(?:<\.\.\. )?f(?:data)?sync(?:\(\d+<[^>]*/incidents\.db[^>]*>| resumed>)\) += 0$")
WRITTEN: Final = re.compile(r'^\d+ +writev?\(1<[^>]*>, (?:\[\{iov_base=)?"(.*?)", (?:\d|iov_len)')
# A prompt reads 1024 bytes at a time, files are read otherwise.
READ: Final = re.compile(r'^\d+ +(?:read\(0<[^>]*>, |<\.\.\. read resumed>)"(.*)", 1024\) += \d')
UNSEEN: Final = re.compile(r"\x1b\][^\a]*\a|\x1b\[[0-9;?]*[A-Za-z]|\x1b[78=>]|[\x00-\x20\x7f]")
"""Titles, moves of the cursor, erasures and colours, and white space."""


def traced(trace: Path) -> Iterator[tuple[str, str]]:
    """What happened, in order: `read` keys, `sync`ed to the disk, `text` that can be seen."""
    for line in trace.read_text().splitlines():
        if SYNCED.match(line):
            yield "sync", ""
        elif keys := READ.match(line):
            yield "read", unquoted(keys[1])
        elif (written := WRITTEN.match(line)) and (text := UNSEEN.sub("", unquoted(written[1]))):
            yield "text", text


def squeezed(text: str) -> str:
    return text.replace(" ", "")


def unquoted(text: str) -> str:
    return codecs.escape_decode(text.encode())[0].decode("utf-8", "replace")


@pytest.fixture
def tracer(tmp_path: Path) -> list[str]:
    strace = needs("strace", "-e", "trace=none", "true")
    calls = "trace=fsync,fdatasync,write,writev,read"
    return [strace, "-f", "-y", "-o", str(tmp_path / "trace"), "-s", "20000", "-e", calls]


def test_in_a_terminal_nothing_is_shown_between_an_answer_and_its_sync(tmp_path: Path, tracer: list[str]) -> None:
    # The channel with its default, so that every Enter is an answer.
    steps = [replace(step, keys="\r") if step.prompt == "first.channel" else step for step in WALK]
    with Place(tmp_path).terminal(*START, tracer=tracer) as terminal:
        answer(terminal, *steps)
        assert terminal.wait_for_end() == 0
    after_each: list[list[str]] = []
    for what, text in traced(tmp_path / "trace"):
        if what == "read" and "\r" in text:
            after_each.append([])
        elif after_each:
            after_each[-1].append(text if what == "text" else what)
    assert len(after_each) == len(steps)
    for step, seen, following in zip(steps, after_each, [*steps[1:], None], strict=True):
        # The question that is still open may be drawn once more, with its last key; nothing new may be.
        early = "".join(takewhile(lambda one: one != "sync", seen))
        assert "sync" in seen, step.prompt
        assert not re.search(rf"\d\d:\d\d{re.escape(squeezed(step.question))}", early), f"{step.prompt}: {early}"
        if following:
            assert f"?{squeezed(following.question)}" not in early, f"{step.prompt}: {early}"
            assert f"?{squeezed(following.question)}" in "".join(seen)


def test_a_script_sees_each_question_only_when_the_answer_before_it_is_on_the_disk(
    tmp_path: Path, tracer: list[str]
) -> None:
    rows = write_answers(tmp_path / "rows", [Row(step.prompt, step.answer) for step in WALK])
    words = ["--store", str(tmp_path / "incidents.db"), "--me", "Ada", *START, "--answers", rows]
    with (tmp_path / "out").open("w") as out:
        subprocess.run([*tracer, sys.executable, "-m", "incidentctl", *words], cwd=ROOT, stdout=out, check=True)
    events = traced(tmp_path / "trace")
    for step in WALK:
        seen = []
        for what, text in events:
            seen.append(what)
            if what == "text" and text.startswith(squeezed(step.question)):
                break
        assert "sync" in seen, f"before {step.prompt}"
    assert ("sync", "") in events
