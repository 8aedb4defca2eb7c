from __future__ import annotations

import io

import pytest

from incidentctl.terminal.console import Console, Look, look_of, markup
from incidentctl.terminal.views import show
from tests.terminal.examples import HOSTILE, ROLLBACK, TREE


class FakeScreen(io.StringIO):
    """Claims to be a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


@pytest.mark.parametrize(
    ("environ", "no_color", "look"),
    [
        ({"TERM": "xterm", "LANG": "en_US.UTF-8"}, False, Look(terminal=True, color=True, unicode=True, term="xterm")),
        ({"TERM": "xterm", "LANG": "C"}, False, Look(terminal=True, color=True, unicode=False, term="xterm")),
        ({"TERM": "xterm", "LC_CTYPE": "C.UTF-8"}, False, Look(terminal=True, color=True, unicode=False, term="xterm")),
        ({"TERM": "xterm", "LC_CTYPE": "UTF-8"}, False, Look(terminal=True, color=True, unicode=True, term="xterm")),
        (
            {"TERM": "xterm", "LC_ALL": "C", "LANG": "en_US.UTF-8"},
            False,
            Look(terminal=True, color=True, unicode=False, term="xterm"),
        ),
        (
            {"TERM": "xterm", "LC_ALL": "C.utf8", "NO_COLOR": "1"},
            False,
            Look(terminal=True, color=False, unicode=True, term="xterm"),
        ),
        ({"TERM": "xterm", "LC_ALL": "C.utf8"}, True, Look(terminal=True, color=False, unicode=True, term="xterm")),
        ({"TERM": "dumb", "LC_ALL": "C.utf8"}, False, Look(terminal=False, color=False, unicode=True, term="dumb")),
    ],
)
def test_what_a_terminal_can_show_is_read_from_its_surroundings(
    environ: dict[str, str], look: Look, *, no_color: bool
) -> None:
    assert look_of(FakeScreen(), environ, no_color=no_color) == look


def test_a_pipe_is_no_terminal() -> None:
    assert not look_of(io.StringIO(), {"TERM": "xterm"}).terminal


def test_lines_are_wrapped_at_80_columns_and_keep_their_breaks() -> None:
    out = io.StringIO()
    Console(out, Look()).say("word " * 30 + "\nnext")
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "next"


def test_symbols_have_ascii_twins_of_the_same_width() -> None:
    console = Console(io.StringIO(), Look(unicode=False))
    assert console.symbols("P1 · incident… → ❯ “é”") == 'P1 | incident~ > > "?"'


def test_printing_never_fails_on_a_character() -> None:
    raw = io.BytesIO()
    console = Console(io.TextIOWrapper(raw, encoding="ascii"), Look())
    console.say("naïve ✓")
    console.bare("naïve ✓")
    assert raw.getvalue() == b"na?ve ?\nna?ve ?\n"


def test_links_commands_and_texts_are_printed_bare() -> None:
    out = io.StringIO()
    show(Console(out, Look()), TREE.shown)
    lines = out.getvalue().splitlines()
    assert ROLLBACK in lines
    assert lines[lines.index(ROLLBACK) - 1] == "Roll back:"
    assert f"Deploys: {TREE.shown.links[0].url}" in lines


@pytest.mark.parametrize("terminal", [False, True])
def test_hostile_text_is_shown_and_obeyed_by_nobody(*, terminal: bool) -> None:
    out = FakeScreen()
    console = Console(out, Look(terminal=terminal, color=False, term="xterm"))
    show(console, HOSTILE.shown)
    console.warn("[/red] GET [/api/v1] 500 \x1b]0;owned\x07")
    printed = out.getvalue()
    assert "said [/api/v1]  back" in printed
    assert "For [/bold]:" in printed
    assert "text [bold] blinking\n" in printed
    assert "[/red] GET [/api/v1] 500" in printed
    assert not set(printed) & set("\u202e\u2066\x07")
    assert "\x1b[2J" not in printed
    assert "\x1b]0" not in printed


def test_markup_is_what_rich_shows_as_it_stands() -> None:
    assert markup("[/red]\x1b[1m [b]") == r"\[/red] \[b]"
