"""A walk without a terminal, a store or a clock of its own: tests say what happens, in the words of the process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from incidentctl.incident.entry import Entry, occurred_at
from incidentctl.incident.events import Event, EvidenceTaken, IncidentOpened
from incidentctl.incident.fold import apply
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Answer, Evidence, Row, Text
from incidentctl.runbook.model import (
    Action,
    AllClear,
    Audience,
    Comms,
    Condition,
    Item,
    Level,
    Note,
    Omitted,
    Question,
    Runbook,
    Signal,
    Template,
)
from incidentctl.walker import acts, evidence, walk
from incidentctl.walker.replies import Raw, Reply, Typed, read_reply
from incidentctl.walker.requests import AskChannel, AskUpdate, Phase, Request
from incidentctl.walker.running import Result
from incidentctl.walker.scene import Scene

WELL = Result(ok=True, status=0, output=("all done",))
STOPPED = Result(ok=False, status=-2, output=("half done",), stopped=True)
START = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


ROLLBACK = Action(
    "roll-back",
    "Roll back the last deploy",
    kind="rollback",
    run="kubectl rollout undo deployment/checkout -n shop",
    undo="kubectl rollout undo deployment/checkout -n shop",
    takes=minutes(5),
    blocked_by=("migrated",),
)
TREE = (
    Question("recent-deploy", "Was there a deploy in the last 6 hours?", within=timedelta(hours=6), if_yes=(ROLLBACK,)),
    Question(
        "slow-database",
        "Is a database query slow?",
        if_yes=(Action("end-queries", "End the long queries", takes=minutes(2), undo="nothing to undo"),),
    ),
    Question(
        "queue-backlog",
        "Is the queue long?",
        if_yes=(
            Question(
                "consumers-restarting",
                "Are the consumers restarting?",
                if_yes=(Action("raise-memory", "Raise their memory limit"),),
                if_no=(Action("restart-consumer", "Restart one consumer"),),
            ),
        ),
    ),
    Question("external-dependency", "Is an external dependency failing?", if_yes=(Note("look", "Look at its page."),)),
    Omitted("cache-stampede", "Is there a cache stampede?", "it has no cache"),
)
LEVELS = (
    Level(
        "P1",
        "down",
        (
            Condition("down"),
            Condition("error_rate > 5%", "error_rate", ">", 0.05),
            Condition("latency_p99 > 5x baseline", "latency_p99", ">", 5, times_baseline=True),
        ),
        ("on-call", "lead", "ic-backup", "comms-lead"),
        minutes(30),
    ),
    Level(
        "P2",
        "degraded",
        (
            Condition("degraded"),
            Condition("error_rate >= 0.5%", "error_rate", ">=", 0.005),
            Condition("latency_p99 >= 2x baseline", "latency_p99", ">=", 2, times_baseline=True),
        ),
        ("on-call", "lead"),
        minutes(60),
    ),
    Level("P3", "cosmetic", (Condition("cosmetic"), Condition("one user")), (), None, "4 business hours", tree=False),
)
BOOK = Runbook(
    service="checkout",
    title="Checkout",
    levels=LEVELS,
    first_minutes=(
        Item("acknowledge", "Acknowledge the page"),
        Item("channel", "Open the incident channel"),
        Item("dashboards", "Pull up the dashboards"),
        Item("severity", "Decide the severity"),
        Item("page", "Page"),
        Item("freeze-deploys", "Freeze deploys"),
    ),
    tree=TREE,
    comms=Comms(
        "paying", (Audience("customers"), Audience("internal")), (Template("customers", "x"), Template("internal", "x"))
    ),
    all_clear=AllClear(
        minutes(10), (Item("customers-told", "Customers told"), Item("post-mortem", "Post-mortem created"))
    ),
    signals={"error_rate": Signal("error_rate", "ratio"), "latency_p99": Signal("latency_p99", "s", 0.18)},
)


def with_drafts(request: Request) -> Request:
    """The request as the session hands it to the prompter: its texts made."""
    if isinstance(request.ask, AskChannel):
        name = "incident-20261123-0312"
        return replace(request, ask=replace(request.ask, proposed=name), default=Typed(name))
    if not isinstance(request.ask, AskUpdate):
        return request
    due = f"{request.ask.next_update_at:%H:%M}" if request.ask.next_update_at else "never"
    drafts = tuple(Text(name, f"{name}: {request.ask.phase}, next {due}") for name in ("customers", "internal"))
    still = tuple(Text(text.audience, f"no news. {text.text}") for text in drafts)
    return replace(request, ask=replace(request.ask, drafts=drafts, still=still))


@dataclass
class Story:
    """One incident as it goes: `says` answers the open prompt, `passes` lets time go by, `does` acts from outside."""

    book: Runbook = BOOK
    now: datetime = START
    incident: Incident = field(default_factory=lambda: Incident("20261123-0312-abc"))
    entries: list[Entry] = field(default_factory=list)
    author: str = "ada"

    @property
    def request(self) -> Request | None:
        """What is asked now."""
        return walk.request(self.book, self.incident, self.now)

    @property
    def asked(self) -> str | None:
        """The id of the open prompt; None at the end."""
        request = self.request
        return request.prompt if request else None

    @property
    def phase(self) -> Phase:
        """Where the walk is."""
        return walk.phase(self.book, self.incident, self.now)

    def kinds(self) -> list[str]:
        """The names of the events so far."""
        return [type(entry.event).__name__ for entry in self.entries]

    def passes(self, time: timedelta) -> Story:
        """Time goes by."""
        self.now += time
        return self

    def says(self, raw: Raw | None = None) -> Story:
        """Answers the open prompt; None is Enter."""
        request = self.request
        assert request is not None, "nothing is asked"
        request = with_drafts(request)
        reply = read_reply(request.prompt, request.accepts, raw) if raw is not None else request.default
        assert reply is not None, f"{request.prompt} has no default"
        return self.replies(request, reply)

    def replies(self, request: Request, reply: Reply) -> Story:
        """Answers a given request."""
        self.happens(walk.decide(self.book, self.incident, request, reply, self.now), request.prompt)
        return self

    def answers(self, **by_prompt: Raw | None) -> Story:
        """Answers the prompts of these ids (`__` for `.`, `_` for `-`) one after the other, which must come so."""
        for name, raw in by_prompt.items():
            prompt = name.replace("__", ".").replace("_", "-")
            assert self.asked == prompt, f"expected {prompt}, asked {self.asked}"
            self.says(raw)
        return self

    def sees(
        self, subject: str, answer: str = "unknown", *, number: float | None = None, rows: tuple[Row, ...] = ()
    ) -> Story:
        """A check finds something, now."""
        found = Evidence(subject, "test", Answer(answer), f"said {answer}", self.now, rows, number)
        judged = evidence.judged(Scene(self.book, self.incident, self.now), found)
        if evidence.is_news(self.incident.evidence.get(subject), judged, evidence.acted_at(self.incident), self.now):
            self.happens([EvidenceTaken(judged)])
        return self

    def ends(self, result: Result = WELL) -> Story:
        """What the program runs comes to its end."""
        self.happens(walk.ran(self.book, self.incident, result, self.now))
        return self

    def does(self, what: acts.Act) -> Story:
        """An act from outside the walk."""
        self.happens(acts.act(self.book, self.incident, what, self.now))
        return self

    def happens(self, events: list[Event], prompt: str | None = None) -> None:
        """Appends, as the session does."""
        for event in events:
            seq = self.incident.seq + 1
            moment = occurred_at(event, self.now)
            role = self.incident.role_of(self.author)
            entry = Entry(f"{seq:032x}", seq, moment, self.now, self.author, role, prompt, event)
            self.entries.append(entry)
            self.incident = apply(self.incident, entry)

    def waits_at(self, prompt: str) -> Story:
        """Deals with whatever interrupts, without a rollback, until that prompt is open again."""
        while self.asked != prompt:
            self.says(CALM.get(self.asked or ""))
        return self

    def until(self, prompt: str) -> Story:
        """Enter, until that prompt is asked."""
        for _ in range(60):
            if self.asked == prompt:
                return self
            self.says()
        raise AssertionError(f"{prompt} was never asked; stuck at {self.asked}")


CALM = {
    "mitigation.reconsider": "fix-forward",
    "mitigation.blocker": "faster",
    "mitigation.reason": "nearly there",
}


def opened(book: Runbook = BOOK, *, severity: str | None = None, title: str = "Payments fail") -> Story:
    """A story whose incident has just been opened."""
    story = Story(book)
    events = acts.opened(
        book,
        service=book.service,
        title=title,
        mode="real",
        layers=(),
        severity=severity,
        affects=(),
        now=story.now,
    )
    assert isinstance(events[0], IncidentOpened)
    story.happens(events)
    return story


def at_tree(book: Runbook = BOOK, *, impact: Raw = ("down",)) -> Story:
    """A story that stands at the first question of the tree, every update sent."""
    story = opened(book).until("triage.impact").says(impact)
    return story.until(f"tree.{book.tree[0].id}")
