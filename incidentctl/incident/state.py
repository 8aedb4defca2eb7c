"""Where an incident stands: what `fold` makes of its journal.  Frozen; derived; never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Final, Literal

from incidentctl.incident.alert import AlertReceived
from incidentctl.incident.facts import ActionKind
from incidentctl.incident.names import same_person
from incidentctl.incident.paging import PagerAct, PagerResult, PageStarted
from incidentctl.incident.rooms import RoomEnded, RoomStarted
from incidentctl.incident.words import Answer, Choice, CommsPhase, Evidence, Layer, Measured, Mode, Process, Text
from incidentctl.record import record

ROLES: Final = ("ic", "comms-lead", "engineer")
FIRST_UPDATE_GRACE: Final = timedelta(minutes=5)
UPDATE_GRACE: Final = timedelta(seconds=30)


@record
class Impact:
    """What was said about the impact, and what it proposes."""

    conditions: tuple[str, ...]
    numbers: tuple[Measured, ...]
    unsure: bool
    proposed: str


@record
class Severity:
    """The level that holds now; `decided_at` is when the first level was decided."""

    level: str
    rank: int
    proposed: str
    update_every: timedelta | None
    tree: bool
    decided_at: datetime
    reason: str = ""


@record
class Posted:
    """What became of one audience's text of the open update; see `PostEnded`."""

    channel: str
    key: str
    result: Literal["started", "sent", "failed", "perhaps"] = "started"
    reason: str = ""
    url: str = ""


@record
class Update:
    """A text that was written, and is not yet known to be sent.  `posts` went out through channels, by audience."""

    kind: Literal["send", "no-progress", "edit"]
    phase: CommsPhase
    made_at: datetime
    next_update_at: datetime | None
    texts: tuple[Text, ...]
    edited: bool = False
    posts: Mapping[str, Posted] = field(default_factory=dict)


@record
class AskedFor:
    """Somebody asked for an update; `reason` may be empty."""

    by: str
    reason: str
    at: datetime


@record
class Comms:
    """The updates so far (P-COMMS).

    `due_at`: when the next one is due, None where none will be.  `quiet_until`: no reminder before, after a snooze
    or a failed sending; it never moves `due_at`.  `seat_asked_after`: how many updates were counted when the comms
    seat was last offered, None where it was not yet; `ic_asked_after` the same of the commander's.
    `requests` are those that no update has answered yet, `last_sent_at` is when somebody last said that one was out.
    `threads`: by audience, what its channel calls this incident.
    `begun_by` wrote, edited or put off an update last, at `begun_at`: the rest of it is theirs.
    """

    feature: str = ""
    due_at: datetime | None = None
    quiet_until: datetime | None = None
    snooze_unexplained: bool = False
    pending: Update | None = None
    sent: int = 0
    late: int = 0
    last_made_at: datetime | None = None
    last_phase: CommsPhase | None = None
    last_texts: tuple[Text, ...] = ()
    last_seq: int = 0
    seat_asked_after: int | None = None
    ic_asked_after: int | None = None
    last_sent_at: datetime | None = None
    requests: tuple[AskedFor, ...] = ()
    threads: Mapping[str, str] = field(default_factory=dict)
    begun_by: str = ""
    begun_at: datetime | None = None


@record
class Said:
    """The answer to a question of the tree, in this round."""

    text: str
    answer: Answer
    at: datetime
    reason: str = ""


@record
class Done:
    """What became of one action, rollback, or fix.  Empty strings: not yet known; `at` is when it ended.

    `given_up`: it failed, and nobody tries it again.
    """

    result: Literal["", "done", "failed", "skipped"] = ""
    at: datetime | None = None
    recovered: Answer | None = None
    undo: Literal["", "done", "keep"] = ""
    given_up: bool = False


@record
class Running:
    """What the program was told to run.  `interrupted`: nobody watches it any more, and it may have run in part.

    `output` is what it had said by then.
    """

    step: str
    text: str
    kind: ActionKind
    command: str
    started_at: datetime
    shell: bool = False
    estimate: timedelta | None = None
    how: str = "run"
    interrupted: bool = False
    output: tuple[str, ...] = ()


@record
class Seen:
    """What a check says now, and since when it has said so without a break."""

    evidence: Evidence
    since: datetime


@record
class ActionRecord:
    """One line of `status --json`'s actions."""

    step: str
    kind: str
    result: str
    estimate: timedelta | None
    took: timedelta | None


@record
class Lasted:
    """How long something took that was done, from its start to its end."""

    step: str
    kind: ActionKind
    took: timedelta


@record
class Tree:
    """The walk through the decision tree.  `earlier` are the answers of rounds before a reopening.

    `running` is what the program runs now, `ran` the exit status of commands that are no part of the tree.  `lasted`
    is in the order of the journal; what failed, was skipped, or ended while nobody looked is not in it.
    """

    answers: Mapping[str, Said] = field(default_factory=dict)
    earlier: Mapping[str, Said] = field(default_factory=dict)
    hypotheses: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[tuple[str, str], str] = field(default_factory=dict)
    steps: Mapping[str, Done] = field(default_factory=dict)
    actions: tuple[ActionRecord, ...] = ()
    lasted: tuple[Lasted, ...] = ()
    running: Running | None = None
    ran: Mapping[str, int | None] = field(default_factory=dict)
    latest: str = ""


@record
class Mitigation:
    """The choice that holds for one rollback."""

    choice: Choice
    step: str
    again: bool
    at: datetime
    blocker: str = ""
    reason: str = ""
    estimate: timedelta | None = None


