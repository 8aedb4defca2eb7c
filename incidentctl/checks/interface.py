"""What a check is: one question to one source, asked again and again, answered yes, no or unknown with a reason.

Each kind of source is one module with an `async def ask(inquiry) -> Found`.  It only ever reads.  It need not look at
the clock (the runner ends it at its deadline), need not escape or redact what it found (the runner does), and never
says no where it could not see: it raises `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from incidentctl.errors import UserError
from incidentctl.incident.words import Answer, Change, Evidence, Row
from incidentctl.record import record
from incidentctl.runbook.model import Check
from incidentctl.runbook.quantities import parse_duration, parse_quantity
from incidentctl.text.environment import expanded

DEADLINE: Final = timedelta(seconds=5)
"""How long one check may take."""


class Unknown(UserError):
    """The check cannot answer; `message` says why, in a few words for a person, and holds no secret."""


@record
class Found:
    """What a check found.  `said` is one line that sums it up; `number` is what was measured, where it is a number."""

    answer: Answer
    said: str
    rows: tuple[Row, ...] = ()
    number: float | None = None


def no_changes(_service: str, _since: datetime) -> Sequence[Change]:
    """A change log in which nothing was ever written."""
    return ()


@record
class Inquiry:
    """What a check is given.

    `check` is as the runbook wrote it; `source` holds what its kind says under the top-level `sources`, which counts
    where the check is silent.  `unit` is the signal's.  `within` is the question's window.  `folder` is the folder of
    the runbook, from which relative paths count.  `now` is in UTC.  `changes` reads the change log of a service.
    """

    check: Check
    now: datetime
    source: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    alerts: tuple[str, ...] = ()
    unit: str = ""
    within: timedelta | None = None
    folder: Path = Path()
    environ: Mapping[str, str] = field(default_factory=dict)
    changes: Callable[[str, datetime], Sequence[Change]] = no_changes
    seconds: float = DEADLINE.total_seconds()

    def text(self, key: str, default: str = "") -> str:
        """What the runbook says under `key` (`url`, `git.ref`), with `${NAME}` read from the environment.

        Raises Unset where such a variable is not set.
        """
        return expanded(self.check.values.get(key) or self.source.get(key) or default, self.environ)

    def required(self, key: str) -> str:
        """The same, where the check cannot do without.  Raises Unknown."""
        text = self.text(key)
        if not text:
            msg = f"the runbook does not say `{key}` for this {self.check.kind} check"
            raise Unknown(msg)
        return text

    def below(self, key: str) -> Mapping[str, str]:
        """What stands in the mapping `key` (`headers`), expanded as in `text`."""
        written = {**self.source, **self.check.values}
        prefix = f"{key}."
        return {
            name.removeprefix(prefix): expanded(text, self.environ)
            for name, text in written.items()
            if name.startswith(prefix)
        }

    def span(self, key: str, default: timedelta) -> timedelta:
        """The duration under `key`."""
        text = self.text(key)
        return parse_duration(text) if text else default

    def ratio(self, key: str) -> float | None:
        """The share under `key` as a number between 0 and 1: `80%` is 0.8; None where there is none."""
        text = self.text(key)
        if not text:
            return None
        quantity = parse_quantity(text)
        return quantity.number / 100 if quantity.unit == "%" else quantity.number


class Checker(Protocol):
    """One kind of source."""

    async def __call__(self, inquiry: Inquiry) -> Found:
        """Ask once.  Raises Unknown, and any UserError of the doors, where it cannot tell."""


class Watch(Protocol):
    """What asks the checks, beside the prompts.  `subjects` are those of `walker.evidence.measures`."""

    def wish(self, subjects: Collection[str], older_than: timedelta = timedelta()) -> None:
        """Ask again whatever was last asked longer ago than that.  Returns at once."""

    def take(self) -> Sequence[Evidence]:
        """What was found since the last time."""

    def pending(self) -> AbstractSet[str]:
        """What is being asked now."""

    def numbers(self, subject: str) -> Sequence[float]:
        """The latest numbers of a signal, the oldest first."""

    def settle(self, subjects: Collection[str]) -> None:
        """Wait until all of them have answered, or their deadlines are over."""


class NoChecks:
    """Nobody asks anything: a drill, and `--no-checks`."""

    def wish(self, subjects: Collection[str], older_than: timedelta = timedelta()) -> None:
        """Nothing is asked."""

    def take(self) -> Sequence[Evidence]:
        """Nothing was found."""
        return ()

    def pending(self) -> AbstractSet[str]:
        """Nothing is being asked."""
        return frozenset()

    def numbers(self, subject: str) -> Sequence[float]:
        """There are none."""
        del subject
        return ()

    def settle(self, subjects: Collection[str]) -> None:
        """There is nothing to wait for."""
