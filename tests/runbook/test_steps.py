"""The steps of the tree: ids, `use`, `omit`, external dependencies, and everything that a step can say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidentctl.runbook.decode_steps import slug
from incidentctl.runbook.model import Action, Note, Omitted, Question, steps_below
from incidentctl.runbook.source import MAX_NODES
from tests.runbook.reading import book_of, ids, problems_of, question


def test_everything_that_an_action_says_is_kept() -> None:
    book = book_of(
        """
        decision_tree:
          - rollback: Roll back
            id: back
            why: It is the default.
            run: |
              kubectl delete pod {{ pod }}
            needs: {pod: {ask: "Which pod?"}}
            target: the shop
            expect: pod deleted
            undo: kubectl apply -f pod.yaml
            irreversible: messages come twice
            takes: 5 min
            timeout: 90 s
            by: lead
            blocked_by: [migrated, third-party]
        """
    )
    (step,) = book.tree
    assert isinstance(step, Action)
    assert (step.id, step.kind, step.why) == ("back", "rollback", "It is the default.")
    assert step.run == "kubectl delete pod {{ pod }}"
    assert [(need.name, need.ask) for need in step.needs] == [("pod", "Which pod?")]
    assert (step.target, step.expect, step.undo) == ("the shop", "pod deleted", "kubectl apply -f pod.yaml")
    assert (step.irreversible, step.by, step.shell) == ("messages come twice", "lead", False)
    assert (step.takes, step.timeout) == (timedelta(minutes=5), timedelta(seconds=90))
    assert step.blocked_by == ("migrated", "third-party")
    assert step.route == ("decision_tree", 0)


@pytest.mark.rule("P-TREE-7")
def test_questions_go_anywhere_and_have_questions_under_them() -> None:
    book = book_of(
        """
        decision_tree:
          - ask: Is the queue long?
            look: queuectl length
            links: [{type: dashboard, title: Queue, url: "https://example.com/queue"}]
            if_yes:
              - ask: Do the consumers restart?
                if_yes: [{note: Tell the platform team.}]
                if_no: [{action: Restart one}]
          - use: recent-deploy
        """
    )
    long = question(book, "is-the-queue-long")
    assert (long.look, long.links[0].title) == ("queuectl length", "Queue")
    inner = question(book, "do-the-consumers-restart")
    assert isinstance(inner.if_yes[0], Note)
    assert ids(inner.if_no) == ["restart-one"]
    assert ids(book.tree) == ["is-the-queue-long", "recent-deploy"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is the queue > 10,000?", "is-the-queue-10-000"),
        ("\u00dcberl\u00e4uft der Cache?", "uberlauft-der-cache"),
        ("\u671d", "step"),
        ("x" * 90, "x" * 60),
    ],
)
def test_a_slug_is_short_and_plain(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_an_id_that_was_left_out_takes_no_other_id() -> None:
    book = book_of(
        """
        decision_tree:
          - action: Restart
          - action: Restart
          - {action: Look, id: restart}
          - action: Exhausted
        """
    )
    assert ids(book.tree) == ["restart-2", "restart-3", "restart", "exhausted-2"]


def test_a_step_that_is_left_out_keeps_its_words_and_says_why() -> None:
    (step,) = book_of("decision_tree: [{use: cache-stampede, omit: search has no cache}]").tree
    assert isinstance(step, Omitted)
    assert (step.id, step.text) == ("cache-stampede", "Is there a cache stampede?")
    assert step.reason == "search has no cache"


def test_using_a_step_replaces_the_keys_that_are_written() -> None:
    book = book_of("decision_tree: [{use: slow-database, ask: Is MySQL slow?, if_yes: [{action: End them}]}]")
    step = question(book, "slow-database")
    assert step.text == "Is MySQL slow?"
    assert step.look.startswith("psql")
    assert ids(step.if_yes) == ["end-them"]
    assert step.route == ("decision_tree", 0)


def test_a_step_may_not_be_used_within_itself() -> None:
    loop = "decision_tree: [{ask: Is it?, id: loop, if_yes: [{use: loop, id: again}]}]"
    assert problems_of("decision_tree: [{use: loop, id: outer}]", loop) == [
        "_defaults.yaml:1:56: the step `loop` is used within itself, or too deep"
    ]


def test_steps_that_use_each_other_do_not_grow_without_end() -> None:
    doubling = "decision_tree:\n" + "".join(
        f"  - {{ask: 'q{n}', id: s{n}, if_yes: [{{use: s{n - 1}, id: a{n}}}, {{use: s{n - 1}, id: b{n}}}]}}\n"
        for n in range(1, 40)
    )
    problems = problems_of("decision_tree: [{use: s39}]", doubling + "  - {note: end, id: s0}\n")
    assert "_defaults.yaml:2:48: the id `a1` is already taken The other step is at line 2." in problems


def test_a_large_step_cannot_be_used_without_end() -> None:
    large = f"decision_tree: [{{ask: Is it the moon?, id: moon, links: [{', '.join(['{url: a}'] * 400)}]}}]"
    uses = "decision_tree:\n" + "".join(f"  - {{use: moon, id: moon-{n}}}\n" for n in range(100))
    (problem,) = problems_of(uses, large)
    assert problem.startswith("shop.yaml:")
    assert problem.endswith(f"the steps that are used stand for more than {MAX_NODES} values")


def test_a_built_in_step_that_is_used_twice_gives_its_inner_ids_twice() -> None:
    (problem,) = problems_of(
        """
        decision_tree:
          - use: slow-database
          - {use: slow-database, id: slow-replica}
        """
    )
    assert problem == (
        "shop.yaml:4:5: the id `end-queries` is already taken "
        "It comes with the built-in step: write an `if_yes` of its own."
    )


STRIPE = """
  - external: Stripe
    status: https://status.example.com
    fallback:
      - {action: Switch to the backup, id: backup, run: flagctl backup, undo: flagctl stripe}
