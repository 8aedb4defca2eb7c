"""The program as its users know it: a command line in, two streams and a status out."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from incidentctl.cli.main import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """Standard output as one JSON document."""
        return json.loads(self.out)

    @property
    def incident(self) -> str:
        """The id that `start` printed alone on a line."""
        found = re.search(r"^\d{8}-\d{4}-[a-z]{3}$", self.out, re.MULTILINE)
        assert found is not None, self.out + self.err
        return found[0]


Program = Callable[..., Done]
Answers = Callable[..., str]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """Runs one command, on a store of this test, with the example runbooks, as Ada, without a terminal."""
    monkeypatch.setenv("INCIDENTCTL_STORE", str(tmp_path / "store.db"))
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(ROOT / "runbooks"))
    monkeypatch.setenv("INCIDENTCTL_ME", "Ada")
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["incidentctl", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    """Writes an answers file of rows, each `PROMPT: ANSWER` or whole in braces, and `rest`; returns its path."""

    def write(*rows: str, rest: bool = True) -> str:
        lines = [row if row.startswith("{") else f"{{prompt: {row.replace(': ', ', answer: ', 1)}}}" for row in rows]
        lines += ['{prompt: "*", repeat: true}'] if rest else []
        path = tmp_path / f"answers-{len(list(tmp_path.glob('answers-*')))}.yaml"
        path.write_text("".join(["answers:\n", *(f"  - {line}\n" for line in lines)]))
        return str(path)

    return write
