"""The numbers propose, the human decides (P-SEV)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentctl.errors import NotAllowed
from incidentctl.runbook.model import Condition, Level
from incidentctl.walker import acts
from tests.walker.story import BOOK, Story, minutes, opened


def proposed(*impact: str) -> str:
    """What this impact proposes."""
    story = opened().until("triage.impact")
    story.says(impact[0] if impact in (("unsure",), ("none",)) else list(impact))
    assert story.incident.impact is not None
    return story.incident.impact.proposed


@pytest.mark.rule("P-SEV-1", "P-SEV-2", "P-SEV-3", "P-SEV-5")
@pytest.mark.parametrize(
    ("number", "level"),
    [
        ("error_rate = 5.01%", "P1"),
        ("error_rate = 5%", "P2"),
        ("error_rate = 0.5%", "P2"),
        ("error_rate = 0.49%", "P3"),
        ("error_rate = 0.0501", "P1"),
        ("latency_p99 = 900 ms", "P2"),
        ("latency_p99 = 901 ms", "P1"),
        ("latency_p99 = 5x", "P2"),
        ("latency_p99 = 5.1x baseline", "P1"),
        ("latency_p99 = 360 ms", "P2"),
        ("latency_p99 = 2x", "P2"),
        ("latency_p99 = 0.35 s", "P3"),
    ],
)
def test_both_boundaries_belong_to_p2(number: str, level: str) -> None:
    assert proposed(number) == level


@pytest.mark.rule("P-SEV-4")
@pytest.mark.parametrize(
    ("impact", "level"),
    [
        (["down"], "P1"),
        (["degraded"], "P2"),
        (["cosmetic"], "P3"),
        (["one user", "degraded"], "P2"),
        (["error_rate > 5%"], "P1"),
        (["cosmetic", "error_rate = 6%"], "P1"),
        (["none"], "P3"),
    ],
)
def test_the_highest_level_that_holds_is_proposed(impact: list[str], level: str) -> None:
    assert proposed(*impact) == level


@pytest.mark.rule("P-SEV-5")
def test_unsure_proposes_the_highest_level_that_no_number_rules_out() -> None:
    assert proposed("unsure") == "P1"
    assert proposed("unsure", "error_rate = 1%") == "P1", "a missing latency never lowers it"
    assert proposed("unsure", "error_rate = 1%", "latency_p99 = 200 ms") == "P2"
    assert proposed("unsure", "error_rate = 0.1%", "latency_p99 = 200 ms") == "P3"


@pytest.mark.rule("P-SEV-5")
def test_a_multiple_cannot_be_compared_without_a_baseline() -> None:
    bare = {name: replace(signal, baseline=None) for name, signal in BOOK.signals.items()}
    story = opened(replace(BOOK, signals=bare)).until("triage.impact").says(["unsure", "latency_p99 = 900 ms"])
    assert story.incident.impact is not None
    assert story.incident.impact.proposed == "P1"


@pytest.mark.rule("P-SEV-4")
def test_another_choice_costs_a_reason_that_is_kept() -> None:
    story = opened().until("triage.impact").says(["down"]).answers(triage__severity="P2")
    assert story.asked == "triage.reason"
    story.says("only the beta shop")
    assert story.incident.severity is not None
    assert (story.incident.severity.level, story.incident.severity.reason) == ("P2", "only the beta shop")
    assert story.asked == "first.page"


@pytest.mark.parametrize("text", ["eror_rate = 5%", "error_rate = lots", "error_rate = 5 ms", "on fire"])
def test_what_is_neither_a_condition_nor_a_number_is_refused_and_nothing_is_kept(text: str) -> None:
    story = opened().until("triage.impact")
    before = story.incident
    with pytest.raises(NotAllowed, match=text.split(" ", maxsplit=1)[0]):
        story.says([text])
    assert story.incident == before


@pytest.mark.rule("P-SEV-6")
def test_raising_asks_again_for_paging_and_the_seat_then_gives_the_question_back() -> None:
    story = opened(severity="P2").until("tree.recent-deploy")
    assert story.incident.paged == {"lead": True}
    story.does(acts.ChangeSeverity("P1"))
    assert story.request is not None
    assert story.request.text.startswith("P1: page ic-backup and comms-lead")
    story.answers(first__page=None, roles__comms_lead=None)
    assert story.asked == "tree.recent-deploy"


@pytest.mark.rule("P-SEV-6")
def test_lowering_asks_nothing_again() -> None:
    story = opened(severity="P1").until("tree.recent-deploy").does(acts.ChangeSeverity("p2"))
    assert story.asked == "tree.recent-deploy"
    assert story.incident.severity is not None
    assert story.incident.severity.level == "P2"


@pytest.mark.rule("P-SEV-7")
def test_levels_may_have_any_name_and_map_to_what_they_need() -> None:
    levels = (
        Level("SEV1", "all down", (Condition("down"),), ("on-call",), minutes(15)),
        Level("SEV2", "partly", (Condition("degraded"),), (), minutes(45)),
        Level("SEV5", "cosmetic", (Condition("cosmetic"),), (), None, tree=False),
    )
    story = opened(replace(BOOK, levels=levels)).until("triage.impact").says(["down"])
    story.answers(triage__severity=None, first__freeze_deploys=None, roles__comms_lead=None)
    assert story.asked == "comms.update"
    story.says().says()
    assert story.incident.comms.due_at == story.now + minutes(15)


def test_an_unknown_level_is_refused_by_name() -> None:
    story = opened(severity="P1")
    with pytest.raises(NotAllowed, match="P9"):
        story.does(acts.ChangeSeverity("P9"))


@pytest.mark.rule("P-SEV-3", "P-SEV-6")
def test_a_closed_ticket_is_raised_only_after_reopening() -> None:
    story = Story()
    story = opened(severity="P3").until("ticket.reference").says("OPS-1")
    story.does(acts.Reopen()).does(acts.ChangeSeverity("P1"))
    assert story.asked == "first.acknowledge"