"""
MAPS = """
  - external: Maps & Places
    fallback: [{note: Maps can wait.}]
"""


@pytest.mark.rule("P-TREE-3")
def test_the_fallback_of_the_one_external_follows_the_yes() -> None:
    book = book_of("depends_on:" + STRIPE)
    step = question(book, "external-dependency")
    assert [(link.type, link.url) for link in step.links] == [("status-page", "https://status.example.com")]
    note, fallback = step.if_yes
    assert isinstance(note, Note)
    assert note.text == "Stripe's status page: https://status.example.com"
    assert isinstance(fallback, Action)
    assert (fallback.id, fallback.undo) == ("backup", "flagctl stripe")
    assert book.externals[0].fallback == (fallback,)


@pytest.mark.rule("P-TREE-3")
def test_several_externals_are_asked_about_one_by_one() -> None:
    book = book_of("depends_on:\n  - service: ledger" + STRIPE + MAPS)
    assert book.depends_on == ("ledger",)
    stripe, maps = question(book, "external-dependency").if_yes
    assert isinstance(stripe, Question)
    assert isinstance(maps, Question)
    assert (stripe.id, stripe.text) == ("external-dependency-stripe", "Is Stripe failing?")
    assert ids(stripe.if_yes) == ["stripe-status", "backup"]
    assert (maps.id, ids(maps.if_yes)) == ("external-dependency-maps-places", ["maps-can-wait"])


def test_what_the_runbook_does_about_externals_itself_comes_after_the_fallback() -> None:
    tree = "decision_tree: [{use: external-dependency, if_yes: [{action: Call them}]}]\n"
    book = book_of(tree + "depends_on:" + STRIPE)
    assert ids(question(book, "external-dependency").if_yes) == ["stripe-status", "backup", "call-them"]
    alone = book_of(tree)
    assert ids(question(alone, "external-dependency").if_yes) == ["call-them"]


def test_all_ids_of_a_tree_differ() -> None:
    book = book_of("depends_on:" + STRIPE + MAPS + MAPS.replace("Maps can wait", "So can these"))
    every = [step.id for step in steps_below(book.tree)]
    assert len(every) == len(set(every))
