"""What lint says: one thing, at one place, by one rule."""

from __future__ import annotations

from typing import Literal

from incidentctl.record import record

Severity = Literal["error", "warning"]


@record
class Finding:
    """Something that would fail, mislead or slow somebody down at 3 AM.

    Lines and columns count from 1, in code points; the end is just behind the last one.  `path` is the place in the
    file's structure (`decision_tree[0].if_yes`), `hint` says what to write instead and may be empty.  `fixable`:
    `--fix` mends it; `fix` is then what a rule or the decoder says belongs there (`Problem.fix`), and may be empty.
    All texts may be foreign: whoever prints them escapes them.
    """

    rule: str
    severity: Severity
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    path: str
    hint: str = ""
    fixable: bool = False
    fix: str = ""
