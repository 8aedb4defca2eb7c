"""Whose a name is."""

from __future__ import annotations


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: compared trimmed and case-folded, never when empty (P-ROLE-4)."""
    return bool(one.strip()) and one.strip().casefold() == other.strip().casefold()
