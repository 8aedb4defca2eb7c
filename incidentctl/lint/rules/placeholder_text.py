"""A text that somebody will read at 3 AM was never written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.prose import prose

SLUG: Final = "placeholder-text"
SEVERITY: Final[Severity] = "warning"

_MARKS: Final = ("TODO", "TBD", "FIXME", "CHANGE", "REPLACE", "FILL")  # one of them is in all that is found below

# What programs print in angle brackets, and marks that a wiki page is full of.
_NO_PLACEHOLDER: Final = (
    *("none", "unknown", "nil", "null", "pending", "unset", "empty", "invalid", "redacted", "error"),
    *("b", "i", "em", "strong", "br", "hr", "p", "code", "pre", "kbd", "sub", "sup", "details", "summary", "div"),
)


def check(subject: Subject) -> Iterator[Found]:
    """A text that holds TODO, CHANGEME, FIXME, TBD or `<name>`, each text once."""
    for route, text in prose(subject):
        placeholder = first_placeholder(text)
        if placeholder:
            hint = "Write what belongs there, or leave the text out: at 3 AM there is nobody to ask."
            yield Found(route, f"`{placeholder}` was never filled in", hint)


@lru_cache(maxsize=4096)  # most texts are inherited, and the same in every service
def first_placeholder(text: str) -> str:
    """The first placeholder of a text, or nothing.  What stands in backquotes is code, and is not looked at."""
    if text.strip(" .!").casefold() in ("todo", "tbd", "tba", "xxx", "???"):
        return text.strip()
    shouted = text.upper()
    if "<" not in text and not any(mark in shouted for mark in _MARKS):
        return ""
    text = _code().sub("", text)
    found = _word().search(text)
    if found:
        return found[0]
    names = (match for match in _name().finditer(text) if match[1].casefold() not in _NO_PLACEHOLDER)
    return next((match[0] for match in names), "")


@cache
def _code() -> re.Pattern[str]:
    return re.compile(r"`[^`]*`")


@cache
def _word() -> re.Pattern[str]:
    # In capitals: a "todo list" is a thing that people have, and so is a service named todo.
    return re.compile(
        r"\b(?:TODO(?! (?:list|item|app))|TBD|FIXME|(?i:change_?me|replace_?me)|FILL[_ ]ME[_ ]IN|FILL[_ ]THIS[_ ]IN)\b"
    )


@cache
def _name() -> re.Pattern[str]:
    # Not `a <b and c> d`, not an address, not a mention.
    return re.compile(r"(?<![\w<])<([A-Za-z](?:[\w ./-]{0,60}\w)?)>")
