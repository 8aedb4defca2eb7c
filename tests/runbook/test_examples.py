"""The runbooks that people copy from: those in `runbooks/`, and every example of the documentation."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from incidentctl.runbook.decode_steps import MAX_STEPS
from incidentctl.runbook.load import Loaded, built_in, from_texts, load_service, services
from incidentctl.runbook.model import Action, Item, Omitted, Question, Runbook, steps_below
from incidentctl.runbook.slugs import STRUCTURAL
from incidentctl.runbook.source import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_TEXT
from tests.runbook.reading import ids, loaded, question

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "runbooks"
PAGE = (ROOT / "docs/runbook-format.md").read_text()
FOR_EDITORS = "# yaml-language-server: $schema=../docs/runbook.schema.json\n"
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
FILES = [*RUNBOOKS.glob("*.yaml"), ROOT / "incidentctl/runbook/builtin/runbook.yaml"]


def example(service: str) -> Runbook:
    result = load_service(RUNBOOKS, service)
    assert result.problems == ()
    assert result.book is not None
    return result.book


def documented(text: str) -> Loaded:
    """An example of the page, as the file that it says it is."""
    return loaded("", text) if text.startswith("# runbooks/_defaults.yaml") else loaded(text)


def test_the_examples_are_services() -> None:
    assert services(RUNBOOKS) == ["checkout", "payments", "search"]


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_of_the_page_is_a_runbook(text: str) -> None:
    result = documented(text)
    assert result.problems == ()


def test_the_first_example_of_the_page_is_the_one_that_is_shipped() -> None:
    assert FOR_EDITORS + EXAMPLES[0] == (RUNBOOKS / "search.yaml").read_text()


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_editor_finds_the_schema_beside_every_shipped_runbook(path: Path) -> None:
    first = path.read_text().splitlines()[0] + "\n"
    assert first == FOR_EDITORS
    assert first in PAGE
    assert (path.parent / first.strip().rpartition("=")[2]).is_file()


def test_the_page_names_the_limits_that_hold() -> None:
    limits = (MAX_BYTES >> 20, MAX_DEPTH, MAX_NODES, MAX_TEXT)
    assert limits == (1, 40, 50_000, 20_000)
    for words in ("1 MiB", "40 levels", "50,000 values", "20,000 characters"):
        assert words in " ".join(PAGE.split())


@pytest.mark.parametrize("service", ["checkout", "payments", "search"])
def test_an_example_read_again_from_its_texts_is_the_same(service: str) -> None:
    result = load_service(RUNBOOKS, service)
    again = from_texts(service, result.texts)
    assert (again.book, again.texts, again.problems) == (result.book, result.texts, result.problems)


def test_checkout_asks_a_question_of_its_own_with_one_under_it() -> None:
    book = example("checkout")
    assert ids(book.tree) == [
        "recent-deploy", "slow-database", "queue-backlog", "external-dependency", "cache-stampede",
    ]  # fmt: skip
    inner = question(book, "queue-backlog").if_yes[0]
    assert isinstance(inner, Question)
    assert (ids(inner.if_yes), ids(inner.if_no)) == (["raise-memory"], ["restart-consumer"])
    assert isinstance(book.tree[3], Omitted)


@pytest.mark.rule("P-ROLL-2")
def test_checkout_rolls_back_in_five_minutes_and_can_take_it_back() -> None:
    (rollback,) = question(example("checkout"), "recent-deploy").if_yes
    assert isinstance(rollback, Action)
    assert (rollback.kind, rollback.takes) == ("rollback", timedelta(minutes=5))
    assert rollback.undo
    assert rollback.blocked_by == ("migrated", "third-party")


def test_checkout_freezes_deploys_and_thaws_them_in_the_end() -> None:
    book = example("checkout")
    freeze, thaw = book.first_minutes[-1], book.all_clear.checklist[-1]
    assert isinstance(freeze, Item)
    assert isinstance(thaw, Item)
    assert (freeze.id, thaw.id, thaw.run) == ("freeze-deploys", "unfreeze-deploys", freeze.undo)
    assert book.all_clear.stable_for == timedelta(minutes=10)


def test_checkout_pages_everyone_whom_a_p1_needs() -> None:
    book = example("checkout")
    assert set(book.levels[0].page) <= book.people.keys()
    assert all(book.people[role].ways for role in book.levels[0].page)
    assert (book.depends_on, book.comms.feature) == ((), "paying and placing orders")
    assert book.signals["latency_p99"].baseline == pytest.approx(0.18)


def test_payments_switches_to_the_backup_when_stripe_fails() -> None:
    book = example("payments")
    assert book.depends_on == ("ledger",)
    steps = question(book, "external-dependency").if_yes
    assert ids(steps) == ["stripe-status", "refunds-stay", "backup-provider"]
    assert isinstance(steps[-1], Action)
    assert steps[-1].undo == "flagctl set payments.provider stripe"
    assert [step.id for step in book.first_minutes] == [
        "acknowledge", "channel", "dashboards", "severity", "page",
    ]  # fmt: skip
    assert book.levels[1].when[-1].text == "declined > 20%"


def test_what_search_leaves_out_comes_from_below() -> None:
    book, generic = example("search"), built_in("search").book
    assert generic is not None
    assert book.levels == generic.levels
    assert book.people.keys() == {"ic-backup", "comms-lead", "support", "on-call", "lead"}
    assert (book.timezone, book.title) == ("Europe/Berlin", "search")


@pytest.mark.parametrize("service", ["checkout", "payments", "search"])
def test_every_action_of_an_example_can_be_taken_back_or_says_that_it_cannot(service: str) -> None:
    for step in steps_below(example(service).tree):
        if isinstance(step, Action) and step.run:
            assert step.undo or step.irreversible, step.id
            assert step.takes is not None, step.id


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_examples_name_only_hosts_that_belong_to_nobody(path: Path) -> None:
    hosts = re.findall(r"[a-z]+://([^/\"'\s$]+)|@([\w.-]+\.\w+)", path.read_text())
    assert all((one or other).endswith("example.com") for one, other in hosts)


def test_the_page_leads_to_every_rule_that_reading_checks() -> None:
    assert set(re.findall(r"\]\(rules/([\w-]+)\.md\)", PAGE)) == set(STRUCTURAL)
    assert f"{MAX_STEPS:,} steps" in PAGE
