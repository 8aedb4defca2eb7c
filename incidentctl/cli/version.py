"""The program's version, as a constant: asking the installed metadata would cost a third of a start."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
