"""`${NAME}` in an address, a DSN or a header: what only this machine knows, and no runbook may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from incidentctl.errors import UserError

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_]\w*)\}")


_SHORTEST: Final = 6  # a shorter one cannot be told from other words


class Unset(UserError):
    """A variable that is named is not set; `message` names it."""


def expanded(text: str, environ: Mapping[str, str]) -> str:
    """`text` with each `${NAME}` replaced.  Raises Unset."""

    def value(match: re.Match[str]) -> str:
        found = environ.get(match[1], "")
        if not found:
            raise Unset(f"{match[1]} is not set", "Set it in the environment of this terminal.")
        return found

    return _VARIABLE.sub(value, text)


def expansions(texts: Iterable[str], environ: Mapping[str, str]) -> set[str]:
    """The values of the variables that `texts` name, as far as they can be told from other words."""
    values = {environ.get(name, "").strip() for text in texts for name in _VARIABLE.findall(text)}
    return {value for value in values if len(value) >= _SHORTEST}
