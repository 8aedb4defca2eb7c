"""How long a step really took, beside what its runbook thinks, and while it runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from incidentctl.actions.hands import RealHands
from incidentctl.checks.interface import NoChecks
from incidentctl.runbook.model import Runbook
from incidentctl.walker import lasting
from incidentctl.walker.orders import Order
from incidentctl.walker.requests import Request
from incidentctl.watching import Watching
from tests.walker.story import BOOK, STOPPED, Story, at_tree, minutes


def experienced(**took: tuple[float, ...]) -> Runbook:
    """The example with earlier incidents: `done`, `undo` and `fix` of its rollback, in minutes."""
    spans = {("roll-back", what): tuple(map(minutes, spans)) for what, spans in took.items()}
    return replace(BOOK, took=spans)


def shown(request: Request | None) -> tuple[str, ...]:
    assert request is not None
    return request.shown.said


@pytest.mark.rule("P-ROLL-1")
@pytest.mark.parametrize(
    ("took", "said"),
    [
        ((), "Takes about 5 min."),
        ((4,), "Takes about 5 min. It took 4 min the last time."),
        ((4, 7), "Takes about 5 min. It took 4 min and 7 min the last times."),
        ((4, 90, 6), "Takes about 5 min. It took 4 min, 1 h 30 min and 6 min the last times (median 6 min)."),
        ((4, 7, 6, 8), "Takes about 5 min. It took 4 min, 7 min, 6 min and 8 min the last times (median 6 min)."),
        (
            (99, 5, 4, 3, 2, 1),
            "Takes about 5 min. It took 5 min, 4 min, 3 min, 2 min and 1 min the last times (median 3 min).",
        ),
        ((0.005,), "Takes about 5 min. It took less than 1 s the last time."),
    ],
)
def test_the_estimate_stands_beside_what_it_really_took(took: tuple[float, ...], said: str) -> None:
    story = at_tree(experienced(done=took)).says("yes").says()
    assert story.asked == "tree.roll-back.run"
    assert said in shown(story.request)


def test_history_stands_alone_where_the_runbook_has_no_estimate() -> None:
    book = replace(BOOK, took={("raise-memory", "done"): (minutes(3),)})
    story = at_tree(book).answers(tree__recent_deploy="no", tree__slow_database="no", tree__queue_backlog="yes")
    story.answers(tree__consumers_restarting="yes")
    assert story.asked == "tree.raise-memory.run"
    assert "It took 3 min the last time." in shown(story.request)


@pytest.mark.rule("P-ROLL-2")
def test_both_ways_are_weighed_with_what_they_cost_before() -> None:
    story = at_tree(experienced(done=(4, 7, 6), fix=(50,))).says("yes")
    assert story.asked == "mitigation.choice"
    assert shown(story.request)[-2:] == (
        "Rolling back took 4 min, 7 min and 6 min the last times (median 6 min).",
        "A fix in its place took 50 min the last time.",
    )


@pytest.mark.rule("P-ROLL-4")
def test_an_estimate_of_a_fix_is_given_beside_the_last_ones_and_keeps_its_default() -> None:
    plain, wiser = (
        at_tree(book).says("yes").answers(mitigation__choice="fix-forward", mitigation__blocker="faster").request
        for book in (BOOK, experienced(fix=(50, 70), done=(1,)))
    )
    assert plain is not None
    assert wiser is not None
    assert wiser.prompt == "mitigation.estimate"
    assert shown(wiser) == ("A fix took 50 min and 1 h 10 min the last times.",)
    assert wiser.default == plain.default


def test_the_way_back_has_a_history_of_its_own() -> None:
    story = at_tree(experienced(done=(9,), undo=(2,))).says("yes").says().says("failed").says("no")
    assert story.asked == "tree.roll-back.undo"
    assert shown(story.request) == ("Undoing it took 2 min the last time.",)


# --- while it runs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((), 5, ""),
        ((), 6, ", longer than the 5 min it was thought to take"),
        ((7, 4), 6, ", longer than the 5 min it was thought to take"),
        ((7, 4), 8, ", longer than the 5 min it was thought to take, and than ever before (7 min)"),
        ((1, 2), 3, ", longer than ever before (2 min)"),
        ((1, 2), 2, ""),
    ],
)
def test_what_runs_too_long_is_said(before: tuple[float, ...], after: int, said: str) -> None:
    book = experienced(done=before)
    story = at_tree(book).says("yes").says().says("run").passes(minutes(after))
    running = story.incident.tree.running
    assert running is not None
    assert lasting.overrun(book, running, story.now) == said


def test_the_live_line_tells_it_while_the_command_runs() -> None:
    book = experienced(done=(4, 7))
    story = at_tree(book).says("yes").says().says("run").passes(minutes(8))
    watching = Watching(lambda _book, _incident: NoChecks(), RealHands())
    watching.start(Order("sleep", story.now, ("sleep", "60")))
    request = story.request
    assert request is not None
    assert shown(request) == ("It took 4 min and 7 min the last times.",)
    (line,) = watching.lines(book, story.incident, request, story.now)
    watching.stop()
    watching.settle(request)
    late = "longer than the 5 min it was thought to take, and than ever before (7 min)"
    assert line == f"Roll back the last deploy runs since 8 min, {late}:"


# --- what counts -------------------------------------------------------------------------------------------


def lasted(story: Story) -> list[tuple[str, str, timedelta]]:
    return [(one.step, one.kind, one.took) for one in story.incident.tree.lasted]


def run_rollback() -> Story:
    return at_tree().says("yes").says().says("run").passes(minutes(2))


def test_only_what_was_done_before_somebodys_eyes_counts() -> None:
    assert lasted(run_rollback().ends()) == [("roll-back", "rollback", minutes(2))]
    stopped = run_rollback().ends(STOPPED)
    assert lasted(stopped) == []
    assert lasted(stopped.passes(minutes(20)).says("done")) == [], "nobody saw its end"
    assert lasted(run_rollback().ends(STOPPED).says("again").passes(minutes(1)).ends()) == [
        ("roll-back", "rollback", minutes(1))
    ]


@pytest.mark.parametrize("said", ["failed", {"skip": "not now"}])
def test_what_failed_or_was_skipped_does_not_count(said: object) -> None:
    story = at_tree().says("yes").says().passes(minutes(4))
    assert lasted(story.says(said)) == []  # type: ignore[arg-type]


def test_the_way_back_counts_as_itself() -> None:
    story = at_tree().says("yes").says().says("failed").says("no").says("run").passes(minutes(1)).ends()
    assert lasted(story) == [("roll-back", "undo", minutes(1))]
