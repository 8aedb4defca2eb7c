"""The first minute: help on one screen, a misspelt command, the version."""

from __future__ import annotations

import pytest

from incidentctl.cli.app import PANELS
from incidentctl.cli.version import VERSION
from tests.cli.conftest import Program

COMMANDS = tuple(name for names in PANELS.values() for name in names)


def test_help_fits_one_screen_and_names_every_command_in_its_group(program: Program) -> None:
    done = program("--help")
    lines = done.out.splitlines()
    assert done.status == 0
    assert len(lines) <= 23  # one of the 24 is for the prompt of the shell
    assert max(map(len, lines)) <= 80
    rows = lines[1 : next(at for at, line in enumerate(lines) if line.startswith("Options"))]
    cells = [cell for row in rows for cell in (row[12:46], row[46:]) if cell]
    assert [cell.split()[0] for cell in cells] == list(COMMANDS)
    assert all(cell[9] == " " != cell[10] for cell in cells), "names and words stand below one another"
    assert all(row[44:46].isspace() for row in rows if len(row) > 46), "a gap parts what stands beside one another"
    assert " ".join(row[:12].strip() for row in rows).split() == [word for panel in PANELS for word in panel.split()]


def test_no_command_at_all_shows_the_help(program: Program) -> None:
    done = program()
    assert done.status == 2
    assert "During" in done.out + done.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(program: Program, command: str) -> None:
    done = program(command, "--help")
    assert done.status == 0
    assert done.out.startswith(f"Usage: incidentctl {command} ")
    assert len(done.out.splitlines()) <= 24
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_help_speaks_as_the_documentation_does(program: Program, command: str) -> None:
    told = program(command, "--help").out
    assert not set("{}") & set(told.splitlines()[0])
    assert "<str>" not in told
    assert told.endswith("\nAs everywhere: --runbooks DIR, --store URL, --me NAME, --no-color.\n")


@pytest.mark.parametrize(("command", "usage"), [("lint", "[PATH...]"), ("import", "FILE.md..."), ("new", "SERVICE")])
def test_usage_says_what_has_to_be_there_and_what_may_be_repeated(program: Program, command: str, usage: str) -> None:
    assert program(command, "--help").out.splitlines()[0] == f"Usage: incidentctl {command} [OPTIONS] {usage}"


@pytest.mark.parametrize(("words", "same"), [(("help",), ("--help",)), (("help", "lint"), ("lint", "--help"))])
def test_help_is_a_command_as_elsewhere(program: Program, words: tuple[str, ...], same: tuple[str, ...]) -> None:
    assert program(*words) == program(*same)
    assert program(*words).status == 0


def test_a_misspelt_command_is_guessed(program: Program) -> None:
    done = program("strat", "checkout")
    assert done.status == 2
    assert "Did you mean 'start'" in done.err


def test_an_option_that_does_not_exist_is_wrong_usage(program: Program) -> None:
    assert program("status", "--jsn").status == 2


@pytest.mark.parametrize("words", [("--version",), ("--no-color", "--version")])
def test_version(program: Program, words: tuple[str, ...]) -> None:
    done = program(*words)
    assert (done.status, done.out) == (0, f"incidentctl {VERSION}\n")
