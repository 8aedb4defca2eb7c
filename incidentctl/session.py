"""The only loop: fold, request, ask, decide, append.

Append first, show second: when the next prompt is drawn, everything that was answered before it is on disk.
Typed and scripted replies come through the same loop; so do acts outside the walk (a note, an assignment).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from incidentctl import without_secrets
from incidentctl.actions.interface import NoHands
from incidentctl.checks.interface import NoChecks
from incidentctl.clock import Clock, random_letters
from incidentctl.comms.interface import Texts
from incidentctl.desks import Desk, Desks, sentences_of
from incidentctl.errors import Conflict, NotAllowed, Refused, StoreUnreachable
from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.events import ActionEnded, ActionStarted, Event, EvidenceTaken
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Layer, Mode
from incidentctl.journal.interface import Journal
from incidentctl.record import record
from incidentctl.runbook.model import Runbook
from incidentctl.terminal.interface import Noted, Prompter, Replied, Screen, Withdrawn
from incidentctl.text.redact import redact
from incidentctl.walker import acts, cadence, pager, walk
from incidentctl.walker.due import moments
from incidentctl.walker.orders import order_of
from incidentctl.walker.posting import saying_where
from incidentctl.walker.replies import Reply, Word
from incidentctl.walker.requests import (
    Ask,
    AskFeature,
    AskSnoozeReason,
    AskUpdate,
    AskUpdateText,
    ConfirmSent,
    Request,
    WatchAction,
    WatchPosts,
)
from incidentctl.watching import Watching

_LAST_LINES: Final = 10
_UPDATE_GOES_ON = (AskUpdateText, WatchPosts, ConfirmSent, AskSnoozeReason)
"""What belongs to one update, after its first question."""


@record
class Opening:
    """What `start` knows about an incident before it exists."""

    mode: Mode
    layers: tuple[Layer, ...]
    title: str = ""
    severity: str | None = None
    affects: tuple[str, ...] = ()
    alert: AlertReceived | None = None


class Session:
    """One person's work on the incidents of one store.

    `pinned` makes the Runbook from an incident's layers, and says loudly where it had to take the built-in one.
    `watching` is the machine's part: checks and commands that run beside the prompts.
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
        watching: Watching | None = None,
    ) -> None:
        self._prompter = prompter
        self._texts = texts
        self._clock = clock
        self._me = me
        self._pinned = pinned
        self._watching = watching or Watching(lambda _book, _incident: NoChecks(), NoHands())
        self._ended: list[Event] = []
        self._desks = Desks(journal, clock, me, pinned, prompter.tell)

    # --- opening and walking --------------------------------------------------------------------------------

    def open(self, book: Runbook, opening: Opening) -> str:
        """Record a new incident, all of its opening or nothing, and return its id: `20261123-0312-abc`, in UTC.

        Titles, names of services and the pinned layers are redacted first.  Raises NotAllowed, Refused,
        StoreUnreachable.
        """
        layers = tuple(map(without_secrets.of_layer, opening.layers))
        title, affects = redact(opening.title), tuple(map(redact, opening.affects))
        desk = self._record_opening(book, replace(opening, title=title, affects=affects, layers=layers))
        if layers != opening.layers:
            # What is shown from here on must not hold what the journal may not hold.
            desk.book = self._pinned(desk.incident)
            self._prompter.tell("The runbook holds what looks like a secret: it is shown as <redacted> from here on.")
        return desk.incident.id

    def _record_opening(self, book: Runbook, opening: Opening) -> Desk:
        while True:
            now = self._clock.now()
            desk = Desk(book, Incident(f"{now:%Y%m%d-%H%M}-{random_letters(3)}"))
            events = acts.opened(
                book, service=book.service, title=opening.title, mode=opening.mode, layers=opening.layers,
                severity=opening.severity, affects=opening.affects, now=now, alert=opening.alert,
            )  # fmt: skip
            try:
                self._desks.append(desk, events)
            except Conflict:  # three letters that are taken already
                continue
            self._desks.keep(desk)
            return desk

    def walk(self, incident_id: str) -> None:
        """Ask, until nothing is left to ask.

        Whatever ends it early (KeyboardInterrupt, AnswerNeeded, NotAllowed from a script, StoreUnreachable) loses the
        open question and nothing else.  Where others are there, they are told that nobody answers here any more.
        """
        desk = self._desks.of(incident_id)
        self._watching.begin(desk.book, desk.incident)
        try:
            while (request := self._next(desk)) is not None:
                self._turn(desk, request, self._asked_by_the_walk(desk, request))
            self._hear_out(desk)
        finally:
            with suppress(StoreUnreachable):
                self.act(incident_id, acts.Leave(self._me))

    def _request(self, desk: Desk) -> Request | None:
        return walk.request(desk.book, desk.incident, self._clock.now(), self._me)

    def _next(self, desk: Desk) -> Request | None:
        """What to ask now, with what the checks have found by now; a script waits for them, a person never does."""
        while True:
            request = self._request(desk)
            if request is None:
                return None
            self._watching.want(request)
            if self._prompter.patient:
                self._watching.settle(request)
            if not self._absorb(desk) and not self._looks_again(desk, request):
                self._tell_ended(desk)
                return request

    def _hear_out(self, desk: Desk) -> None:
        """After the last question: what was asked of PagerDuty is waited for, for nobody could see it come later."""
        if pager.is_under_way(desk.incident):
            self._watching.pager.settle()
            self._absorb(desk)
            self._tell_ended(desk)

    def _looks_again(self, desk: Desk, request: Request) -> bool:
        now = self._clock.now()
        return self._prompter.patient and self._watching.looks_again(desk.book, desk.incident, request, now)

    def resume(self, incident_id: str, said: Sequence[str]) -> None:
        """Record that somebody goes on, say what changed while they were away (`said`), and walk."""
        for line in said:
            self._prompter.tell(line)
        self.act(incident_id, acts.Resume(self._me))
        self.walk(incident_id)

    # --- single acts ----------------------------------------------------------------------------------------

    def act(self, incident_id: str, act: acts.Act) -> Incident:
        """Record one act outside the walk, its secrets redacted, and return where the incident stands then.

        Raises NotAllowed and Refused where it may not be; where another writer was first it is judged again.
        """
        desk, act = self._desks.of(incident_id), without_secrets.of_act(act)
        while True:
            try:
                if events := acts.act(desk.book, desk.incident, act, self._clock.now()):
                    self._desks.append(desk, events)
            except Conflict:
                self._desks.catch_up(desk)
            else:
                return desk.incident

    def update(self, incident_id: str) -> Incident:
        """Ask for one update, with all that belongs to it, and nothing else."""
        self._once(incident_id, walk.update_now)
        desk = self._desks.of(incident_id)
        while self._go_on(desk, _UPDATE_GOES_ON):
            pass
        return desk.incident

    def hand_over(self, incident_id: str) -> Incident:
        """Ask whoever was offered the command whether they take it.  Raises Refused where nobody was (P-ROLE-5)."""
        return self._once(incident_id, walk.handoff_now)

    def resolve(self, incident_id: str) -> Incident:
        """Ask for the verification, without the walk."""
        self._once(incident_id, walk.resolve_now)
        desk = self._desks.of(incident_id)
        self._hear_out(desk)
        return desk.incident

    def _once(self, incident_id: str, first: Callable[[Runbook, Incident, datetime], Request]) -> Incident:
        desk = self._desks.of(incident_id)
        while True:
            request = first(desk.book, desk.incident, self._clock.now())
            replied = self._turn(desk, request, self._desks.nobody_wrote(desk))
            if replied and not isinstance(request.ask, AskFeature):  # which only comes before the question itself
                return desk.incident

    def _go_on(self, desk: Desk, kinds: tuple[type[Ask], ...]) -> bool:
        request = self._next(desk)
        if request is None or not isinstance(request.ask, kinds):
            return False
        self._turn(desk, request, self._asked_by_the_walk(desk, request))
        return True

    # --- one question ---------------------------------------------------------------------------------------

    def _turn(self, desk: Desk, request: Request, still_open: Callable[[], bool]) -> bool:
        """Ask once; True where a reply was recorded."""
        prepared = self._prepared(desk, request)
        self._watching.warm_up_once()
        try:
            outcome = self._prompter.ask(prepared, self._screen(desk, prepared, still_open))
        except KeyboardInterrupt:
            if not self._stopped_what_runs():
                raise
            return False
        self._tell_ended(desk)
        match outcome:
            case Replied(reply=Word(value="stop")) if isinstance(request.ask, WatchAction):
                return self._stopped_what_runs()
            case Replied(reply=reply):
                return self._replied(desk, prepared, without_secrets.of_reply(reply))
            case Noted(text=text):
                self.act(desk.incident.id, acts.AddNote(text, None))
            case Withdrawn():
                self._desks.catch_up(desk)
        return False

    def _prepared(self, desk: Desk, request: Request) -> Request:
        asked = self._watching.as_it_can_be(desk.book, desk.incident, request)
        prepared = self._texts.prepare(asked, desk.book, desk.incident, self._clock.now())
        goes = self._watching.where_it_goes(desk.book, desk.incident) if isinstance(request.ask, AskUpdate) else ""
        return saying_where(prepared, goes) if goes else prepared

    def _screen(self, desk: Desk, request: Request, still_open: Callable[[], bool]) -> Screen:
        def live() -> tuple[str, ...]:
            return self._watching.lines(desk.book, desk.incident, request, self._clock.now())

        def proposed() -> Reply | None:
            now = self._request(desk)
            same = now is not None and now.prompt == request.prompt
            return self._watching.while_looking(now).default if now is not None and same else request.default

        is_live = bool(request.evidence) or desk.incident.tree.running is not None
        answered, desk.answered = desk.answered, set()
        return Screen(
            desk.incident, self._clock.now, still_open, live, proposed if is_live else None, answered,
            lambda: moments(desk.incident, self._clock.now(), desk.book, request.phase, self._me),
        )  # fmt: skip

    def _stopped_what_runs(self) -> bool:
        """Ctrl-C stops the command and not the incident; False where nothing runs."""
        if not self._watching.runs:
            return False
        if self._watching.stop():
            self._prompter.tell("Stopping the command; the incident goes on. Once it has ended, Ctrl-C stops here.")
        return True

    def _replied(self, desk: Desk, request: Request, reply: Reply) -> bool:
        try:
            now = self._clock.now()
            events = walk.decide(desk.book, desk.incident, request, reply, now)
            # What cannot be run is refused before anything is recorded; what can is recorded before it is run.
            begun = [event for event in events if isinstance(event, ActionStarted)]
            orders = [without_secrets.whole(order_of(desk.book, desk.incident, event, now)) for event in begun]
            self._desks.append(desk, [without_secrets.of_event(event) for event in events], request.prompt)
            for order in orders:
                self._watching.start(order)
            self._watching.send_out(desk.incident, events)
            self._send(desk)
        except (NotAllowed, Refused) as error:
            self._prompter.refused(error.message, error.hint)
            return False
        except Conflict:
            self._prompter.take_back()
            self._desks.catch_up(desk)
            self._prompter.tell("Your answer was not recorded, because of that. Please look again.")
            return False
        return True

    def _asked_by_the_walk(self, desk: Desk, asked: Request) -> Callable[[], bool]:
        """The prompt is still the one to ask: nobody wrote, and nothing fell due (P-COMMS-3, P-ROLL-4).

        What the checks found meanwhile is recorded here, while the prompt is open.
        """
        nobody_wrote = self._desks.nobody_wrote(desk)

        def still_open() -> bool:
            if not nobody_wrote():
                return False
            self._watching.want(asked)
            self._absorb(desk)
            request = self._request(desk)
            return request is not None and cadence.stands(asked, request)

        return still_open

    def _absorb(self, desk: Desk) -> bool:
        """Record what the machine found and ended; True where there was anything."""
        now = self._clock.now()
        events = self._watching.news(desk.book, desk.incident, now)
        events = events or walk.sent_by_servers(desk.book, desk.incident, now)
        if not events:
            return False
        self._ended += [event for event in events if not isinstance(event, EvidenceTaken)]
        while True:
            try:
                self._desks.append(desk, events)
            except Conflict:
                self._desks.catch_up(desk)
            else:
                return True

    def _send(self, desk: Desk) -> None:
        """What a person has just let go out: written down, and then sent."""
        while going := self._watching.outgoing(desk.book, desk.incident):
            try:
                self._desks.append(desk, [one.started for one in going])
            except Conflict:
                self._desks.catch_up(desk)
                continue
            for one in going:
                self._watching.outbox.begin(desk.incident, one, again=False)

    def _tell_ended(self, desk: Desk) -> None:
        """How what ran has ended, and the last of what it said."""
        now = self._clock.now()
        ended, self._ended = walk.to_tell(desk.book, desk.incident, self._ended, now), []
        for event in ended:
            # What was interrupted is asked about, and its lines stand above that question.
            if isinstance(event, ActionEnded) and event.result != "interrupted":
                for line in event.output[-_LAST_LINES:]:
                    self._prompter.tell(f"  {line}")
            self._prompter.tell(sentences_of(desk.book, desk.incident).short(event, now))
