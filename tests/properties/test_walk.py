"""Laws of the walk: whatever is answered, and whenever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.errors import UserError
from incidentctl.incident.asking import UpdateRequested
from incidentctl.incident.events import TreeAnswered, UpdateSent
from incidentctl.incident.fold import fold
from incidentctl.incident.paging import PageAnswered, PageEnded
from incidentctl.incident.words import Answer
from incidentctl.runbook.model import Person
from incidentctl.walker import acts, paging, walk, wanted
from incidentctl.walker.replies import Hypothesis, Lasting, Raw, Reply, Several, Skip, Snooze, Typed, Word
from incidentctl.walker.requests import Request
from tests.walker.story import BOOK, STOPPED, WELL, Story, minutes, opened, with_drafts

TEXTS = st.sampled_from(["ada", "grace", "because", "error_rate = 5%"])
SPANS = st.sampled_from([minutes(1), minutes(7), minutes(30), minutes(90)])
MOVES = st.one_of(st.just(timedelta()), SPANS)
PEOPLE = {role: Person(role, role, (("pagerduty", f"P{role}"),)) for role in ("on-call", "lead", "ic-backup")}
BOOKS = st.sampled_from([
    BOOK, replace(BOOK, process="light"), replace(BOOK, depends_on=("ledger", "search")), replace(BOOK, people=PEOPLE),
])  # fmt: skip
ACTS: st.SearchStrategy[acts.Act] = st.one_of(
    st.builds(acts.ChangeSeverity, st.sampled_from(["P1", "P2", "P3"])),
    st.builds(acts.Assign, st.sampled_from(["ic", "comms-lead"]), st.sampled_from(["ada", "grace", "vacant"])),
    st.just(acts.Reopen()),
    st.just(acts.Resume()),
    st.just(acts.AddNote("looked")),
    st.builds(acts.OfferHandoff, st.sampled_from(["ada", "grace", "linus"])),
    st.just(acts.RequestUpdate("the board meets")),
)
TOWARDS_THE_END: dict[str, Raw] = {
    "clear.verify": "yes",
    "tree.exhausted": {"hypothesis": "a cause"},
    "mitigation.blocker": "faster",
    "comms.update": "send",
}


def replies(request: Request) -> st.SearchStrategy[Reply]:
    """Every reply that the prompt takes."""
    accepts = request.accepts
    options: list[st.SearchStrategy[Reply]] = [st.just(Word(option.value)) for option in accepts.words]
    if accepts.lists:
        names = [option.value for option in accepts.several] or ["ledger"]
        options.append(st.lists(st.sampled_from(names), max_size=3).map(lambda some: Several(tuple(some))))
    if accepts.text:
        options.append(TEXTS.map(Typed))
    if accepts.duration:
        options.append(SPANS.map(Lasting))
    keyed = {"skip": TEXTS.map(Skip), "snooze": SPANS.map(Snooze), "hypothesis": TEXTS.map(Hypothesis)}
    return st.one_of(*options, *(keyed[key] for key in accepts.keyed))


@st.composite
def stories(draw: st.DrawFn, most: int = 40) -> Story:
    """A story in which anybody said anything at any time."""
    story = opened(draw(BOOKS), severity=draw(st.sampled_from([None, "P1", "P2", "P3"])))
    for _ in range(draw(st.integers(0, most))):
        request = story.passes(draw(MOVES)).request
        try:
            if request is None or draw(st.integers(0, 9)) == 0:
                story.does(draw(ACTS))
            else:
                request = paging.offered(with_drafts(request), story.book, "PagerDuty")
                story.replies(request, draw(replies(request)))
                _pages_end(draw, story)
                if draw(st.booleans()):
                    story.ends(draw(st.sampled_from([WELL, STOPPED])))
        except UserError:
            continue  # refused by a rule: the same question is asked again
    return story


def _pages_end(draw: st.DrawFn, story: Story) -> None:
    """What the server says of the pages that were let go; and some are acknowledged."""
    for page in paging.unheard_of(story.incident):
        ended = PageEnded(page.role, page.channel, page.key, "sent", id="Q1")
        became = draw(st.sampled_from([ended, replace(ended, result="failed"), replace(ended, result="perhaps"), None]))
        if became is not None:
            story.happens([became])
        if became == ended and draw(st.booleans()):
            story.happens([PageAnswered(page.role, page.key, "Bo", story.now)])


def finish(story: Story) -> None:
    """Answers as somebody does who wants to go home."""
    for _ in range(80):
        request = story.request
        if request is None and story.incident.needs_update:
            story.passes(minutes(2))  # an update that was not sent waits so long before it comes back
            continue
        if request is None:
            return
        if request.prompt.endswith(".running"):
            story.ends()
        elif request.prompt.endswith(".interrupted"):
            story.says("not-run")
        elif request.prompt.endswith((".run", ".undo")):
            story.says("done")
        elif request.prompt.endswith(".recovered"):
            story.says("yes")
        elif request.prompt in TOWARDS_THE_END:
            story.says(TOWARDS_THE_END[request.prompt])
        else:
            story.says("because" if request.default is None else None)
    pytest.fail(f"no end: still at {story.asked}")


@given(stories())
def test_any_sequence_of_replies_can_be_brought_to_an_end(story: Story) -> None:
    finish(story)
    assert not story.incident.is_open
    assert story.passes(timedelta(days=3)).asked is None


@given(stories())
def test_fold_of_any_prefix_never_fails_and_agrees_with_itself(story: Story) -> None:
    for end in range(len(story.entries) + 1):
        incident = fold(story.incident.id, story.entries[:end])
        assert incident.seq == end
        assert incident.condition in ("open", "resolved", "closed")
    assert fold(story.incident.id, story.entries) == story.incident


@given(stories())
def test_the_same_journal_always_asks_the_same_question(story: Story) -> None:
    again = fold(story.incident.id, story.entries)
    assert Story(story.book, story.now, again).request == story.request


@given(stories())
@pytest.mark.rule("P-TREE-7")
def test_the_tree_is_asked_in_its_order(story: Story) -> None:
    order = [step.id for step in story.book.tree]
    seen: list[int] = []
    for entry in story.entries:
        if type(entry.event).__name__ in ("TreeRestarted", "IncidentReopened"):
            seen.clear()
        elif isinstance(entry.event, TreeAnswered) and entry.event.question in order:
            seen.append(order.index(entry.event.question))
            assert seen == sorted(seen)
    assert all(said.answer in Answer for said in story.incident.tree.answers.values())


@given(stories(), MOVES)
@pytest.mark.rule("P-COMMS-1", "P-COMMS-3")
def test_no_update_is_ever_forgotten_however_the_clock_moves(story: Story, move: timedelta) -> None:
    story.passes(move)
    comms, severity = story.incident.comms, story.incident.severity
    if severity is None or severity.update_every is None or not story.incident.is_open:
        return
    assert comms.due_at is not None, "an open incident with a cadence always has a next update"
    settled = comms.pending is None and not comms.snooze_unexplained
    awake = comms.quiet_until is None or story.now >= comms.quiet_until
    overdue = story.now >= comms.due_at + minutes(5)
    if settled and awake and overdue:
        assert story.asked in ("comms.update", "comms.feature")


@given(stories(), MOVES)
def test_no_request_for_an_update_is_ever_forgotten(story: Story, move: timedelta) -> None:
    events = [entry.event for entry in story.entries]
    last_sent = max((at for at, event in enumerate(events) if isinstance(event, UpdateSent)), default=-1)
    waiting = [event.reason for event in events[last_sent + 1 :] if isinstance(event, UpdateRequested)]
    comms, severity = story.incident.comms, story.passes(move).incident.severity
    assert [wish.reason for wish in comms.requests] == waiting
    if not any(wanted.interrupts(comms, wish) for wish in comms.requests) or not story.incident.is_open:
        return
    settled = comms.pending is None and not comms.snooze_unexplained
    awake = comms.quiet_until is None or story.now >= comms.quiet_until
    if severity is not None and severity.update_every is not None and settled and awake:
        assert story.asked in ("comms.update", "comms.feature")


@given(stories())
@pytest.mark.rule("P-ROLE-5")
def test_an_offer_that_is_open_can_be_accepted_or_is_refused_by_a_rule(story: Story) -> None:
    offer, commander = story.incident.handoff, story.incident.holder("ic")
    if offer is None:
        return
    assert (offer.outgoing, commander != offer.incoming) == (commander, True)
    try:
        story.replies(walk.handoff_now(story.book, story.incident, story.now), Typed(offer.incoming))
    except UserError:
        assert story.incident.holder("comms-lead") == offer.incoming
    else:
        assert (story.incident.holder("ic"), story.incident.handoff) == (offer.incoming, None)


@given(stories())
@pytest.mark.rule("P-ROLE-4")
def test_commander_and_comms_lead_are_never_one_person(story: Story) -> None:
    commander, comms_lead = story.incident.holder("ic"), story.incident.holder("comms-lead")
    assert not comms_lead or commander.casefold() != comms_lead.casefold()
