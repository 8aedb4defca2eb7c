"""A text in the person's own editor: a small one of Python, on a real terminal."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.terminal.examples import DRAFT
from tests.tty.screen import Terminal, asking
from tests.tty.test_due import SENT, UPDATE, at
from tests.tty.walk import FOOT, RESUME, TO_THE_TREE, Place, Step, answer, wait_until_asked

F4 = "\x1bOS"
OPEN = "in the editor"
EDIT = Step(UPDATE.prompt, UPDATE.question, "e\r", "edit")
WORDS = Step("comms.text", "Your words:")
HEAD = f"""
import os, pathlib, signal, sys
file = pathlib.Path(sys.argv[-1])
before = file.read_text()
print("{OPEN}", flush=True)
"""
Editor = Callable[[str], None]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files of the program are, and nothing else."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def editor(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """Makes `$EDITOR` a program of these lines, in which `file` is what is edited and `before` what stood in it."""
    monkeypatch.delenv("VISUAL", raising=False)

    def write(lines: str) -> None:
        program = tmp_path / "my editor.py"
        program.write_text(HEAD + lines)
        monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(program)]))

    return write


def opened(terminal: Terminal, keys: str = F4) -> None:
    """Write something in front of the draft, and open the editor."""
    terminal.wait_for("03:42 UTC.", FOOT)
    terminal.press("\x01Sorry. ")
    terminal.wait_for("Sorry. We are looking")
    terminal.press(keys)


@pytest.mark.parametrize("keys", [F4, "\x18\x05"])
def test_what_was_written_there_stands_in_the_line_and_enter_alone_sends_it(
    keys: str, editor: Editor, tmp_path: Path, temporary: Path
) -> None:
    copy = tmp_path / "copy"
    editor(f"""
pathlib.Path({str(copy)!r}).write_text(f"{{file.stat().st_mode:o}} {{file.parent.stat().st_mode:o}}\\n{{before}}")
words = input("Words? ")
file.write_text(f"# mine\\n{{words}}\\n#war-room is open.\\n" + before.partition("\\n")[2])
""")
    with asking("words") as terminal:
        terminal.wait_for("F4 opens your editor")
        opened(terminal, keys)
        terminal.wait_for("Words?")
        terminal.press("Paying works for some.\r")
        shown = terminal.wait_for("Your words:", "#war-room is open.", FOOT)
        assert "=> comms.text" not in shown
        assert "# mine" not in shown
        assert "are not sent" not in shown
        terminal.press("\r")
        terminal.wait_for("Typed(text='Paying works for some.\\n#war-room is open.')")
        assert terminal.wait_for_end() == 0
    modes, _, written = copy.read_text().partition("\n")
    assert modes == "100600 40700"
    assert written.startswith(f"Sorry. {DRAFT}\n\n# Lines that begin with `# ` are not sent.")
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "Nothing was changed there."),
        ("file.write_text('')", "The file came back empty."),
        ("file.write_text('# this\\n#\\n\\n')", "The file came back empty."),
        ("file.write_text('Not this'); sys.exit(3)", "ended with 3: nothing was taken from it."),
        ("file.unlink()", "cannot be handed to an editor: No such file or directory."),
        ("file.write_bytes(b'x' * 100_001)", "That is more than 100,000 bytes"),
        (
            "import tty; tty.setraw(0); print(end='\\x1b[?1049h\\x1b[?25l', flush=True); os.kill(os.getpid(), 9)",
            "was ended by signal 9: nothing was taken from it.",
        ),
    ],
)
def test_whatever_goes_wrong_there_is_said_and_keeps_what_was_typed(
    lines: str, said: str, editor: Editor, temporary: Path
) -> None:
    editor(lines)
    with asking("words") as terminal:
        opened(terminal)
        terminal.wait_until(lambda shown: said in " ".join(shown.split()), said)
        terminal.wait_for("Sorry. We are looking", FOOT)
        terminal.press("\r")
        terminal.wait_for("Typed(text='Sorry. We are looking")
        assert terminal.wait_for_end() == 0
        assert (b"\x1b[?1049l" in terminal.written) == ("signal" in said)
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(
    ("visual", "said"),
    [
        ("", "Neither VISUAL nor EDITOR is set: no editor can be opened."),
        ("no-such-editor --wait", "`no-such-editor` cannot be started: No such file or directory"),
        ("vim 'half", "VISUAL cannot be read: No closing quotation."),
        ("''", "VISUAL names no program."),
    ],
)
@pytest.mark.usefixtures("temporary")
def test_without_an_editor_that_can_be_started_it_says_what_to_do(
    visual: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", visual)
    monkeypatch.setenv("EDITOR", "false" if visual else "")
    with asking("words") as terminal:
        opened(terminal)
        terminal.wait_for(said, "Sorry. We are looking", FOOT)


def test_ctrl_c_ends_an_editor_that_does_not_take_it_and_not_the_walk(editor: Editor, temporary: Path) -> None:
    editor("signal.signal(signal.SIGINT, signal.SIG_DFL); input()")
    with asking("words") as terminal:
        opened(terminal)
        terminal.wait_for(OPEN)
        terminal.press("\x03")
        terminal.wait_for("Sorry. We are looking", FOOT)
        assert not list(temporary.iterdir())
        terminal.press("\x03")
        assert terminal.wait_for_end() == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_ends_the_program_ends_the_editor_and_leaves_no_file(
    number: signal.Signals, editor: Editor, temporary: Path
) -> None:
    editor("input()")
    with asking("words") as terminal:
        opened(terminal)
        terminal.wait_for(OPEN)
        terminal.send(number)
        assert terminal.wait_for_end() == -number
    assert not list(temporary.iterdir())


def test_keys_that_were_pressed_to_leave_answer_nothing(editor: Editor) -> None:
    editor("input(); file.write_text('Written there.'); print('left', flush=True); sys.stdin.readline()")
    with asking("words") as terminal:
        opened(terminal)
        terminal.wait_for(OPEN)
        terminal.press("\r\r\r\r")
        terminal.wait_for("Written there.", FOOT)
        terminal.press("\x05 Really.\r")
        terminal.wait_for("Typed(text='Written there. Really.')")


def test_where_the_cursor_cannot_move_a_word_opens_the_editor_and_enter_alone_takes_what_came_back(
    editor: Editor, temporary: Path
) -> None:
    editor("assert 'are looking' in before; file.write_text('Sorry.\\nPaying works again.')")
    with asking("words", TERM="dumb") as terminal:
        terminal.wait_for("`edit`")
        terminal.press("edit\n")
        terminal.wait_for(OPEN, "Enter alone takes now:\nSorry.\nPaying works again.\n>")
        assert "=> comms.text" not in terminal.shown
        terminal.press("\n")
        terminal.wait_for("Typed(text='Sorry.\\nPaying works again.')")
        assert b"\x1b" not in terminal.written
    assert not list(temporary.iterdir())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A P1 of which customers were told once."""
    place = Place(tmp_path)
    place.script(*TO_THE_TREE)
    return place


