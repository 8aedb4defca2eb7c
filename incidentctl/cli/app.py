"""The Typer app: the global options, and the list of commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import zip_longest
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer
from typer.core import TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo

from incidentctl.cli.options import Explained
from incidentctl.cli.settings import Settings
from incidentctl.cli.version import VERSION

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter, Parameter

PANELS: Final = {
    "During an incident": {
        "start": "begin one and walk it",
        "resume": "go on where it stood",
        "status": "where it stands",
        "brief": "for who comes in now",
        "note": "write something down",
        "change": "write down a change",
        "update": "write or ask for one",
        "assign": "give somebody a role",
        "handoff": "hand the command over",
        "warroom": "who is there, who not",
        "severity": "change it, up or down",
        "resolve": "verify, give all clear",
    },
    "After": {"reopen": "it came back", "timeline": "what happened", "history": "earlier incidents"},
    "Runbooks": {
        "lint": "find what would fail",
        "new": "write one, with help",
        "import": "make one of Markdown",
        "show": "read it, merged",
        "schema": "a schema for editors",
    },
    "Set-up": {"doctor": "what is not reached"},
}
"""Every command, and what it is for in as few words as fit beside another one.

Each is a function in a module of its name; `import`, which Python reserves, is `import_` in both.
"""

_OPTIONS: Final = """\
Options, before or after the command; each wins over its variable:
  --runbooks DIR (INCIDENTCTL_RUNBOOKS)    --store URL (INCIDENTCTL_STORE)
  --me NAME (INCIDENTCTL_ME)    --no-color (NO_COLOR)    --version    --help
Exit 0 done, 1 findings, 2 refused, 3 unanswered, 4 missing, 70 bug, 130 Ctrl-C
"""


class Commands(Mapping[str, "Command"]):
    """Each command, imported and built when it is asked for: of twelve, a run needs one."""

    def __getitem__(self, name: str) -> Command:
        """The command of that name.  Raises KeyError where there is none."""
        if name not in list(self):
            raise KeyError(name)
        word = f"{name}_" if iskeyword(name) else name
        module = import_module(f"incidentctl.cli.{word}")
        info = CommandInfo(name, cls=getattr(module, "Parsed", Explained), callback=getattr(module, word))
        return get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the help."""
        return (name for names in PANELS.values() for name in names)

    def __len__(self) -> int:
        """How many there are."""
        return sum(map(len, PANELS.values()))


class OneScreen(TyperGroup):
    """Help with the commands in groups, on one screen of 80 x 24."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 - whatever Typer gives its groups
        super().__init__(**attributes)
        # Only ever read: nothing adds a command while the program runs.
        self.commands = cast("dict[str, Command]", Commands())

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """The global options may stand before the command and after it; `help COMMAND` is `COMMAND --help`."""
        if args[:1] == ["help"]:
            args = [*args[1:2], "--help"]
        return super().parse_args(ctx, in_front(args, self.params))

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Usage, commands, options with their variables and defaults, exit statuses."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] COMMAND [ARGS]...")
        for panel, names in PANELS.items():
            cells = [f"{name:<9} {words:<24}" for name, words in names.items()]
            rows = ["".join(two) for two in zip_longest(cells[::2], cells[1::2], fillvalue="")]
            for beside, row in zip_longest(panel.split(maxsplit=1), rows, fillvalue=""):
                formatter.write(f"{beside:<12}{row}".rstrip() + "\n")
        formatter.write(_OPTIONS)


def in_front(words: Sequence[str], options: Sequence[Parameter]) -> list[str]:
    """`words` with all of `options` at the beginning, each with its value; what follows `--` stays where it is."""
    takes_value = {name: not getattr(one, "is_flag", False) for one in options for name in one.opts}
    front: list[str] = []
    rest: list[str] = []
    end = words.index("--") if "--" in words else len(words)
    ahead = iter(words[:end])
    for word in ahead:
        name, given, _ = word.partition("=")
        if name not in takes_value or (name == "--version" and rest):
            rest.append(word)
        elif takes_value[name] and not given:
            value = next(ahead, None)
            if value is None:  # the parser says so best where nothing else follows
                return [*front, word]
            front += [word, value]
        else:
            front.append(word)
    return [*front, *rest, *words[end:]]


app = typer.Typer(
    cls=OneScreen,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 80},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"incidentctl {VERSION}")
        raise typer.Exit


@app.callback()
def settings(
    ctx: typer.Context,
    runbooks: Annotated[Path | None, typer.Option("--runbooks", metavar="DIR")] = None,
    store: Annotated[str | None, typer.Option("--store", metavar="URL")] = None,
    me: Annotated[str | None, typer.Option("--me", metavar="NAME")] = None,
    no_color: Annotated[bool, typer.Option("--no-color")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)] = False,
) -> None:
    """Walk an incident from the page to the all clear."""
    del version
    ctx.obj = Settings(runbooks, store, me, color=not no_color)
