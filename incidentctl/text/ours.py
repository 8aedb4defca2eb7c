"""The secrets of our own environment: whoever says them back may not say with it what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from incidentctl.text.redact import REDACTED, redact

_NAMED: Final = re.compile(
    r"(?:^|_|PG)(?:PASS(?:WORD|WD|PHRASE)?|PW|SECRETS?|TOKENS?|CREDENTIALS?|(?:API)?KEYS?|PAT|AUTH)(?:_|$)",
    re.IGNORECASE,
)
_SHORTEST: Final = 6
_LONGEST: Final = 4000
_A_WORD: Final = re.compile(r"[a-z]{0,11}")
"""`postgres` as a password cannot be told from all else that is called so."""


def withheld(text: str, environ: Mapping[str, str]) -> str:
    """`text` without the values of variables that are named like secrets, and without the passwords of addresses."""
    secrets = (secret for name, value in environ.items() for secret in _secrets(name, value))
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    return text


@lru_cache(maxsize=1000)
def _secrets(name: str, value: str) -> tuple[str, ...]:
    """What of a variable is a secret: all of it, or what redaction takes out of it."""
    value = value.strip()
    whole = _NAMED.search(name) and not value.startswith("/")
    may_hold_one = ("//" in value or "=" in value) and len(value) < _LONGEST
    found = (value,) if whole else _taken_out(value) if may_hold_one else ()
    return tuple(one for one in found if len(one) >= _SHORTEST and not _A_WORD.fullmatch(one))


def _taken_out(value: str) -> tuple[str, ...]:
    """What stands in `value` where `<redacted>` stands in the redacted one."""
    shown = redact(value)
    around = re.fullmatch(re.escape(shown).replace(re.escape(REDACTED), "(.+?)"), value, re.DOTALL)
    return around.groups() if around else ()
