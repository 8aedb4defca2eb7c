"""A command removes another folder than it says where a variable is empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, commands
from incidentctl.lint.shell import Words, simple_commands

SLUG: Final = "unsafe-expansion"
SEVERITY: Final[Severity] = "error"

_RECURSIVE: Final = re.compile(r"-[a-zA-Z]*[rR][a-zA-Z]*|--recursive")
_FIRST: Final = re.compile(r"\$(?:\w+|\{\w+\})")


def check(subject: Subject) -> Iterator[Found]:
    """`rm -rf $X/`, `chown -R me "$X"/*`, `find $X/ -delete`: with an empty `X` they begin at `/`."""
    for command in commands(subject):
        for words in simple_commands(command.line):
            for word in _dangerous(words):
                hint = "Write the folder itself, or `${NAME:?}`, which stops where the variable is empty."
                yield Found(command.route, f"where its variable is empty, `{word}` is `{_emptied(word)}`", hint)


def _dangerous(words: Words) -> Iterator[str]:
    program, *rest = words
    if program in {"rm", "chmod", "chown", "chgrp"}:
        if any(_RECURSIVE.fullmatch(word) for word in rest):
            yield from filter(_emptied, rest)
    elif program == "find" and ({"-delete", "rm"} & set(rest)):
        yield from filter(_emptied, rest[:1])
    elif program == "rsync" and any(word.startswith("--delete") for word in rest):
        yield from filter(_emptied, rest)


def _emptied(word: str) -> str:
    """What is left of a word that begins with a variable; empty where that is harmless."""
    left = _FIRST.sub("", word)
    return left if _FIRST.match(word) and left.startswith(("/", "*", "..")) else ""
