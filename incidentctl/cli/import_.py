"""`incidentctl import`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from incidentctl.cli.exit_status import ExitStatus
from incidentctl.errors import NotAllowed, NotFound

if TYPE_CHECKING:
    from incidentctl.runbook.markdown.convert import Imported, Judge

_MOST: Final = 1 << 20
_STANDARD_INPUT: Final = Path("-")


def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE.md...", help="The runbook in Markdown; - is standard input.")
    ],
    service: Annotated[str, typer.Option("--service", metavar="NAME", help="The service that it is about.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the YAML goes.")],
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 where anything was kept as a note or comment.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the output where it is there.")] = False,
) -> None:
    """Make a runbook of Markdown files, and report the rest."""
    from incidentctl.reports.runbook_markdown import runbook_markdown
    from incidentctl.runbook.decode_values import is_word
    from incidentctl.runbook.load import shown
    from incidentctl.runbook.markdown.convert import convert

    if not is_word(service, "-_."):
        message = f"`{service}` cannot be the name of a service"
        raise NotAllowed(message, "Use letters, digits, `-`, `_` and `.`, and begin with a letter or digit.")
    if output.exists() and not force:
        raise NotAllowed(f"{shown(output)} is there already", "Name another file, or say --force.")
    named = [("stdin" if path == _STANDARD_INPUT else shown(path), _text(path)) for path in files]
    imported = convert(service, named, _judge(output), runbook_markdown)
    _write(output, imported.text)
    _report(imported, output)
    if _is_broken(imported) or (strict and (imported.notes or imported.wrong)):
        raise typer.Exit(ExitStatus.FINDINGS)


def _text(path: Path) -> str:
    """The text of a file; what is no UTF-8 in it becomes the sign for that, and is reported so."""
    import sys

    try:
        with nullcontext(sys.stdin.buffer) if path == _STANDARD_INPUT else path.open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > _MOST:
        raise NotAllowed(f"{path} is larger than {_MOST // 1024} KiB", "Divide it, and import the parts one by one.")
    return data.decode("utf-8-sig", "surrogateescape")


def _judge(output: Path) -> Judge:
    """What lint calls an error in the text, as though it stood in the output already."""
    from incidentctl.clock import SystemClock
    from incidentctl.lint.engine import Setting, lint
    from incidentctl.lint.registry import CATALOGUE
    from incidentctl.lint.targets import folder_of_text

    today = SystemClock().now().date()

    def errors(text: str) -> Sequence[tuple[int, str]]:
        setting = Setting(frozenset(CATALOGUE), today, given={output: text.encode()})
        found = lint([folder_of_text(output)], setting).findings
        return [(one.line, f"{one.message} ({one.rule})") for one in found if one.severity == "error"]

    return errors


def _write(output: Path, text: str) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise NotFound(f"{output} cannot be written: {error.strerror or error}") from error


def _is_broken(imported: Imported) -> bool:
    return bool(imported.lost or imported.misread or imported.problems)


def _report(imported: Imported, output: Path) -> None:
    """What became of it, on standard error."""
    import sys

    from incidentctl.runbook.load import shown
    from incidentctl.text.escape import clean
    from incidentctl.text.redact import redact

    name = shown(output)
    lines = [str(remark) for remark in (*imported.edits, *imported.notes, *imported.lost)]
    lines += [f"{name}: does not read back: {text}" for text in imported.misread]
    lines += [f"{name}:{line}: lint says: {why}" for line, why in imported.wrong]
    if imported.missing:
        lines.append(f"not found, so the defaults stand: {', '.join(imported.missing)}")
    lines.append(f"wrote {name}")
    if _is_broken(imported):
        lines.append("Mend what is named above before somebody needs this runbook.")
    sys.stderr.write("".join(f"{clean(redact(line))}\n" for line in lines))
