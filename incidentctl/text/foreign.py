"""The JSON that a vendor answers: it may hold anything anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence


def mapping(value: object) -> Mapping[str, object]:
    """`value` where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Sequence[Mapping[str, object]]:
    """The objects in `value` where it is a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """`value` where it is a text."""
    return value if isinstance(value, str) else ""


def link(value: object) -> str:
    """`value` where it is the address of a page, of bounded length."""
    found = text(value)
    return found if re.fullmatch(r"https?://[\x21-\x7e]{1,500}", found) else ""
