"""A password or a token stands in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from incidentctl.lint.addresses import addresses, checks, value_route
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, commands
from incidentctl.lint.prose import prose
from incidentctl.runbook.model import Route
from incidentctl.text.redact import REDACTED, redact

SLUG: Final = "secret-in-file"
SEVERITY: Final[Severity] = "error"
# One of them is in everything that redaction finds, but for passwords in addresses.
_MARKS: Final = (
    *("pass", "pwd", "secret", "token", "key", "credential", "authorization", "bearer ", "basic ", "curl", "mysql"),
    *("xox", "xapp-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "akia", "asia", "hooks.slack"),
    *("pdus+", "pdeu+", "u+", "eyj", "aiza", "k_live_", "sk-", "npm_"),
)
_PLACEHOLDERS: Final = ("xxx", "***", "...", "your", "change", "replace", "example", "redacted", "todo", "<")
_KEEPERS: Final = frozenset({"1password", "bitwarden", "lastpass", "keepass", "vault"})
_VARIABLE: Final = "Write `${NAME}`: it is read from the environment. Then change the secret, because git remembers it."
_COMMAND: Final = "Let the command read it from the environment or a vault. Then change it, because git remembers it."
_PROSE: Final = "Say where it is kept. Then change it, because git remembers it."


class _Part(NamedTuple):  # made by the hundred, and most are looked at only once
    route: Route
    text: str
    hint: str = _VARIABLE
    is_prose: bool = False


def check(subject: Subject) -> Iterator[Found]:
    """A literal secret in an address, header, command, payload or sentence; the message does not repeat it."""
    for part in _parts(subject):
        hidden = _hidden(part.text)
        if hidden and any(_is_secret(before, value, part) for before, value in hidden):
            yield Found(part.route, "a secret stands here for everyone to read", part.hint)


def may_hold_one(text: str) -> bool:
    """Whether it is worth while to redact `text`, which takes a hundred times as long as this."""
    if "//" in text and "@" in text:
        return True
    small = text.lower()
    return any([mark in small for mark in _MARKS])  # noqa: C419 - of a few words, a list is the faster one


def _parts(subject: Subject) -> Iterator[_Part]:
    for address in addresses(subject):
        yield _Part(address.route, address.text)
    for one in checks(subject):
        for key, value in one.values.items():
            if key.startswith("headers."):
                yield _Part(value_route(one, key), f"{key.removeprefix('headers.')}: {value}")
            elif key not in ("url", "dsn"):
                yield _Part(value_route(one, key), value, _COMMAND)
    for command in commands(subject):
        yield _Part(command.route, command.line, _COMMAND)
    for route, text in prose(subject):
        if _hidden(text):
            yield _Part(route, text, _PROSE, is_prose=True)


@lru_cache(maxsize=1024)  # most texts are inherited, and the same in every service
def _hidden(text: str) -> tuple[tuple[str, str], ...]:
    """What redaction takes out of `text`, each with what stands before it."""
    return tuple(_taken_out(text)) if may_hold_one(text) else ()


def _taken_out(text: str) -> Iterator[tuple[str, str]]:
    end = 0
    for before, behind in pairwise(redact(text).split(REDACTED)):
        start = end + len(before)
        end = text.find(behind, start + 1) if behind else len(text)
        if end < 0:
            return
        yield text[:start], text[start:end]


def _is_secret(before: str, value: str, part: _Part) -> bool:
    """Redaction would rather hide too much; a finding needs to be one."""
    word = value.strip("\"'").casefold()
    if word.startswith(_PLACEHOLDERS) or word in _KEEPERS or _shell_variable().fullmatch(word):
        return False
    # `--secret=db-password`, `credentials=rotated` and `var-token=all` name something.
    if _names_something().search(before) and word.isascii() and _plain_words().fullmatch(word):
        return False
    return not part.is_prose or len(word) >= 20 or (len(word) >= 6 and any(sign.isdigit() for sign in word))


@cache
def _names_something() -> re.Pattern[str]:
    return re.compile(r"(?:secret|token|credentials?|key)[\"']?[ =:]+[\"']?$", re.IGNORECASE)


@cache
def _shell_variable() -> re.Pattern[str]:
    return re.compile(r"\$\{?\w+\}?")


@cache
def _plain_words() -> re.Pattern[str]:
    return re.compile(r"[a-z]{1,20}(?:[-_/.][a-z]{1,20}){0,8}")