@pytest.mark.rule("P-COMMS-3")
def test_what_falls_due_while_somebody_writes_is_asked_when_the_editor_is_left_and_gives_the_text_back(
    editor: Editor, temporary: Path
) -> None:
    editor("input(); file.write_text('Written there.')")
    # The question is no longer the one to ask before the editor has been left: it looks once a second.
    with asking("words", "--due-at", str(temporary / "due")) as terminal:
        opened(terminal)
        terminal.wait_for(OPEN)
        (temporary / "due").touch()
        terminal.press("\r")
        terminal.wait_for("Put aside for now, as you left it: Your words:", "Update 2 (investigating):", FOOT)
        terminal.press("n\r")
        terminal.wait_for("Back to: Your words:", "Written there.", FOOT)
        terminal.press("\r")
        terminal.wait_for("Typed(text='Written there.')")


@pytest.mark.rule("P-COMMS-3", "P-ROLL-4")
def test_hours_in_the_editor_lose_nothing_and_what_fell_due_meanwhile_comes_next(place: Place, editor: Editor) -> None:
    editor("input(); file.write_text('Paying works again for some.')")
    place.clock.set(at(30))
    with place.terminal(*RESUME) as terminal:
        answer(terminal, EDIT)
        wait_until_asked(terminal, WORDS)
        terminal.press(F4)
        terminal.wait_for(OPEN)
        place.clock.set(at(90))
        terminal.press("\r")
        shown = terminal.wait_for("OVERDUE 60:00", "Your words:", "Paying works again for some.", FOOT)
        assert "Put aside" not in shown, "an update that was begun is finished first"
        terminal.press("\r")
        answer(terminal, SENT)
        terminal.wait_for("? Update 3 (", "OVERDUE 30:00", FOOT)


def test_what_was_written_stands_there_to_copy_where_somebody_else_sent_the_update_meanwhile(
    place: Place, editor: Editor
) -> None:
    editor("input(); file.write_text('Paying works again for some.')")
    place.clock.set(at(30))
    with place.terminal(*RESUME) as terminal:
        answer(terminal, EDIT)
        wait_until_asked(terminal, WORDS)
        terminal.press(F4)
        terminal.wait_for(OPEN)
        place.clock.set(at(32))  # whoever began it is silent for two minutes
        with place.terminal(*RESUME, me="Bob") as bob:
            answer(bob, replace(WORDS, keys="\r"), SENT)
            bob.wait_until(lambda shown: "Copied and sent" not in shown.rpartition("? ")[2], "it is sent")
            terminal.press("\r")
            terminal.wait_for("Bob wrote meanwhile:", "\nPaying works again for some.\n", FOOT)
            assert "Put aside" not in terminal.shown


@pytest.mark.rule("P-COMMS-6")
def test_what_was_sent_last_stands_next_to_the_text_and_others_write_meanwhile(
    place: Place, editor: Editor, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    editor(f"pathlib.Path({str(copy)!r}).write_text(before); input(); file.write_text('Paying works again for some.')")
    place.clock.set(at(30))
    with place.terminal(*RESUME) as terminal:
        shown = wait_until_asked(terminal, EDIT)
        assert "Same as the last one, with the new time." in shown
        answer(terminal, EDIT)
        shown = wait_until_asked(terminal, WORDS)
        assert "Sent last, " in shown
        terminal.press(F4)
        terminal.wait_for(OPEN)
        with place.terminal("note", "seen in the logs", me="Bob") as other:
            assert other.wait_for_end() == 0
        terminal.press("\r")
        terminal.wait_for("Bob wrote meanwhile:", "seen in the logs")
        terminal.wait_for("Your words:", "Paying works again for some.", FOOT)
        terminal.press("\r")
        shown = terminal.wait_for("Copied and sent to customers, internal, support?", FOOT)
        assert "Paying works again for some." in shown
        terminal.press("y\r")
        place.clock.set(at(60))
        terminal.wait_for("Since the last update: + and placing orders is failing", "  - works again for some.")
    written = copy.read_text()
    assert "\n# Sent last, " in written
    assert "\n# Same as the last one, with the new time.\n" in written
