"""What the checks say to the questions: they propose, a person decides, and a missing answer is never a no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.incident.words import Answer, Evidence, Row
from incidentctl.runbook.model import Action, AllClear, Check, Condition, External, Question, Signal
from incidentctl.walker import evidence
from incidentctl.walker.replies import Several, Word
from incidentctl.walker.scene import Scene
from tests.walker.story import BOOK, START, Story, at_tree, minutes, opened

MEASURED = replace(
    BOOK,
    signals={
        "error_rate": Signal("error_rate", "ratio", check=Check("prometheus", {"query": "e"})),
        "latency_p99": Signal("latency_p99", "s", 0.18, check=Check("prometheus", {"query": "l"})),
    },
)


def scene(story: Story) -> Scene:
    return Scene(story.book, story.incident, story.now)


def default_of(story: Story) -> object:
    request = story.request
    assert request is not None
    return request.default


def test_what_else_fires_is_asked_where_the_alertmanager_is_known_and_shown_with_the_impact() -> None:
    book = replace(MEASURED, sources={"alertmanager": Check("alertmanager", {"url": "http://alerts.example"})})
    assert evidence.FIRES in [measure.subject for measure in evidence.measures(book)]
    story = opened(book).until("triage.impact").sees(evidence.FIRES, "yes", rows=(Row("CheckoutErrors"), Row("Disk")))
    request = story.request
    assert request is not None
    assert list(evidence.lines(scene(story), request.evidence))[-2:] == ["  CheckoutErrors", "  Disk"]


def test_one_dependency_among_several_is_asked_for_itself() -> None:
    one = External("Stripe", "https://status.stripe.com", route=("depends_on", 0))
    two = External("Post", "https://status.post.example", route=("depends_on", 1))
    asked = Question("external-dependency-post", "Is Post failing?", route=two.route)
    book = replace(MEASURED, externals=(one, two), tree=(asked,))
    assert [check.values["url"] for check in evidence.checks_of(book, asked)] == ["https://status.post.example"]


def at_impact() -> Story:
    return opened(MEASURED).until("triage.impact")


def test_everything_that_a_runbook_names_is_measured_once() -> None:
    book = replace(
        MEASURED,
        externals=(External("Stripe", "https://status.stripe.com"), External("Post")),
        tree=(*BOOK.tree[:1], Question("external-dependency", "Is one failing?")),
    )
    subjects = [measure.subject for measure in evidence.measures(book)]
    assert subjects == ["signal/error_rate", "signal/latency_p99", "recent-deploy/0", "external-dependency/0"]
    assert [measure.check.kind for measure in evidence.measures(book)][2:] == ["deploys", "statuspage"]


@pytest.mark.rule("P-SEV-4", "P-SEV-5")
@pytest.mark.parametrize(
    ("rate", "level"),
    [(0.0501, "P1"), (0.05, "P2"), (0.005, "P2"), (0.00499, "P3")],
)
def test_the_measured_number_proposes_by_the_boundaries(rate: float, level: str) -> None:
    story = at_impact().sees("signal/latency_p99", number=0.1).sees("signal/error_rate", number=rate).says()
    assert story.asked == "triage.severity"
    assert default_of(story) == Word(level)


@pytest.mark.rule("P-SEV-5")
def test_where_a_measurement_is_missing_enter_says_unsure_and_not_none() -> None:
    story = at_impact()
    assert default_of(story) == Word("none"), "nothing is measured here at all"
    story.sees("signal/error_rate", number=0.001)
    assert default_of(story) == Word("unsure")
    story.sees("signal/latency_p99", number=0.1)
    assert default_of(story) == Word("none")


@pytest.mark.rule("P-SEV-4")
def test_what_holds_is_ticked_and_stands_beside_its_thresholds() -> None:
    story = at_impact().sees("signal/error_rate", number=0.062)
    assert default_of(story) == Several(("error_rate > 5%", "error_rate >= 0.5%"))
    lines = list(evidence.lines(scene(story), evidence.signal_subjects(MEASURED)))
    assert lines == ["error_rate = 6.2%, P1 > 5%, P2 >= 0.5% (test, 0 s ago)"]


@pytest.mark.rule("P-SEV-4")
def test_a_choice_that_differs_from_the_numbers_needs_a_reason() -> None:
    story = at_impact().sees("signal/error_rate", number=0.062).says("none").says("P2")
    assert story.asked == "triage.reason"


@pytest.mark.rule("P-SEV-5")
def test_a_missing_number_never_lowers_the_severity() -> None:
    unsure = at_impact().sees("signal/error_rate", number=0.001).sees("signal/latency_p99").says("unsure")
    assert default_of(unsure) == Word("P1"), "the latency is not known, so nothing rules P1 out"


def test_a_number_that_a_person_types_counts_more() -> None:
    story = at_impact().sees("signal/error_rate", number=0.2).says(["error_rate = 1%"])
    assert default_of(story) == Word("P2")


@pytest.mark.rule("P-TREE-1")
@pytest.mark.parametrize(("found", "proposed"), [("yes", "yes"), ("no", "no"), ("unknown", "unknown")])
def test_a_check_preselects_its_answer(found: str, proposed: str) -> None:
    story = at_tree().sees("recent-deploy/0", found)
    assert default_of(story) == Word(proposed)


def test_several_checks_any_yes_is_yes_all_no_is_no_else_unknown() -> None:
    checks = (Check("deploys"), Check("command"))
    book = replace(MEASURED, tree=(Question("recent-deploy", "A deploy?", checks=checks), *BOOK.tree[1:]))
    said = {}
    for first in ("yes", "no", "unknown"):
        for second in ("yes", "no", "unknown"):
            story = at_tree(book).sees("recent-deploy/0", first).sees("recent-deploy/1", second)
            said[first, second] = default_of(story)
    assert said["yes", "unknown"] == said["no", "yes"] == Word("yes")
    assert said["no", "no"] == Word("no")
    assert said["no", "unknown"] == said["unknown", "no"] == Word("unknown")


def test_a_signal_answers_a_question_by_its_condition() -> None:
    check = Check("signal", condition=Condition("error_rate > 1%", "error_rate", ">", 0.01))
    book = replace(MEASURED, tree=(Question("errors", "Are there errors?", checks=(check,)), *BOOK.tree))
    assert default_of(at_tree(book)) == Word("unknown")
    assert default_of(at_tree(book).sees("signal/error_rate", number=0.02)) == Word("yes")
    assert default_of(at_tree(book).sees("signal/error_rate", number=0.01)) == Word("no")


def test_evidence_is_written_down_when_it_is_news() -> None:
    story = at_tree()
    for _ in range(10):
        story.passes(minutes(0.5)).sees("recent-deploy/0", "no")
    assert story.kinds().count("EvidenceTaken") == 1
    story.passes(minutes(0.1)).sees("recent-deploy/0", "yes")
    assert story.kinds().count("EvidenceTaken") == 2


def test_many_rows_are_cut_and_counted() -> None:
    rows = tuple(Row(f"row {number}") for number in range(20))
    story = at_tree().sees("recent-deploy/0", "yes", rows=rows)
    lines = list(evidence.lines(scene(story), ["recent-deploy/0"]))
    assert lines[0] == "yes: said yes (test, 0 s ago)"
    assert lines[-1] == "  and 12 more"
    assert len(lines) == 10


@pytest.mark.rule("P-TREE-5")
def test_the_signals_propose_whether_the_numbers_came_back() -> None:
    story = at_tree(MEASURED).sees("signal/error_rate", number=0.2).sees("signal/latency_p99", number=0.1)
    story.says("yes").says().says("done")
    assert story.asked == "tree.roll-back.recovered"
    assert default_of(story) == Word("unknown"), "what was seen before the rollback says nothing about it"
    story.passes(minutes(4)).sees("signal/error_rate", number=0.19).sees("signal/latency_p99", number=0.11)
    assert default_of(story) == Word("unknown"), "an average takes some minutes to fall"
    story.passes(minutes(1))
    assert default_of(story) == Word("no")
    story.passes(minutes(1)).sees("signal/error_rate", number=0.0).sees("signal/latency_p99", number=0.1)
    assert default_of(story) == Word("yes")


@pytest.mark.rule("P-TREE-5")
def test_the_first_look_after_an_action_counts_though_it_says_the_same_a_moment_later() -> None:
    story = at_tree(MEASURED).sees("signal/error_rate", number=0.2).sees("signal/latency_p99", number=0.1)
    story.says("yes").says().says("done").passes(minutes(0.1))
    story.sees("signal/error_rate", number=0.0).sees("signal/latency_p99", number=0.1)
    assert default_of(story) == Word("yes"), "the latency was as good before, and is known to be good now"
    written = story.kinds().count("EvidenceTaken")
    story.passes(minutes(0.1)).sees("signal/latency_p99", number=0.1)
    assert story.kinds().count("EvidenceTaken") == written


@pytest.mark.rule("P-CLEAR-1")
def test_all_clear_waits_until_the_signals_were_quiet_for_long_enough() -> None:
    story = at_tree(replace(MEASURED, all_clear=AllClear(minutes(10)))).sees("signal/error_rate", number=0.2)
    story.says("yes").says().says("done").says("yes")
    assert story.asked == "clear.verify"
    assert default_of(story) is None
    story.sees("signal/latency_p99", number=0.1).passes(minutes(1)).sees("signal/error_rate", number=0.0)
    story.passes(minutes(9))
    assert default_of(story) is None
    story.passes(minutes(1))
    assert default_of(story) == Word("yes")
    story.says()
    given = story.entries[-1].event
    assert (given.early, given.verified, given.stable) == (False, "checks", minutes(10))  # type: ignore[union-attr]


@pytest.mark.rule("P-CLEAR-1")
def test_a_persons_word_replaces_a_check_that_cannot_answer_and_the_record_says_so() -> None:
    story = at_tree(MEASURED).sees("signal/error_rate", "unknown").says("yes").says().says("done").says("yes")
    story.says("yes")
    assert story.entries[-1].event.verified == "word"  # type: ignore[union-attr]


def test_inputs_and_queries_are_chosen_from_what_was_found() -> None:
    ending = Action("end-queries", "End them", end_queries=Check("end_queries", {"dsn": "${DB}"}))
    slow = Question("slow-database", "Is it slow?", if_yes=(ending,))
    book = replace(BOOK, tree=(BOOK.tree[0], slow, *BOOK.tree[2:]))
    story = at_tree(book).sees("end-queries/rows", "yes", rows=(Row("4711 4 min app", "4711"), Row("88 idle", "88")))
    story.says("no").says("yes")
    assert story.asked == "tree.end-queries.rows"
    story.says(["4711"])
    request = story.request
    assert request is not None
    assert "Queries to end: 4711" in request.shown.said
    assert [option.value for option in request.accepts.words] == ["done", "run", "terminate", "failed"]


def test_who_holds_others_up_is_chosen_before_their_victims_which_say_so() -> None:
    ending = Action("end-queries", "End them", end_queries=Check("end_queries", {"dsn": "${DB}"}))
    book = replace(BOOK, tree=(Question("slow-database", "Is it slow?", if_yes=(ending,)),))
    rows = (
        Row("pid 1, 4 min idle in transaction, app@shop, blocks 2: UPDATE x", "1"),
        Row("└ pid 2, 3 min active, app@shop, blocked by 1, blocks 1: UPDATE y", "2"),
        Row("│ └ pid 3, 1 min active, app@shop, blocked by 2: SELECT z", "3"),
        Row("pid 4, 9 min active, report@shop: SELECT everything", "4"),
        Row("and 7 more"),
    )
    request = at_tree(book).sees("end-queries/rows", "yes", rows=rows).says("yes").request
    assert request is not None
    assert [option.label for option in request.accepts.several] == [
        "pid 1, 4 min idle in transaction, app@shop, blocks 2: UPDATE x",
        "pid 4, 9 min active, report@shop: SELECT everything",
        "victim: pid 2, 3 min active, app@shop, blocked by 1, blocks 1: UPDATE y",
        "victim: pid 3, 1 min active, app@shop, blocked by 2: SELECT z",
    ]
    assert request.default == Several(()), "nothing is ticked before a person ticks it"


def test_why_the_program_cannot_end_queries_is_said_where_it_would_be_asked_to() -> None:
    ending = Action("end-queries", "End them", end_queries=Check("end_queries", {"dsn": "${DB}"}))
    slow = Question("slow-database", "Is it slow?", if_yes=(ending,))
    book = replace(BOOK, tree=(BOOK.tree[0], slow, *BOOK.tree[2:]))
    story = at_tree(book).sees("end-queries/rows", "unknown").says("no").says("yes")
    assert story.asked == "tree.end-queries.run"
    assert story.request is not None
    said = story.incident.evidence["end-queries/rows"].evidence.said
    assert f"This program cannot end them from here: {said}" in story.request.shown.said


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0.062, "ratio", "6.2%"),
        (0.05004, "ratio", "5.004%"),
        (0.18, "s", "180 ms"),
        (2.5, "s", "2.5 s"),
        (12345, "messages", "12,345 messages"),
        (3, "", "3"),
    ],
)
def test_numbers_are_shown_in_their_unit(number: float, unit: str, text: str) -> None:
    assert evidence.number_text(number, unit) == text


def test_what_was_seen_later_is_not_overwritten_by_what_arrives_late() -> None:
    story = at_tree().passes(minutes(1)).sees("recent-deploy/0", "yes")
    early = Evidence("recent-deploy/0", "test", Answer.NO, "an old answer", START)
    assert not evidence.is_news(story.incident.evidence["recent-deploy/0"], early)
