"""The rules that reading a runbook checks; each has its page in docs/rules/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

STRUCTURAL: Final[Mapping[str, Literal["error", "warning"]]] = {
    "syntax": "error",
    "encoding": "error",
    "too-large": "error",
    "duplicate-key": "error",
    "unknown-key": "error",
    "missing-key": "error",
    "conflicting-keys": "error",
    "wrong-type": "error",
    "bad-value": "error",
    "bare-number": "error",
    "unit-mismatch": "error",
    "unknown-signal": "error",
    "unknown-use": "error",
    "duplicate-id": "error",
    "service-name": "error",
    "unsupported-format": "error",
    "implicit-type": "warning",
    "missing-id": "warning",
    "empty-file": "warning",
}
"""Every slug that a Problem carries, with its weight.  The last five never keep a runbook from being walked."""
