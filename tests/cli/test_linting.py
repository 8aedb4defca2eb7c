"""`lint` reads its plain words without Typer, and as Typer does (docs/decisions/0053-plain-words-of-lint.md)."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.cli import linting
from incidentctl.cli.app import app
from incidentctl.cli.exit_status import ExitStatus
from incidentctl.cli.linting import Asked, plain
from incidentctl.cli.settings import Settings

ROOT = Path(__file__).parents[2]
WORDS = ["runbooks", "a b.yaml", "--strict", "--no-cache", "--format", "json", "text", "sarif", "--fix", "-", "--help"]
MORE = ["--format=json", "--explain", "no-rollback", "--", "--online", "--nosuch", "", "--select", "--since", "HEAD"]


def by_typer(words: list[str]) -> Asked | None:
    """What Typer makes of the words; None where it refuses or explains."""
    asked: list[Asked] = []

    def run(one: Asked, _: Settings) -> ExitStatus:
        asked.append(one)
        return ExitStatus.DONE

    with pytest.MonkeyPatch.context() as patch, suppress(SystemExit):
        patch.setattr(linting, "run", run)
        app(["lint", *words], prog_name="incidentctl")
    return asked[0] if asked else None


@given(st.lists(st.sampled_from(WORDS + MORE), max_size=6))
def test_where_it_answers_it_answers_as_typer_does(words: list[str]) -> None:
    asked = plain(words)
    assert asked is None or asked == by_typer(words)


@pytest.mark.parametrize(
    "words", [[], ["runbooks"], ["a", "b"], ["runbooks", "--format", "json", "--no-cache"], ["--strict", "runbooks"]]
)
def test_what_a_hook_says_is_plain(words: list[str]) -> None:
    assert plain(words) is not None


@pytest.mark.parametrize("words", [["--help"], ["-"], ["--format", "xml"], ["--format"], ["--fix", "a"], ["--nosuch"]])
def test_all_else_is_left_to_typer(words: list[str]) -> None:
    assert plain(words) is None


def test_typer_is_not_loaded_for_it() -> None:
    code = (
        "import sys; sys.argv = ['incidentctl', 'lint', 'runbooks', '--no-cache']\n"
        "from incidentctl.cli.main import main\n"
        "try:\n    main()\nfinally:\n    print('typer' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "False")
