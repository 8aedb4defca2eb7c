"""The incidents at hand: read once, folded, appended to, and caught up with what others wrote meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from incidentctl.clock import Clock, random_id
from incidentctl.errors import NotFound, StoreUnreachable
from incidentctl.incident.entry import Entry, occurred_at
from incidentctl.incident.events import Event, EvidenceTaken
from incidentctl.incident.fold import apply, fold
from incidentctl.incident.state import Incident
from incidentctl.journal.interface import Journal
from incidentctl.runbook.model import Runbook

if TYPE_CHECKING:
    from incidentctl.reports.sentences import Sentences


@dataclass(slots=True)
class Desk:
    """One incident at hand: its runbook as pinned, where it stands for all entries read, what others `answered`."""

    book: Runbook
    incident: Incident
    answered: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Desks:
    """What `me` has at hand of one store.

    `pinned` makes the Runbook from an incident's layers; `tell` says what others wrote.
    """

    journal: Journal
    clock: Clock
    me: str
    pinned: Callable[[Incident], Runbook]
    tell: Callable[[str], None]
    _known: dict[str, Desk] = field(default_factory=dict, init=False)

    def of(self, incident_id: str) -> Desk:
        """The one of that id, read where it was not yet.  Raises NotFound, StoreUnreachable."""
        desk = self._known.get(incident_id)
        if desk is None:
            incident = fold(incident_id, self.journal.read(incident_id))
            if incident.seq == 0:
                raise NotFound(f"There is no incident `{incident_id}` in this store")
            desk = self._known[incident_id] = Desk(self.pinned(incident), incident)
        return desk

    def keep(self, desk: Desk) -> None:
        """One that was opened just now."""
        self._known[desk.incident.id] = desk

    def append(self, desk: Desk, events: Sequence[Event], prompt: str | None = None) -> None:
        """Make `events` durable, and only then fold them.  Raises Conflict, StoreUnreachable."""
        now, incident = self.clock.now(), desk.incident
        role = incident.role_of(self.me)
        entries = [
            Entry(random_id(), seq, occurred_at(event, now), now, self.me, role, prompt, event)
            for seq, event in enumerate(events, incident.seq + 1)
        ]
        self.journal.append(incident.id, entries, expected_seq=incident.seq)
        for entry in entries:
            incident = apply(incident, entry)
        desk.incident = incident

    def nobody_wrote(self, desk: Desk) -> Callable[[], bool]:
        """Tells whether all that was written is read."""

        def nobody_wrote() -> bool:
            try:
                return self.journal.last_seq(desk.incident.id) == desk.incident.seq
            except StoreUnreachable:  # the question stays; the append will say so
                return True

        return nobody_wrote

    def catch_up(self, desk: Desk) -> None:
        """Read what another writer appended, and tell it."""
        sentences = sentences_of(desk.book, desk.incident)
        for entry in self.journal.read(desk.incident.id, after=desk.incident.seq):
            desk.incident = apply(desk.incident, entry)
            desk.answered |= {entry.prompt} if entry.prompt else set()
            if not isinstance(entry.event, EvidenceTaken):  # it is shown with the question that it answers
                said = sentences.short(entry.event, entry.occurred_at)
                self.tell(f"{entry.author} wrote meanwhile: {said}")


def sentences_of(book: Runbook, incident: Incident) -> Sentences:
    """Words the events of an incident that is walked by this runbook."""
    from incidentctl.reports.names import Names
    from incidentctl.reports.sentences import Sentences
    from incidentctl.text.times import zone

    return Sentences(Names(book), zone(incident.timezone))
