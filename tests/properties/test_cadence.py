"""The clock of the updates against its definition, which is written down here a second time (P-COMMS-1, P-COMMS-8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentctl.errors import Refused
from incidentctl.incident.events import UpdateSent
from incidentctl.walker import acts, walk
from incidentctl.walker.replies import Snooze, Word
from tests.walker.story import Story, minutes, opened, with_drafts

CADENCE = {"P1": minutes(30), "P2": minutes(60), "P3": None}
RANK = ("P1", "P2", "P3")
ANY_CLOCK_MAY_DIFFER = minutes(10)
MOVES = st.one_of(
    st.sampled_from([minutes(0), minutes(1), minutes(15), minutes(30), minutes(60), minutes(-60), minutes(-0.5)]),
    st.integers(-7200, 3 * 3600).map(lambda seconds: timedelta(seconds=seconds)),
)
SPANS = st.sampled_from([minutes(1), minutes(10), minutes(30), minutes(31), minutes(60), minutes(90)])
STEPS = st.one_of(
    st.tuples(st.just("passes"), MOVES),
    st.tuples(st.just("sends"), MOVES),
    st.tuples(st.just("sends to nobody"), MOVES),
    st.tuples(st.just("snoozes"), SPANS),
    st.tuples(st.sampled_from(RANK), st.just(minutes(0))),
    st.tuples(st.just("asks for one"), st.just(minutes(0))),
    st.tuples(st.sampled_from(["sends, then P1", "sends, then P2"]), MOVES),
)


@dataclass
class Promise:
    """What customers were promised, in the words of the process.

    `due` is the moment of the next update, `made` when the text of the last one was made, `sent` when somebody said
    that it is out, `quiet` until when the reminder sleeps, `wishes` when somebody asked for one that was not sent yet.
    """

    level: str
    made: datetime
    sent: datetime
    due: datetime | None
    quiet: datetime | None = None
    wishes: list[datetime] = field(default_factory=list)
    late: list[timedelta] = field(default_factory=list)

    def is_sent(self, made: datetime, written_at: str, now: datetime) -> None:
        """A text that was made at the level `written_at` is out: it names when the next one comes."""
        if self.due is not None and made > self.due + timedelta(seconds=30):
            self.late.append(made - self.due)
        named, every = CADENCE[written_at], CADENCE[self.level]
        if every is None:
            self.due = None if named is None else now  # the last word, or one that promised another
        else:
            self.due = made + min(named or every, every)
        self.made, self.sent, self.quiet, self.wishes = made, now, None, []

    def changes(self, level: str, now: datetime) -> None:
        """Raising shortens the wait at once, at most to nothing, a snooze's too; lowering keeps what was promised."""
        is_raised, every = RANK.index(level) < RANK.index(self.level), CADENCE[level]
        self.level = level
        if every is None:
            self.due, self.quiet = now, None
            return
        self.due = self.due or self.made + every
        if is_raised:
            self.due, self.quiet = min(self.due, max(self.made + every, now)), None

    def is_asked(self, now: datetime) -> bool:
        """Due, or owed, or wished for, and not asleep.  A clock that was put back keeps nobody silent for longer."""
        every = CADENCE[self.level]
        reach = (every or minutes(2)) + ANY_CLOCK_MAY_DIFFER
        if self.quiet is not None and now < self.quiet <= now + reach:
            return False
        wished = every is not None and any(abs(at - self.sent) >= minutes(2) for at in self.wishes)
        if self.due is None:
            return wished
        return wished or every is None or now >= self.due or self.due > now + reach


def begun(level: str) -> tuple[Story, Promise]:
    """At the first question of the tree, the first update sent."""
    story = opened(severity=level).until("tree.recent-deploy")
    return story, Promise(level, story.now, story.now, story.now + (CADENCE[level] or minutes(0)))


def take(story: Story, promise: Promise, step: str, span: timedelta) -> None:
    """One step of the test's own script, in the story and in the promise."""
    match step:
        case "passes":
            story.passes(span)
        case "sends" | "sends to nobody":
            send(story, promise, span, reaches=step == "sends")
        case "sends, then P1" | "sends, then P2":
            send(story, promise, span, meanwhile=step[-2:])
        case "snoozes":
            snooze(story, promise, span)
        case "asks for one":
            ask_for_one(story, promise)
        case level:
            story.does(acts.ChangeSeverity(level))
            promise.changes(level, story.now)


def send(story: Story, promise: Promise, span: timedelta, *, reaches: bool = True, meanwhile: str = "") -> None:
    """The text is made now, and copied while `span` passes, in which the level may change."""
    made, level = story.now, promise.level
    story.replies(with_drafts(walk.update_now(story.book, story.incident, story.now)), Word("send"))
    assert story.passes(span).asked == "comms.sent"
    if meanwhile:
        take(story, promise, meanwhile, minutes(0))
    story.says("yes" if reaches else "no")
    if reaches:
        promise.is_sent(made, level, story.now)
    else:
        promise.quiet = story.now + minutes(2)


def snooze(story: Story, promise: Promise, span: timedelta) -> None:
    """Refused where it is longer than one cadence; it moves nothing but the reminder."""
    every = CADENCE[promise.level]
    request = with_drafts(walk.update_now(story.book, story.incident, story.now))
    if every is not None and span > every:
        with pytest.raises(Refused, match="P-COMMS-8"):
            story.replies(request, Snooze(span))
        return
    story.replies(request, Snooze(span)).answers(comms__snooze_reason="on a call")
    promise.quiet = story.now + span


def ask_for_one(story: Story, promise: Promise) -> None:
    """The first wish ends a snooze; nobody may wish where nobody is sent updates."""
    if CADENCE[promise.level] is None:
        with pytest.raises(Refused, match="P-SEV-3"):
            story.does(acts.RequestUpdate("the board meets"))
        return
    story.does(acts.RequestUpdate("the board meets"))
    promise.quiet = promise.quiet if promise.wishes else None
    promise.wishes.append(story.now)


@settings(max_examples=300)
@given(st.sampled_from(["P1", "P2"]), st.lists(STEPS, max_size=25))
@pytest.mark.rule("P-COMMS-1", "P-COMMS-3", "P-COMMS-8")
def test_the_next_update_is_due_when_the_definition_says_so_however_the_clock_moves(
    level: str, steps: list[tuple[str, timedelta]]
) -> None:
    story, promise = begun(level)
    for step, span in steps:
        take(story, promise, step, span)
        assert story.incident.comms.due_at == promise.due, step
        assert (story.asked == "comms.update") == promise.is_asked(story.now), step
    sent = [entry.event for entry in story.entries if isinstance(entry.event, UpdateSent)]
    told = [update.made_at - update.due_at for update in sent if update.late and update.due_at is not None]
    assert told == promise.late
    assert story.incident.comms.late == len(promise.late)
