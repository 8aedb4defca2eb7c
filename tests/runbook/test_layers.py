"""The organisation's defaults under a service's file, the built-in runbook under both."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidentctl.runbook.load import built_in
from incidentctl.runbook.model import FOUR_QUESTIONS, Item, Omitted, Question
from tests.runbook.reading import book_of, ids, problems_of, question

LEVELS = """
severity:
  SEV1: {meaning: all is lost, when: [down], page: [on-call, lead], update_every: 15 min}
  SEV2: {meaning: most is lost, update_every: 30 min}
  SEV3: {meaning: some is lost, update_every: 60 min}
  SEV4: {meaning: little is lost, update_every: 2 h}
  SEV5: {meaning: nothing is lost, respond_within: 2 days, tree: false}
"""


def test_a_file_that_says_nothing_walks_the_built_in_process() -> None:
    book, generic = book_of(""), built_in("shop").book
    assert book == generic
    assert (book.service, book.title, book.timezone, book.process) == ("shop", "shop", "UTC", "full")
    assert (book.people, book.links, book.signals) == ({}, (), {})
    assert book.all_clear.stable_for is None


@pytest.mark.rule("P-FIRST-1")
@pytest.mark.rule("P-FIRST-5")
def test_the_built_in_first_five_minutes() -> None:
    book = built_in("shop").book
    assert book is not None
    assert [step.id for step in book.first_minutes] == ["acknowledge", "channel", "dashboards", "severity", "page"]


@pytest.mark.rule("P-TREE-1")
@pytest.mark.rule("P-TREE-4")
def test_the_built_in_tree_asks_the_four_questions_in_order() -> None:
    book = built_in("shop").book
    assert book is not None
    assert tuple(ids(book.tree)) == FOUR_QUESTIONS
    for step in book.tree:
        assert isinstance(step, Question)
        assert step.why
        assert step.if_yes
    assert question(book, "recent-deploy").within == timedelta(hours=6)


@pytest.mark.rule("P-CLEAR-2")
def test_the_built_in_checklist() -> None:
    book = built_in("shop").book
    assert book is not None
    expected = ["customers-told", "summary-posted", "post-mortem", "review-booked"]
    assert [step.id for step in book.all_clear.checklist] == expected
    assert book.postmortem_due == timedelta(hours=48)


@pytest.mark.rule("P-COMMS-6")
@pytest.mark.rule("P-COMMS-7")
def test_the_built_in_texts_cover_every_audience_and_phase() -> None:
    book = built_in("shop").book
    assert book is not None
    covered = {(template.audience, template.phase) for template in book.comms.templates if not template.severity}
    audiences = ("customers", "internal", "support", "stakeholders")
    phases = ("investigating", "identified", "monitoring", "resolved", "still")
    assert covered == {(audience, phase) for audience in audiences for phase in phases}
    assert [audience.name for audience in book.comms.audiences] == ["customers", "internal"]


@pytest.mark.rule("P-SEV-1")
@pytest.mark.rule("P-SEV-2")
@pytest.mark.rule("P-SEV-3")
def test_the_built_in_levels() -> None:
    book = built_in("shop").book
    assert book is not None
    told = [(level.name, level.page, level.update_every, level.tree) for level in book.levels]
    everyone = ("on-call", "lead", "ic-backup", "comms-lead")
    assert told == [
        ("P1", everyone, timedelta(minutes=30), True),
        ("P2", ("on-call", "lead"), timedelta(minutes=60), True),
        ("P3", (), None, False),
    ]
    assert book.levels[2].respond_within == "4 business hours"


def test_mappings_merge_key_by_key_and_the_service_wins() -> None:
    book = book_of(
        """
        service: shop
        timezone: Asia/Tokyo
        people:
          lead: {name: Ada}
          on-call: {name: Grace}
        """,
        """
        timezone: Europe/Berlin
        owner: everyone
        people:
          lead: {name: nobody, slack: "@lead"}
          support: {name: support desk}
        """,
    )
    assert (book.timezone, book.owner) == ("Asia/Tokyo", "everyone")
    assert list(book.people) == ["lead", "support", "on-call"]
    assert book.people["lead"].name == "Ada"
    assert book.people["lead"].ways == (("slack", "@lead"),)


def test_a_list_is_replaced_whole() -> None:
    book = book_of("alerts: [c]\nlinks: []", "alerts: [a, b]\nlinks: [{url: https://example.com}]")
    assert book.alerts == ("c",)
    assert book.links == ()


def test_a_key_with_nothing_behind_it_says_nothing() -> None:
    book = book_of("owner:\nalerts:\npeople:\n", "owner: us\nalerts: [a]\npeople: {lead: {name: Ada}}")
    assert (book.owner, book.alerts, book.people["lead"].name) == ("us", ("a",), "Ada")


def test_one_number_of_a_level_can_be_changed() -> None:
    book = book_of("severity: {P1: {update_every: 15 min}}")
    assert [level.name for level in book.levels] == ["P1", "P2", "P3"]
    assert book.levels[0].update_every == timedelta(minutes=15)
    assert book.levels[0].meaning == "down, or critically degraded for customers"


@pytest.mark.rule("P-SEV-7")
def test_a_level_that_nobody_knows_begins_another_set() -> None:
    book = book_of("owner: us", LEVELS)
    assert [level.name for level in book.levels] == ["SEV1", "SEV2", "SEV3", "SEV4", "SEV5"]
    assert [level.tree for level in book.levels] == [True, True, True, True, False]
    assert book.level("sev2") == book.levels[1]
    merged = book_of("severity: {SEV2: {update_every: 20 min}}", LEVELS)
    assert merged.levels[1].update_every == timedelta(minutes=20)
    assert len(merged.levels) == 5


def test_texts_add_up_and_the_services_own_come_first() -> None:
    own = "comms: {templates: [{audience: customers, severity: p1, text: ours}]}"
    shared = "comms: {templates: [{audience: customers, phase: resolved, text: theirs}]}"
    first, second, *others = book_of(own, shared).comms.templates
    assert (first.text, first.severity, first.phase) == ("ours", "P1", "")
    assert (second.text, second.severity, second.phase) == ("theirs", "", "resolved")
    assert len(others) == 20
    assert [one.built_in for one in (first, second, *others)] == [False, False, *[True] * 20]


def test_the_service_replaces_where_a_signal_comes_from_and_where_an_audience_reads() -> None:
    book = book_of(
        "signals: {down: {http: {url: https://example.com}}}\ncomms: {audiences: {internal: {email: {to: [a]}}}}",
        "signals: {down: {prometheus: {query: up}}}\ncomms: {audiences: {internal: {slack: {channel: a}}}}",
    )
    assert book.signals["down"].source == "http"
    assert book.comms.audiences[1].channel == "email"


def test_a_problem_is_told_where_it_was_written() -> None:
    assert problems_of("owner: us", "service: shop\nownr: us") == [
        "_defaults.yaml:1:10: the organisation's defaults belong to no service Remove `service`.",
        "_defaults.yaml:2:1: there is no key `ownr` in a runbook Did you mean `owner`?",
    ]


def test_an_organisation_can_change_a_step_for_everyone() -> None:
    defaults = """
        decision_tree:
          - use: recent-deploy
            why: Look into the deploy channel.
          - ask: Is the feature flag on?
            id: flag
            if_yes: [{action: Switch it off, run: flagctl off}]
    """
    whole = book_of("owner: us", defaults)
    assert ids(whole.tree) == ["recent-deploy", "flag"]
    book = book_of("decision_tree: [{use: flag}, {use: recent-deploy, within: 2 h}, {use: slow-database}]", defaults)
    assert ids(book.tree) == ["flag", "recent-deploy", "slow-database"]
    deploy = question(book, "recent-deploy")
    assert (deploy.why, deploy.within) == ("Look into the deploy channel.", timedelta(hours=2))
    assert deploy.text == "Was there a deploy in the last 6 hours?"
    assert ids(question(book, "flag").if_yes) == ["switch-it-off"]


def test_lists_that_are_ticked_take_built_in_and_own_steps() -> None:
    book = book_of(
        """
        first_five_minutes:
          - {use: channel, why: Ours is bridged to the phone.}
          - {use: dashboards, omit: there are none}
          - {note: Breathe.}
          - {action: Freeze deploys, run: deployctl freeze, undo: deployctl unfreeze, takes: 1 min}
        all_clear:
          checklist: [{use: post-mortem}, {do: Unfreeze deploys, shell: true, run: "a | b"}]
        """
    )
    channel, dashboards, note, freeze = book.first_minutes
    assert isinstance(channel, Item)
    assert (channel.id, channel.text, channel.why) == (
        "channel", "Open the incident channel", "Ours is bridged to the phone.",
    )  # fmt: skip
    assert isinstance(dashboards, Omitted)
    assert (dashboards.id, dashboards.text, dashboards.reason) == (
        "dashboards", "Pull up the dashboards", "there are none",
    )  # fmt: skip
    assert (note.id, freeze.id) == ("breathe", "freeze-deploys")
    assert isinstance(freeze, Item)
    assert (freeze.run, freeze.undo, freeze.takes) == ("deployctl freeze", "deployctl unfreeze", timedelta(minutes=1))
    unfreeze = book.all_clear.checklist[1]
    assert isinstance(unfreeze, Item)
    assert unfreeze.shell
