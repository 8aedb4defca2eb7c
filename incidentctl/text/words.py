"""Words that do not belong into an update: blame for anybody, and the inside of the house for customers.

The lists are small and anchored on purpose: a word that is also used innocently (`fault tolerance`, `blameless`,
`lazy loading`, `culprit`) is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

# What reviews without blame avoid, because it ends the search for the cause at a person: Sidney Dekker, The Field
# Guide to Understanding Human Error; John Allspaw, Blameless PostMortems and a Just Culture (Etsy, 2012); Site
# Reliability Engineering, chapter 15; PagerDuty's post-mortem guide, The Blameless Postmortem.
_BLAME: Final = (
    r"(?:human|operator|user|pilot|engineer|developer|employee)(?:'s)? error",
    r"(?:his|her|their|whose|somebody's|someone's) fault",
    r"at fault",
    r"(?:the )?fault of (?:an? |the |our )?(?:engineer|developer|operator|employee|colleague|team|contractor|vendor)s?",
    r"(?:to|is|are|we|they) blame",
    r"blam(?:ed|es|ing)",
    r"careless(?:ly|ness)?",
    r"negligen(?:t|tly|ce)",
    r"incompeten(?:t|tly|ce)",
    r"(?:stupid|idiotic|dumb|sloppy|clumsy)(?:ly|ness|ity)?",
    r"should have known(?: better)?",
    r"should have been more careful",
    r"(?:an? |the |our )?(?:engineer|developer|operator|employee|colleague|someone|somebody)s? (?:forgot|failed) to",
    r"(?:screwed|messed|fouled) (?:it |this |things )?up",
    r"scapegoats?",
    r"guilty",
)

# Names that only a private network resolves: RFC 6762 (.local), RFC 8375 (.home.arpa), ICANN's .internal (2024), the
# names of a Kubernetes cluster, what AWS gives to machines, and what companies use for themselves.
_HOST: Final = (
    r"\b(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}(?:internal|local|localdomain|lan|corp|intra|intranet|home\.arpa)\b"
    r"|\b[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}\.svc\b"
    r"|\bip-\d{1,3}(?:-\d{1,3}){3}\b"
)
_MACHINE: Final = (
    r"(?<![\w/.-])(?:[a-z]{1,30}-){0,4}(?:db|sql|pg|redis|cache|web|app|api|node|host|srv|server|worker|broker|kafka|k8s|vm)"
    r"-?(?:[a-z]{1,30}-){0,4}\d{2,3}(?![\w-]|\.\w)"
)
_ADDRESS: Final = r"(?<![\w.:/-])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\w.:-]*\w)"
_ADDRESS_SIGNS: Final = re.compile(r"\d\.\d|:.{0,4}:")
"""One of them is in every address, and in few texts."""
_VERSION: Final = r"(?i:\bversion|\brelease|\bv)\.?\s*$"
_SQL: Final = (
    r"\bSELECT\b.{1,200}?\bFROM\b|\b(?:INSERT INTO|DELETE FROM|ALTER TABLE|DROP TABLE|CREATE INDEX)\b"
    r"|\bUPDATE \w+ SET\b|\bpg_[a-z]\w+\b"
)
# An exception's class, as Java, Python, Ruby and .NET name them, and the head of a stack trace.
_EXCEPTION: Final = r"\b(?:[A-Z][a-z0-9]+){1,6}(?:Exception|Error)\b|\bTraceback\b|\b(?i:stack ?trace)\b|\bsegfault\b"
_CHANNEL: Final = r"(?<![\w/])#(?:inc|incident|incidents|sev\d|war-?room|ops|oncall|on-call|team)(?:-[\w-]+)?\b"
_DETAILS: Final = (
    ("a host name", _HOST, re.IGNORECASE),
    ("a host name", _MACHINE, re.IGNORECASE),
    ("SQL", _SQL, re.DOTALL),
    ("an exception", _EXCEPTION, 0),
    ("a chat channel", _CHANNEL, re.IGNORECASE),
)


@cache
def _blame() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(_BLAME)})(?![\w-])", re.IGNORECASE)


def blame_words(text: str) -> list[str]:
    """Every phrase of `text` that blames somebody, as written."""
    return [found[0] for found in _blame().finditer(text)]


def internal_details(text: str) -> list[tuple[str, str]]:
    """What customers can neither understand nor use: pairs such as `("a host name", "db-01.prod.internal")`."""
    found = [(kind, match[0]) for kind, pattern in _details() for match in pattern.finditer(text)]
    return [*found, *(("an IP address", address) for address in _addresses(text))]


@cache
def _details() -> list[tuple[str, re.Pattern[str]]]:
    return [(kind, re.compile(pattern, flags)) for kind, pattern, flags in _DETAILS]


def _addresses(text: str) -> Iterator[str]:
    for match in re.finditer(_ADDRESS, text) if _ADDRESS_SIGNS.search(text) else ():
        if not re.search(_VERSION, text[max(0, match.start() - 20) : match.start()]) and _is_address(match[0]):
            yield match[0]


def _is_address(text: str) -> bool:
    from ipaddress import ip_address  # few texts hold what looks like one

    try:
        ip_address(text)
    except ValueError:
        return False  # 03:42:10 is a time, and 999.1.1.1 is nothing
    return text != "::"
