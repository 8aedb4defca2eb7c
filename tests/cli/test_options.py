"""The global options stand before the command or after it, as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from incidentctl.cli.app import app
from tests.cli.conftest import Program


@pytest.mark.parametrize(
    "words",
    [
        ("--store", "{}", "--me", "Bob", "note", "hello"),
        ("note", "hello", "--store", "{}", "--me", "Bob"),
        ("note", "--me=Bob", "hello", "--store={}", "--no-color"),
        ("--me", "Bob", "note", "--store", "{}", "--", "hello"),
    ],
)
def test_global_options_stand_before_the_command_or_after_it(
    program: Program, tmp_path: Path, words: tuple[str, ...]
) -> None:
    other = str(tmp_path / "other.db")
    program("start", "checkout", "--store", other, "--title", "x")
    assert program(*(word.format(other) for word in words)).status == 0
    entry = program("timeline", "--json", "--store", other).json["entries"][-1]
    assert (entry["author"], entry["text"]) == ("Bob", "hello")
    assert program("status").status == 4


def test_what_follows_two_dashes_is_no_option(program: Program) -> None:
    program("start", "checkout", "--title", "x")
    assert program("note", "--", "--me").status == 0
    entry = program("timeline", "--json").json["entries"][-1]
    assert (entry["author"], entry["text"]) == ("Ada", "--me")


@pytest.mark.parametrize("words", [("start", "--store"), ("--me",), ("start", "checkout", "--runbooks")])
def test_a_global_option_without_its_value_is_named(program: Program, words: tuple[str, ...]) -> None:
    done = program(*words)
    assert done.status == 2
    assert f"'{words[-1]}' requires an argument" in done.err


def test_no_command_has_an_option_that_hides_a_global_one() -> None:
    commands = typer.main.get_command(app)
    assert isinstance(commands, TyperGroup)
    ours = {name for one in commands.params for name in one.opts}
    for command in commands.commands.values():
        assert not ours & {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
