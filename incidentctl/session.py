"""The only loop: fold, request, ask, decide, append.

Append first, show second: when the next prompt is drawn, everything that was answered before it is on disk.
Typed and scripted replies come through the same loop; so do acts outside the walk (a note, an assignment).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from incidentctl.clock import Clock, random_id, random_letters
from incidentctl.comms.interface import Texts
from incidentctl.errors import Conflict, NotAllowed, NotFound, Refused, StoreUnreachable
from incidentctl.incident.entry import Entry, occurred_at
from incidentctl.incident.events import Event
from incidentctl.incident.fold import apply, fold
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Layer, Mode
from incidentctl.journal.interface import Journal
from incidentctl.record import record
from incidentctl.runbook.load import BUILT_IN
from incidentctl.runbook.model import Runbook
from incidentctl.terminal.interface import Noted, Prompter, Replied, Screen, Withdrawn
from incidentctl.text.redact import redact
from incidentctl.walker import acts, walk
from incidentctl.walker.replies import Hypothesis, Reply, Several, Skip, Typed
from incidentctl.walker.requests import Ask, AskFeature, AskSnoozeReason, AskUpdateText, ConfirmSent, Request

_UPDATE_GOES_ON = (AskUpdateText, ConfirmSent, AskSnoozeReason)
"""What belongs to one update, after its first question."""


@record
class Opening:
    """What `start` knows about an incident before it exists."""

    mode: Mode
    layers: tuple[Layer, ...]
    title: str = ""
    severity: str | None = None
    affects: tuple[str, ...] = ()


@dataclass(slots=True)
class _Desk:
    """One incident at hand: its runbook as pinned, and where it stands for all entries that were read."""

    book: Runbook
    incident: Incident


class Session:
    """One person's work on the incidents of one store.

    `pinned` makes the Runbook from an incident's layers, and says loudly where it had to take the built-in one.
    `warm_up` is called when the first prompt is about to be drawn; it must return at once.
    """

    def __init__(
        self,
        journal: Journal,
        prompter: Prompter,
        texts: Texts,
        clock: Clock,
        me: str,
        *,
        pinned: Callable[[Incident], Runbook],
        warm_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._prompter = prompter
        self._texts = texts
        self._clock = clock
        self._me = me
        self._pinned = pinned
        self._warm_up: Callable[[], None] | None = warm_up
        self._desks: dict[str, _Desk] = {}

    # --- opening and walking --------------------------------------------------------------------------------

    def open(self, book: Runbook, opening: Opening) -> str:
        """Record a new incident, all of its opening or nothing, and return its id: `20261123-0312-abc`, in UTC.

        Titles, names of services and the pinned layers are redacted first.  Raises NotAllowed, Refused,
        StoreUnreachable.
        """
        layers = tuple(map(_without_secrets_of, opening.layers))
        title, affects = redact(opening.title), tuple(map(redact, opening.affects))
        desk = self._record_opening(book, replace(opening, title=title, affects=affects, layers=layers))
        if layers != opening.layers:
            # What is shown from here on must not hold what the journal may not hold.
            desk.book = self._pinned(desk.incident)
            self._prompter.tell("The runbook holds what looks like a secret: it is shown as <redacted> from here on.")
        return desk.incident.id

    def _record_opening(self, book: Runbook, opening: Opening) -> _Desk:
        while True:
            now = self._clock.now()
            desk = _Desk(book, Incident(f"{now:%Y%m%d-%H%M}-{random_letters(3)}"))
            events = acts.opened(
                book, service=book.service, title=opening.title, mode=opening.mode, layers=opening.layers,
                severity=opening.severity, affects=opening.affects, now=now,
            )  # fmt: skip
            try:
                self._append(desk, events)
            except Conflict:  # three letters that are taken already
                continue
            self._desks[desk.incident.id] = desk
            return desk

    def walk(self, incident_id: str) -> None:
        """Ask, until nothing is left to ask.

        Whatever ends it early (KeyboardInterrupt, AnswerNeeded, NotAllowed from a script, StoreUnreachable) loses the
        open question and nothing else.
        """
        desk = self._desk(incident_id)
        while (request := walk.request(desk.book, desk.incident, self._clock.now())) is not None:
            self._turn(desk, request, self._asked_by_the_walk(desk, request.prompt))

    def resume(self, incident_id: str, said: Sequence[str]) -> None:
        """Record that somebody goes on, say what changed while they were away (`said`), and walk."""
        for line in said:
            self._prompter.tell(line)
        self.act(incident_id, acts.Resume())
        self.walk(incident_id)

    # --- single acts ----------------------------------------------------------------------------------------

    def act(self, incident_id: str, act: acts.Act) -> Incident:
        """Record one act outside the walk, its secrets redacted, and return where the incident stands then.

        Raises NotAllowed and Refused where it may not be; where another writer was first it is judged again.
        """
        desk, act = self._desk(incident_id), _without_secrets_said(act)
        while True:
            try:
                self._append(desk, acts.act(desk.book, desk.incident, act, self._clock.now()))
            except Conflict:
                self._catch_up(desk)
            else:
                return desk.incident

    def update(self, incident_id: str) -> Incident:
        """Ask for one update, with all that belongs to it, and nothing else."""
        self._once(incident_id, walk.update_now)
        desk = self._desks[incident_id]
        while self._go_on(desk, _UPDATE_GOES_ON):
            pass
        return desk.incident

    def resolve(self, incident_id: str) -> Incident:
        """Ask for the verification, without the walk."""
        return self._once(incident_id, walk.resolve_now)

    def _once(self, incident_id: str, first: Callable[[Runbook, Incident, datetime], Request]) -> Incident:
        desk = self._desk(incident_id)
        while True:
            request = first(desk.book, desk.incident, self._clock.now())
            replied = self._turn(desk, request, self._nobody_wrote(desk))
            if replied and not isinstance(request.ask, AskFeature):  # which only comes before the question itself
                return desk.incident

    def _go_on(self, desk: _Desk, kinds: tuple[type[Ask], ...]) -> bool:
        request = walk.request(desk.book, desk.incident, self._clock.now())
        if request is None or not isinstance(request.ask, kinds):
            return False
        self._turn(desk, request, self._asked_by_the_walk(desk, request.prompt))
        return True

    # --- one question ---------------------------------------------------------------------------------------

    def _turn(self, desk: _Desk, request: Request, still_open: Callable[[], bool]) -> bool:
        """Ask once; True where a reply was recorded."""
        prepared = self._texts.prepare(request, desk.book, desk.incident, self._clock.now())
        self._warm_up_once()
        outcome = self._prompter.ask(prepared, Screen(desk.incident, self._clock.now, still_open))
        match outcome:
            case Replied(reply=reply):
                return self._replied(desk, prepared, _without_secrets(reply))
            case Noted(text=text):
                self.act(desk.incident.id, acts.AddNote(text, None))
            case Withdrawn():
                self._catch_up(desk)
        return False

    def _replied(self, desk: _Desk, request: Request, reply: Reply) -> bool:
        try:
            events = walk.decide(desk.book, desk.incident, request, reply, self._clock.now())
            self._append(desk, events, request.prompt)
        except (NotAllowed, Refused) as error:
            self._prompter.refused(error.message, error.hint)
            return False
        except Conflict:
            self._prompter.take_back()
            self._catch_up(desk)
            self._prompter.tell("Your answer was not recorded, because of that. Please look again.")
            return False
        return True

    def _warm_up_once(self) -> None:
        if self._warm_up is not None:
            self._warm_up()
            self._warm_up = None

    def _asked_by_the_walk(self, desk: _Desk, prompt: str) -> Callable[[], bool]:
        """The prompt is still the one to ask: nobody wrote, and nothing fell due (P-COMMS-3, P-ROLL-4)."""
        nobody_wrote = self._nobody_wrote(desk)

        def still_open() -> bool:
            request = walk.request(desk.book, desk.incident, self._clock.now())
            return request is not None and request.prompt == prompt and nobody_wrote()

        return still_open

    def _nobody_wrote(self, desk: _Desk) -> Callable[[], bool]:
        incident = desk.incident

        def still_open() -> bool:
            try:
                return self._journal.last_seq(incident.id) == incident.seq
            except StoreUnreachable:  # the question stays; the append will say so
                return True

        return still_open

    # --- the journal ----------------------------------------------------------------------------------------

    def _append(self, desk: _Desk, events: Sequence[Event], prompt: str | None = None) -> None:
        """Make `events` durable, and only then fold them.  Raises Conflict, StoreUnreachable."""
        now, incident = self._clock.now(), desk.incident
        role = incident.role_of(self._me)
        entries = [
            Entry(random_id(), seq, occurred_at(event, now), now, self._me, role, prompt, event)
            for seq, event in enumerate(events, incident.seq + 1)
        ]
        self._journal.append(incident.id, entries, expected_seq=incident.seq)
        for entry in entries:
            incident = apply(incident, entry)
        desk.incident = incident

    def _desk(self, incident_id: str) -> _Desk:
        desk = self._desks.get(incident_id)
        if desk is None:
            incident = fold(incident_id, self._journal.read(incident_id))
            if incident.seq == 0:
                raise NotFound(f"There is no incident `{incident_id}` in this store")
            desk = self._desks[incident_id] = _Desk(self._pinned(incident), incident)
        return desk

    def _catch_up(self, desk: _Desk) -> None:
        """Read what another writer appended, and tell it."""
        from incidentctl.reports.names import Names
        from incidentctl.reports.sentences import Sentences
        from incidentctl.text.times import zone

        sentences = Sentences(Names(desk.book), zone(desk.incident.timezone))
        for entry in self._journal.read(desk.incident.id, after=desk.incident.seq):
            desk.incident = apply(desk.incident, entry)
            self._prompter.tell(f"{entry.author} wrote meanwhile: {sentences.short(entry.event, entry.occurred_at)}")


def _without_secrets_of(layer: Layer) -> Layer:
    """What ships with the program holds none, and is the longest of all."""
    return layer if layer.name == BUILT_IN else replace(layer, text=redact(layer.text))


def _without_secrets_said(act: acts.Act) -> acts.Act:
    """What a command was told, redacted before an event exists."""
    match act:
        case acts.AddNote(text=text):
            return replace(act, text=redact(text))
        case acts.Assign(name=name):
            return replace(act, name=redact(name))
        case acts.ChangeSeverity(reason=reason) | acts.Reopen(reason=reason):
            return replace(act, reason=redact(reason))
        case _:
            return act


def _without_secrets(reply: Reply) -> Reply:
    """What a person typed, redacted before an event exists."""
    match reply:
        case Typed(text=text):
            return Typed(redact(text))
        case Skip(reason=reason):
            return Skip(redact(reason))
        case Hypothesis(text=text):
            return Hypothesis(redact(text))
        case Several(values=values):
            return Several(tuple(map(redact, values)))
        case _:
            return reply
