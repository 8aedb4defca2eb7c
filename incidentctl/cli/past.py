"""The incidents of a store, so that a year of them costs next to nothing.

Each is known by its outline: worked out once from its entries, kept beside them, and worked out anew where anything was
appended since.  Only an incident that a command is about is read and folded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import takewhile
from typing import Final

from incidentctl.cli.version import VERSION
from incidentctl.incident.plain import timestamp
from incidentctl.incident.state import Incident, Lasted
from incidentctl.incident.words import Mode
from incidentctl.journal.interface import Journal
from incidentctl.record import record
from incidentctl.walker.due import post_mortem
from incidentctl.walker.lasting import what_of

_AT_LAST: Final = datetime.max.replace(tzinfo=UTC)


@record
class Outline:
    """What a command needs of an incident that it is not about.

    `post_mortem_due_at` is None where no post-mortem is owed (P-CLEAR-4).  `took` is how long what was done took.
    """

    id: str
    service: str
    mode: Mode
    opened_at: datetime | None
    ended_at: datetime | None
    post_mortem_due_at: datetime | None
    took: tuple[Lasted, ...] = ()

    @property
    def is_open(self) -> bool:
        """Not yet all clear, and not a ticket."""
        return self.ended_at is None


class Past:
    """All incidents of a store, as they stood when they were first asked for.

    `fold` gives where one stands, or None where its entries are damaged; such a one is left out.  `post_mortem_after`
    is how long after the all clear an incident's post-mortem is due.
    """

    def __init__(
        self,
        journal: Journal,
        fold: Callable[[str], Incident | None],
        post_mortem_after: Callable[[Incident], timedelta],
    ) -> None:
        self._journal = journal
        self._fold = fold
        self._post_mortem_after = post_mortem_after
        self._folded: dict[str, Incident | None] = {}
        self._new: dict[str, tuple[int, str]] = {}

    @cached_property
    def outlines(self) -> Sequence[Outline]:
        """One for each incident, the oldest first."""
        kept = self._journal.outlines()
        found = (_read(name, kept) or self._made(name) for name in self._journal.incidents())
        # Two that opened within one minute have ids that say nothing about their order.
        return sorted((one for one in found if one is not None), key=lambda one: (one.opened_at or _AT_LAST, one.id))

    def incident(self, name: str) -> Incident | None:
        """Where that one stands; None where its entries are damaged."""
        if name not in self._folded:
            self._folded[name] = self._fold(name)
        return self._folded[name]

    def took(self, service: str, before: str = "") -> Mapping[tuple[str, str], tuple[timedelta, ...]]:
        """How long the steps of `service` took in real incidents, those older than `before` where that is one.

        As `Runbook.took` says it.  Drills do not count: nobody did anything in them.
        """
        older = takewhile(lambda one: one.id != before, self.outlines)
        counted = (lasted for one in older if one.mode == "real" and one.service == service for lasted in one.took)
        found: dict[tuple[str, str], list[timedelta]] = {}
        for lasted in counted:
            found.setdefault((lasted.step, what_of(lasted.kind)), []).append(lasted.took)
        return {key: tuple(spans) for key, spans in found.items()}

    def remember(self) -> None:
        """Keep the outlines that had to be made, for the next command."""
        if self._new:
            self._journal.remember(self._new)

    def _made(self, name: str) -> Outline | None:
        incident = self.incident(name)
        if incident is None:
            return None
        written = post_mortem(incident, self._post_mortem_after(incident))
        outline = Outline(
            name, incident.service, incident.mode, incident.opened_at, incident.clear.given_at,
            written.at if written is not None else None, incident.tree.lasted,
        )  # fmt: skip
        self._new[name] = incident.seq, _written(outline)
        return outline


# --- as text -----------------------------------------------------------------------------------------------


def _written(outline: Outline) -> str:
    moments = (outline.opened_at, outline.ended_at, outline.post_mortem_due_at)
    times = [timestamp(moment) if moment else None for moment in moments]
    took = [(lasted.step, lasted.kind, lasted.took.total_seconds()) for lasted in outline.took]
    return json.dumps([VERSION, outline.service, outline.mode, *times, took])


def _read(name: str, kept: Mapping[str, str]) -> Outline | None:
    """What was kept; None where there is nothing, or another version kept it, which may understand more or less."""
    try:
        version, service, mode, *times, took = json.loads(kept.get(name, "[]"))
        opened, ended, due = (datetime.fromisoformat(time) if time else None for time in times)
        lasted = tuple(Lasted(step, kind, timedelta(seconds=seconds)) for step, kind, seconds in took)
        return Outline(name, service, mode, opened, ended, due, lasted) if version == VERSION else None
    except (ValueError, TypeError, OverflowError):
        return None