@record
class Clear:
    """The end: `given_at` the all clear, then the checklist.  `outstanding` items keep it from being closed."""

    given_at: datetime | None = None
    early: bool = False
    items: Mapping[str, Literal["", "done", "later"]] = field(default_factory=dict)
    ticket: str = ""
    note: str = ""


@record
class Paging:
    """What became of the latest page of one role that the program sent itself, or that somebody waits for.

    `by-hand`: a person has to page them; `called`: one did, and waits for an answer.  Of a page that was by hand from
    its beginning, `started` knows the role and the time for an answer alone.  `at` is when it was let go, `waits_from`
    from when an answer is waited for; `by` acknowledged it `answered_at`.  `asked` is how often somebody was asked what
    to do about the silence, `times` how often the role was paged so.
    """

    started: PageStarted
    at: datetime
    waits_from: datetime
    result: Literal["started", "sent", "failed", "perhaps", "by-hand", "called"] = "started"
    id: str = ""
    url: str = ""
    reason: str = ""
    by: str = ""
    answered_at: datetime | None = None
    asked: int = 0
    times: int = 1


@record
class Handoff:
    """The command was offered to `incoming`, who has not accepted it yet (P-ROLE-5)."""

    outgoing: str
    incoming: str
    at: datetime


@record
class Incident:
    """Everything that the journal says, folded.

    `seq` is the last entry's number, 0 before the first; `news_seq` the last one that customers might hear of.
    `present` is who walks it: who opened or resumed it last.  `there` are all who answer at a terminal, as far as the
    journal says; `left` are those who did, and said that they went.  `choices` are the mitigation choices of this
    round, by rollback; `mitigation` is the latest.  `walked_at` is when the tree was last answered, from which actions
    count.  `commanded_since` is when the present incident commander took the role, None where nobody has it.  `paged`
    says of each role whether it was reached, `pages` what became of those whose answer somebody waits for,
    and `room` the same of the channel.  `paged_as` are the incidents that pages made at the server, by its ids, with
    their addresses; `pager` says what became of each that it was asked to acknowledge or resolve.  `alert` is the one
    that it began with, `later_alerts` are the latest others.
    """

    id: str
    seq: int = 0
    news_seq: int = 0
    service: str = ""
    title: str = ""
    mode: Mode = "real"
    process: Process = "full"
    timezone: str = "UTC"
    layers: tuple[Layer, ...] = ()
    opened_at: datetime | None = None
    opened_by: str = ""
    alert: AlertReceived | None = None
    later_alerts: tuple[AlertReceived, ...] = ()
    present: str = ""
    there: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    reopened_at: datetime | None = None
    last_at: datetime | None = None
    acknowledged_by: str = ""
    channel: str = ""
    room: RoomStarted | RoomEnded | None = None
    steps: Mapping[str, str] = field(default_factory=dict)
    impact: Impact | None = None
    severity: Severity | None = None
    paged: Mapping[str, bool] = field(default_factory=dict)
    pages: Mapping[str, Paging] = field(default_factory=dict)
    paged_as: Mapping[str, str] = field(default_factory=dict)
    pager: Mapping[tuple[PagerAct, str], PagerResult] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    commanded_since: datetime | None = None
    handoff: Handoff | None = None
    affected: tuple[str, ...] | None = None
    war_room: bool = False
    joined: tuple[str, ...] | None = None
    comms: Comms = Comms()
    tree: Tree = Tree()
    evidence: Mapping[str, Seen] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    mitigation: Mitigation | None = None
    walked_at: datetime | None = None
    decision_due_at: datetime | None = None
    recovered_at: datetime | None = None
    clear: Clear = Clear()
    unrecognised: int = 0

    @property
    def is_open(self) -> bool:
        """Not yet all clear, and not a ticket."""
        return self.clear.given_at is None

    @property
    def paged_at(self) -> datetime | None:
        """From when the five minutes of the triage count: the alert or the opening, whichever was first (P-FIRST-6)."""
        moments = (self.opened_at, self.alert.counts_from if self.alert else None)
        return min((moment for moment in moments if moment is not None), default=None)

    @property
    def needs_update(self) -> bool:
        """Customers are still owed a word: the next update, or the one that says it is over."""
        return self.comms.due_at is not None

    @property
    def condition(self) -> Literal["open", "resolved", "closed"]:
        """Open until the all clear, resolved until nothing is left for later, then closed (*The order*)."""
        if self.is_open:
            return "open"
        finished = all(result == "done" for result in self.clear.items.values())
        return "closed" if finished and not self.needs_update else "resolved"

    @property
    def comms_phase(self) -> CommsPhase:
        """What the next update says about the progress (P-COMMS-7)."""
        if self.clear.given_at is not None:
            return CommsPhase.RESOLVED
        if self.recovered_at is not None:
            return CommsPhase.MONITORING
        if any(said.answer is Answer.YES for said in self.tree.answers.values()):
            return CommsPhase.IDENTIFIED
        return CommsPhase.INVESTIGATING

    def holder(self, role: str) -> str:
        """Who holds `role` (`ic`, `comms-lead`, `engineer`); empty where it is vacant."""
        return self.roles.get(role, "")

    def role_of(self, name: str) -> str:
        """The role that `name` holds, or empty.  Names are compared trimmed and case-folded (P-ROLE-4)."""
        return next((role for role in ROLES if same_person(self.holder(role), name)), "")
