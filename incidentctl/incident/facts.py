"""What the machine saw and did: evidence, and commands that it was told to run.  Events like those of `events.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from incidentctl.incident.words import Evidence
from incidentctl.record import record

ActionKind = Literal["action", "rollback", "fix", "other", "undo", "step"]


@record
class EvidenceTaken:
    """What a check found.  It is written down when it is news, not each time that it is asked."""

    evidence: Evidence


@record
class ActionStarted:
    """The program runs something, as a person told it to; until `ActionEnded` nobody knows how far it came.

    `command` is the line as it is shown, its secrets redacted; `shell` whether a shell reads it; `how` the word that
    was chosen (`run`, `terminate`).
    """

    step: str
    text: str
    kind: ActionKind
    command: str
    shell: bool = False
    estimate: timedelta | None = None
    how: str = "run"


@record
class ActionNotRun:
    """What was interrupted had not done anything, as somebody says: it is asked again."""

    step: str


@record
class RetryChosen:
    """What failed is tried `again`: it is asked once more; or it is left at that, and counts as no (P-TREE-5)."""

    step: str
    again: bool


@record
class ActionEnded:
    """An action, a rollback or a fix was done, failed, or was skipped with a reason (P-TREE-5, P-ROLL-5).

    `other` is what was done about a yes for which the runbook has no action, `undo` the way back of an action, `step`
    a command of the first five minutes or of the checklist.  `interrupted`: it may have run in part.
    Where the program ran it, `status` is its exit status (None: it has none) and `output` the last lines of what it
    said, redacted.
    """

    step: str
    text: str
    kind: ActionKind
    result: Literal["done", "failed", "skipped", "interrupted"]
    command: str = ""
    reason: str = ""
    estimate: timedelta | None = None
    took: timedelta | None = None
    status: int | None = None
    output: tuple[str, ...] = ()
