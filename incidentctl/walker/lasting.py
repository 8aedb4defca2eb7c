"""How long a step really took in earlier incidents, beside what its runbook thinks (P-ROLL-1, P-ROLL-5).

The runbook carries the history (`Runbook.took`), so that what is asked stays a pure function.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from incidentctl.incident.facts import ActionKind
from incidentctl.incident.state import Running
from incidentctl.runbook.model import Runbook
from incidentctl.walker.scene import in_words

What = Literal["done", "undo", "fix"]
"""What was done of a step: the step itself, its way back, or a fix in its place."""
_SHOWN: Final = 5
_ENOUGH: Final = 3
"""A median of two is a mean: one night on which everything went wrong would be half of it."""
_MOMENT: Final = timedelta(seconds=1)


def what_of(kind: ActionKind) -> What:
    """What an action of that kind is a measurement of, however the runbook called its step at that time."""
    return kind if kind in ("undo", "fix") else "done"


def of(book: Runbook, step: str, what: What = "done") -> tuple[timedelta, ...]:
    """How long it took in all earlier incidents, the latest last."""
    return book.took.get((step, what), ())


def said(took: Sequence[timedelta], subject: str = "It") -> Iterator[str]:
    """`It took 4 min, 7 min and 6 min the last times (median 6 min).`; nothing where it was never done."""
    last = took[-_SHOWN:]
    if len(last) == 1:
        yield f"{subject} took {_words(last[0])} the last time."
    elif last:
        *head, tail = map(_words, last)
        median = f" (median {_words(_median(last))})" if len(last) >= _ENOUGH else ""
        yield f"{subject} took {', '.join(head)} and {tail} the last times{median}."


def overrun(book: Runbook, running: Running, now: datetime) -> str:
    """`, longer than the 5 min it was thought to take, and than ever before (7 min)`; empty while it is neither."""
    lasts = now - running.started_at
    past, most = max(of(book, running.step, what_of(running.kind)), default=None), running.estimate
    late = most is not None and lasts > most
    told = f", longer than the {in_words(most)} it was thought to take" if most is not None and late else ""
    if past is None or lasts <= past:
        return told
    return f"{told}, {'and' if late else 'longer'} than ever before ({_words(past)})"


def _median(took: Sequence[timedelta]) -> timedelta:
    """By hand: to import `statistics` takes longer than all that happens between two questions."""
    ordered, middle = sorted(took), len(took) // 2
    return ordered[middle] if len(took) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _words(took: timedelta) -> str:
    return in_words(took) if took >= _MOMENT else "less than 1 s"
