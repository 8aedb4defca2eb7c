"""What the documents name exists: files, headings, make targets, commands, options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.core import TyperGroup

from incidentctl.cli.app import app
from incidentctl.cli.main import main

if TYPE_CHECKING:
    from typer._click import Command

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path for where in ("*.md", "docs/**/*.md", "bench/*.md", "runbooks/*.md") for path in ROOT.glob(where)
)
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def prose(path: Path) -> str:
    """The text of a document without its code."""
    return re.sub(r"`[^`\n]*`", "", BLOCK.sub("", path.read_text()))


def anchors(path: Path) -> set[str]:
    """What a link may put after `#`."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def shell_lines(path: Path) -> list[str]:
    """The command lines of a document's shell blocks, without prompt, continuation and comment."""
    blocks = [text for kind, text in BLOCK.findall(path.read_text()) if kind in {"console", "sh", "bash"}]
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ").split(" #")[0].strip() for line in lines]


def shown_commands(path: Path) -> list[str]:
    """Every command line of ours in a document, in its shell blocks and in its sentences."""
    ours = [line for line in shell_lines(path) if line.startswith("incidentctl ")]
    return ours + re.findall(r"`(incidentctl [^`\n]+)`", BLOCK.sub("", path.read_text()))


@each_document
def test_links_between_documents_resolve(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name) if name else path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@each_document
def test_named_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", path.read_text()))
    named |= {words[1] for line in shell_lines(path) if (words := line.split())[:1] == ["make"] and len(words) > 1}
    assert named <= targets


def known(command: Command) -> set[str]:
    """The options of `command`."""
    options = {name for option in command.params for name in [*option.opts, *option.secondary_opts]}
    return {"--help", "-h", *options}


@each_document
def test_shown_commands_and_their_options_exist(path: Path) -> None:
    program = typer.main.get_command(app)
    assert isinstance(program, TyperGroup)
    for line in shown_commands(path):
        words = shlex.split(re.split(r" [|>] ", line)[0])[1:]
        command = next((word for word in words if word in program.commands), None)
        options = known(program) | (known(program.commands[command]) if command else set())
        assert command or words[:1] in (["--help"], ["--version"]), line
        assert {word.split("=")[0] for word in words if word.startswith("-")} <= options, line


UP_TO_THE_TREE = """\
answers:
  - {prompt: triage.impact, answer: down}
  - {prompt: "first.*", repeat: true}
  - {prompt: "triage.*", repeat: true}
  - {prompt: "roles.*", repeat: true}
  - {prompt: "comms.*", repeat: true}
"""


def test_the_commands_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INCIDENTCTL_STORE", str(tmp_path / "store.db"))
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(ROOT / "runbooks"))
    (tmp_path / "answers.yaml").write_text(UP_TO_THE_TREE)
    answers = {"start": tmp_path / "answers.yaml", "resume": ROOT / "runbooks/answers/checkout.yaml"}
    ended = {}
    for line in shell_lines(ROOT / "README.md"):
        if not line.startswith("incidentctl "):
            continue
        program, *words = shlex.split(line)
        more = ["--answers", str(answers[words[0]])] if words[0] in answers else []
        monkeypatch.setattr("sys.argv", [program, *words, *more])
        with pytest.raises(SystemExit) as done:
            main()
        ended[words[0]] = done.value.code
    # Whoever started it stopped at the tree; `resume` walked it to its end.
    assert ended == {
        "start": 3,
        "status": 0,
        "change": 0,
        "note": 0,
        "severity": 0,
        "timeline": 0,
        "resume": 0,
        "lint": 0,
        "schema": 0,
    }
    assert "closed after" in capsys.readouterr().out


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_context_and_its_consequences(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(f"# {path.stem[:4]}: ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_decisions_that_are_referred_to_exist() -> None:
    sources = [ROOT / "pyproject.toml", ROOT / "Makefile", *DOCUMENTS, *ROOT.glob("incidentctl/**/*.py")]
    named = {number for path in sources for number in re.findall(r"decisions/(\d{4})", path.read_text())}
    assert named <= {path.stem[:4] for path in DECISIONS}
