"""The machine's part of a walk: what the checks found, and what the program runs, beside the open question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event as Pause
from typing import Final

from incidentctl.actions.interface import Hands, Run
from incidentctl.checks.interface import NoChecks, Watch
from incidentctl.comms.interface import NoOutbox, NoPager, NoRooms, Outbox, Pager, Rooms
from incidentctl.incident.events import Event, EvidenceTaken
from incidentctl.incident.paging import PagerAsked, PageStarted
from incidentctl.incident.rooms import RoomStarted
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Answer, Evidence
from incidentctl.reports import paging as pages
from incidentctl.runbook.model import Runbook
from incidentctl.terminal.interface import LOOKING
from incidentctl.text.escape import clean
from incidentctl.text.sparkline import sparkline
from incidentctl.text.times import span
from incidentctl.walker import due, evidence, lasting, pager, paging, posting, rooms, tree, walk
from incidentctl.walker.orders import Order
from incidentctl.walker.replies import Word
from incidentctl.walker.requests import AskChannel, AskImpact, AskPage, AskRecovered, ConfirmRecovery, Request
from incidentctl.walker.scene import Scene

_FRESH: Final = timedelta(minutes=1)
_LIVE: Final = timedelta(seconds=5)
"""How old evidence may be: at most questions, and where somebody watches whether the numbers come back."""
_HOPE: Final = timedelta(minutes=1)
"""How long a script waits for the numbers to come back; a person waits for as long as they like."""
_BETWEEN: Final = 1.0
_LAST_LINES: Final = 5


@dataclass(slots=True)
class Watching:
    """What runs beside the prompts of one walk.

    `watch_of` makes the checks of a runbook, once.  `warm_up` is called when the first prompt is about to be drawn; it
    must return at once.
    """

    watch_of: Callable[[Runbook, Incident], Watch]
    hands: Hands
    warm_up: Callable[[], None] | None = None
    outbox: Outbox = field(default_factory=NoOutbox)
    pager: Pager = field(default_factory=NoPager)
    rooms: Rooms = field(default_factory=NoRooms)
    _watch: Watch = field(default_factory=NoChecks)
    _began: bool = False
    _hoped_for: str = ""
    _hopes_until: datetime | None = None
    _run: Run | None = None
    _stopping: Run | None = None
    _latest: dict[str, Evidence] = field(default_factory=dict)
    _given_up: list[Event] = field(default_factory=list)

    def warm_up_once(self) -> None:
        """The first prompt is about to be drawn."""
        if self.warm_up is not None:
            self.warm_up()
            self.warm_up = None

    def begin(self, book: Runbook, incident: Incident) -> None:
        """Ask everything that the runbook measures, once; nobody waits for it."""
        if not self._began:
            self._began = True
            self._watch = self.watch_of(book, incident)
            self._watch.wish([measure.subject for measure in evidence.measures(book)])
            for going in posting.unheard_of(book, incident):
                self.outbox.begin(incident, going, again=True)
            for page in paging.unheard_of(incident):
                self.pager.begin(incident, page, again=True)
            self._given_up = [*rooms.given_up(incident), *pager.given_up(incident)]

    def send_out(self, incident: Incident, events: Sequence[Event]) -> None:
        """Page those, open the channel, acknowledge or resolve, as a person has just said; that is written down."""
        for event in events:
            if isinstance(event, PageStarted):
                self.pager.begin(incident, event, again=False)
            elif isinstance(event, RoomStarted):
                self.rooms.begin(event)
            elif isinstance(event, PagerAsked):
                self.pager.ask(event)

    def as_it_can_be(self, book: Runbook, incident: Incident, request: Request) -> Request:
        """The question with what can be done from here, and with what is not yet known."""
        if isinstance(request.ask, AskPage) and incident.mode == "real":
            return paging.offered(request, book, self.pager.name())
        if isinstance(request.ask, AskChannel) and incident.mode == "real":
            return rooms.offered(request, self.rooms.name())
        if (more := pager.word(request, incident)) and self.pager.name():
            return pager.offered(request, more)
        return self.while_looking(request)

    def outgoing(self, book: Runbook, incident: Incident) -> Sequence[posting.Outgoing]:
        """What of the open update can go out through a channel now."""
        return posting.outgoing(book, incident, self.outbox.names(book)) if incident.comms.pending else ()

    def where_it_goes(self, book: Runbook, incident: Incident) -> str:
        """What `send` does, for the person who is about to choose it; empty where everything is copied by hand."""
        names = self.outbox.names(book) if incident.mode == "real" else {}
        audiences = [audience.name for audience in book.comms.audiences]
        rest = "" if set(audiences) <= names.keys() else "; the rest is yours to copy"
        return f"{posting.GOES_TO}{', '.join(names.values())}{rest}" if names else ""

    def want(self, request: Request) -> None:
        """What the question rests on is taken anew where it is too old."""
        self._watch.wish(request.evidence, _LIVE if _is_live(request) else _FRESH)

    def settle(self, request: Request) -> None:
        """Wait for what the question rests on, and for what runs: nobody sits here who could see it come."""
        self._watch.settle(request.evidence)
        self.outbox.settle()
        self.pager.settle()
        self.rooms.settle()
        if self._run is not None:
            self._run.wait()

    def looks_again(self, book: Runbook, incident: Incident, request: Request, now: datetime) -> bool:
        """Let a moment pass and look once more, where the numbers are watched and are not back yet; False where not.

        A person sees them come back.  A script that took its default at once would always say that they did not.
        """
        scene = Scene(book, incident, now)
        measured = evidence.recovered(scene, None) is not Answer.UNKNOWN
        if not _is_live(request) or not measured or request.default == Word("yes"):
            return False
        if self._hopes_until is None or self._hoped_for != request.prompt:
            self._hoped_for, self._hopes_until = request.prompt, scene.now + _HOPE
        if scene.now >= self._hopes_until:
            return False
        self._watch.wish(request.evidence)
        if not self._watch.pending():
            return False  # nobody measures
        Pause().wait(_BETWEEN)
        return True

    def start(self, order: Order) -> None:
        """Run it, in the background."""
        self._run = self.hands.start(order)

    @property
    def runs(self) -> bool:
        """Whether something is running now."""
        return self._run is not None and self._run.result() is None

    def stop(self) -> bool:
        """Stop what runs; True the first time that somebody wants that."""
        first, self._stopping = self._stopping is not self._run, self._run
        if self._run is not None:
            self._run.stop()
        return first

    def news(self, book: Runbook, incident: Incident, now: datetime) -> list[Event]:
        """What came to be known since this was last asked: evidence that says something new, the end of a run."""
        events: list[Event] = []
        for found in self._watch.take():
            judged = evidence.judged(Scene(book, incident, now), found)
            self._latest[judged.subject] = judged
            if evidence.is_news(incident.evidence.get(judged.subject), judged, evidence.acted_at(incident), now):
                events.append(EvidenceTaken(judged))
        events += self.outbox.take()
        self.pager.look(paging.awaited(Scene(book, incident, now)))
        events += paging.news(incident, self.pager.take())
        events += [*self._given_up, *rooms.news(incident, self.rooms.take())]
        self._given_up = []
        self.rooms.head(*rooms.topic(incident))
        result = self._run.result() if self._run else None
        if result is not None:
            self._run = None
            events += walk.ran(book, incident, result, now)
            self._watch.wish(evidence.signal_subjects(book))
        return events

    def lines(self, book: Runbook, incident: Incident, request: Request, now: datetime) -> tuple[str, ...]:
        """What stands above the open question and changes while it is open."""
        scene = Scene(book, self._as_it_is_now(incident), now)
        found = [*evidence.lines(scene, request.evidence), *self._waiting(scene, request)]
        paged = pages.lines(incident, now, self.pager.trouble(), self.rooms.trouble())
        return (*found, *self._trends(scene, request), *self._running(scene), *paged)

    def _as_it_is_now(self, incident: Incident) -> Incident:
        """With what was measured since the journal heard of it, where that says the same."""
        seen = dict(incident.evidence)
        for name, latest in self._latest.items():
            if name in seen and latest.answer is seen[name].evidence.answer:
                seen[name] = replace(seen[name], evidence=latest)
        return replace(incident, evidence=seen)

    def while_looking(self, request: Request) -> Request:
        """As long as a measurement has not come, Enter says that nobody is sure, and never that nothing holds."""
        looking = isinstance(request.ask, AskImpact) and not self._watch.pending().isdisjoint(request.evidence)
        return replace(request, default=Word("unsure")) if looking and request.default == Word("none") else request

    def _waiting(self, scene: Scene, request: Request) -> Sequence[str]:
        pending = self._watch.pending()
        asked = [name for name in request.evidence if name in pending and name not in scene.incident.evidence]
        return [LOOKING] if asked else []

    def _trends(self, scene: Scene, request: Request) -> Sequence[str]:
        """How each signal went, where somebody watches whether it comes back."""
        if not _is_live(request) or not request.evidence:
            return []
        drawn = {s.name: sparkline(self._watch.numbers(evidence.subject(s.name))) for s in scene.book.signals.values()}
        return [*(f"{name} {line}" for name, line in drawn.items() if line), *_clock(scene, request)]

    def _running(self, scene: Scene) -> Sequence[str]:
        """What runs, and whether it lasts longer than anybody thought."""
        running = scene.incident.tree.running
        if self._run is None or running is None:
            return []
        lasts, late = span(scene.now - running.started_at), lasting.overrun(scene.book, running, scene.now)
        head = f"{clean(running.text)} runs since {lasts}{late}:"
        return [head, *(f"  {line}" for line in self._run.lines(_LAST_LINES))]


def _clock(scene: Scene, request: Request) -> Sequence[str]:
    """How long it was watched, or has been quiet, of how long it should be (P-TREE-5, P-CLEAR-1)."""
    if isinstance(request.ask, AskRecovered):
        ended = request.ask.since
        return [f"Watched for {span(scene.now - ended)} of {span(tree.WATCHED_FOR)}."] if ended else []
    if still := evidence.holding(scene):
        return [f"Not quiet, this still holds: {clean(', '.join(still))}."]
    since, stable = evidence.steady_since(scene), due.stable(scene)
    if since is None or stable is None:
        return []
    if stable.has_come(scene.now):
        return ["Quiet for long enough."]
    return [f"Quiet for {span(scene.now - since)}; {span(stable.at - scene.now)} to go."]


def _is_live(request: Request) -> bool:
    """Whether somebody watches for the numbers to come back."""
    return isinstance(request.ask, AskRecovered | ConfirmRecovery)
