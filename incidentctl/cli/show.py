"""`incidentctl show`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from incidentctl.cli.options import JsonOption

if TYPE_CHECKING:
    from incidentctl.runbook.load import Loaded
    from incidentctl.runbook.model import Runbook


class Format(StrEnum):
    """How the runbook is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    MERMAID = "mermaid"


def show(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Whose runbook.")],
    form: Annotated[Format, typer.Option("--format", help="To read, for a wiki, or the tree drawn.")] = Format.TEXT,
    origin: Annotated[bool, typer.Option("--origin", help="Say for every value where it was written.")] = False,
    json: JsonOption = False,
) -> None:
    """A runbook, for reading: merged, as it would be walked."""
    import sys

    from incidentctl.cli.books import say_format
    from incidentctl.cli.consoles import console_on
    from incidentctl.errors import NotAllowed, NotFound
    from incidentctl.runbook.load import BUILT_IN, built_in, load_service

    if form is not Format.TEXT and (json or origin):
        raise NotAllowed(f"--format {form} is written by itself", "Leave out --json and --origin.")
    folder = ctx.obj.runbooks_folder()
    loaded = _without_secrets(built_in(service, folder) if service == BUILT_IN else load_service(folder, service))
    say_format(loaded, console_on(sys.stderr, ctx.obj))
    if loaded.book is None:
        findings = "\n".join(f"{problem}\n  {problem.hint}".rstrip() for problem in loaded.problems)
        raise NotFound(f"The runbook of {service} is broken:\n{findings}", "Mend it, and show it again.")
    console = console_on(sys.stdout, ctx.obj)
    if json:
        text = _json(loaded.book, loaded, origin=origin)
    else:
        text = _text(loaded.book, loaded, form, origin=origin, width=console.width)
    console.bare(text.rstrip("\n"))


def _without_secrets(loaded: Loaded) -> Loaded:
    """The runbook of its texts as an incident would pin them: a value alone may not tell what its key does."""
    from dataclasses import replace

    from incidentctl.runbook.load import from_texts
    from incidentctl.text.redact import redact

    texts = [replace(text, text=redact(text.text)) for text in loaded.texts]
    if all(text == old for text, old in zip(texts, loaded.texts, strict=True)):
        return loaded
    service = loaded.draft.service if loaded.draft is not None else ""
    again = from_texts(service, texts)
    # What is wrong with a secret itself is told of the file as it is; messages are redacted where they are printed.
    return loaded if (again.book is None) != (loaded.book is None) else again


def _text(book: Runbook, loaded: Loaded, form: Format, *, origin: bool, width: int) -> str:
    if origin and loaded.root is not None:
        from incidentctl.reports.runbook_origin import origin_text

        return origin_text(loaded.root)
    match form:
        case Format.TEXT:
            from incidentctl.reports.runbook import runbook_text

            return runbook_text(book, width)
        case Format.MARKDOWN:
            from incidentctl.reports.runbook_markdown import runbook_markdown, runbook_page

            return runbook_markdown(book) if loaded.root is None else runbook_page(book, loaded.root)
        case Format.MERMAID:
            from incidentctl.reports.runbook_mermaid import runbook_mermaid

            return runbook_mermaid(book)


def _json(book: Runbook, loaded: Loaded, *, origin: bool) -> str:
    from incidentctl.cli.wiring import as_document
    from incidentctl.reports.runbook_json import runbook_json

    return as_document(runbook_json(book, loaded, origins=origin))
