"""A runbook for reading."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from incidentctl.reports.runbook import runbook_text
from incidentctl.runbook.load import load_service
from incidentctl.runbook.model import Action, Audience, External, Link, Need, Note, Omitted, Person, Question
from tests.reports.walked import generic

LONG = "kubectl rollout undo deployment/checkout --namespace shop --to-revision=41 --timeout=300s --output=name"
ROLLBACK = Action(
    "roll-back", "Roll back the last deploy", "rollback", run=LONG, undo="kubectl rollout undo x", expect="rolled back",
    takes=timedelta(minutes=5), blocked_by=("migrated",), needs=(Need("pod", "Which pod?"),), irreversible="it stays",
)  # fmt: skip
QUESTION = Question(
    "recent-deploy", "Was there a deploy in the last 6 hours?", why="Most incidents begin with a change. " * 4,
    within=timedelta(hours=6), look="git log -3", links=(Link("repo", "Code", "https://git.example.com/" + "x" * 80),),
    if_yes=(ROLLBACK, Note("n", "Tell the team.")),
    if_no=(Question("inner", "Is it the flag?", if_yes=(Action("flag", "Switch it off"),)),),
)  # fmt: skip
BOOK = replace(
    generic(),
    title="Check\x1b[31mout [/api/v1]",
    description="Takes baskets. " * 12,
    tree=(QUESTION, Omitted("cache-stampede", "Is there a cache stampede?", "it has no cache")),
    people={
        "on-call": Person("on-call", "payments on-call", (("pagerduty", "PCHK001"),)),
        "lead": Person("lead", "Bo"),
    },
    externals=(External("Stripe", "https://status.stripe.com", (Action("backup", "Switch to the backup"),)),),
    comms=replace(generic().comms, feature="paying", audiences=(Audience("customers", "statuspage", 500),)),
)


def test_it_reads_in_the_order_in_which_it_is_walked() -> None:
    text = runbook_text(BOOK)
    titles = [line for line in text.splitlines() if line.isupper() and len(line) > 4]
    assert titles == [
        "SEVERITY",
        "PEOPLE",
        "FIRST FIVE MINUTES",
        "DECISION TREE, ASKED STRICTLY IN THIS ORDER",
        "DEPENDS ON",
        "COMMS",
        "ALL CLEAR",
    ]


def test_the_tree_is_drawn_with_its_branches() -> None:
    lines = runbook_text(BOOK).splitlines()
    at = lines.index("1. Was there a deploy in the last 6 hours? (within 6 h) [recent-deploy]")
    tree = [line for line in lines[at : lines.index("DEPENDS ON")] if "Why" not in line]
    for line in (
        "  Yes:",
        "    <- Roll back the last deploy (about 5 min) [roll-back]",
        "      Look first: migrated",
        "      Needs: pod (Which pod?)",
        "      Cannot be undone: it stays",
        "    Note: Tell the team.",
        "  No:",
        "    ? Is it the flag? [inner]",
        "        -> Switch it off [flag]",
        "Left out: Is there a cache stampede? (it has no cache)",
    ):
        assert line in tree


def test_commands_and_addresses_stand_bare_and_the_rest_within_80_columns() -> None:
    lines = runbook_text(BOOK).splitlines()
    bare = {LONG, "git log -3", "kubectl rollout undo x", QUESTION.links[0].url, "https://status.stripe.com"}
    assert bare <= set(lines)
    texts = {line for template in BOOK.comms.templates for line in template.text.splitlines()}
    assert [line for line in lines if len(line) > 80 and line not in bare | texts] == []


def test_a_narrower_screen_breaks_words_earlier_and_what_is_copied_never() -> None:
    lines = runbook_text(BOOK, 50).splitlines()
    bare = {LONG, "git log -3", "kubectl rollout undo x", QUESTION.links[0].url, "https://status.stripe.com"}
    assert bare <= set(lines)
    texts = {line for template in BOOK.comms.templates for line in template.text.splitlines()}
    assert [line for line in lines if len(line) > 50 and line not in bare | texts] == []
    assert " ".join(" ".join(lines).split()) == " ".join(runbook_text(BOOK).split()), "and nothing is left out"


def test_people_without_a_way_to_page_are_pointed_out() -> None:
    text = runbook_text(BOOK)
    assert "on-call: payments on-call (pagerduty PCHK001)" in text
    assert "lead: Bo (no way to page is written down)" in text


def test_foreign_text_cannot_write_on_the_screen() -> None:
    assert runbook_text(BOOK).startswith("Checkout [/api/v1]\n")
    assert "\x1b" not in runbook_text(BOOK)


def test_every_example_runbook_can_be_read() -> None:
    directory = Path(__file__).parents[2] / "runbooks"
    for path in sorted(directory.glob("[a-z]*.yaml")):
        book = load_service(directory, path.stem).book
        assert book is not None, path
        assert runbook_text(book).startswith(book.title)


def test_checks_and_signals_say_what_they_measure() -> None:
    book = load_service(Path(__file__).parents[2] / "runbooks", "checkout").book
    assert book is not None
    lines = runbook_text(book).splitlines()
    assert "  Check: postgres: dsn ${CHECKOUT_DB_URL}, longer_than 30 s" in lines
    assert "  Check: signal: queue > 10000" in lines
    assert lines[lines.index("latency_p99, in s, normally 0.18") + 1] == "  prometheus: query checkout:latency_p99:5m"
