"""What is written is read back as it was said, whatever was said."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.runbook.load import RunbookText, from_texts
from incidentctl.runbook.model import Link, Omitted, Person, Question, Runbook
from incidentctl.runbook.scaffold import Sketch, runbook_yaml, scalar

DAY = date(2026, 11, 23)
# What a person can type on one line: no control characters, nothing that YAML does not allow.
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=200).map(
    lambda text: " ".join(text.replace("\ufeff", "").split()) or "x"
)
TRAPS = st.sampled_from(
    ["yes", "no", "null", "~", "010", "12:30", "1e3", "- a", "a: b", "a #b", "{a}", "[", "*x", "&x", "!t", "%", "@x",
     "'", '"', "|", ">", "?", "a, b", "back\\slash", "trailing:", "a}", "0x1f", "1_000", "=", "<<", "é", "日本 語", "`"]
)  # fmt: skip
SAID = WORDS | TRAPS


def book_with_steps(sketch: Sketch) -> Runbook:
    """The runbook over the steps that `use` names; nothing is wrong with it."""
    steps = "decision_tree:\n" + "".join(
        f"  - ask: Is it {name}?\n    id: {name}\n    if_yes:\n      - rollback: Roll back\n        id: {step}\n"
        for name, step in (("recent-deploy", "roll-back"), ("slow-database", "a"), ("external-dependency", "b"),
                           ("cache-stampede", "c"))
    )  # fmt: skip
    texts = [
        RunbookText("built-in", steps),
        RunbookText("search.yaml", runbook_yaml(sketch)),
    ]
    loaded = from_texts(sketch.service, texts)
    assert loaded.problems == ()
    assert loaded.book is not None
    return loaded.book


@given(SAID, SAID, SAID, SAID, SAID)
def test_whatever_was_said_is_read_back(title: str, owner: str, command: str, reason: str, name: str) -> None:
    sketch = Sketch(
        "search", DAY, "full", title=title, description=f"{owner} {title}", owner=owner,
        links=(Link("dashboard", title, "https://example.com/d?x={{ opened_at.epoch_ms }}"),),
        people=(Person("on-call", name, (("pagerduty", owner),)),), rollback=command,
        omitted={"slow-database": reason}, externals=((name, "https://status.example.com"),), feature=title,
        stable_for=timedelta(minutes=10),
    )  # fmt: skip
    book = book_with_steps(sketch)
    assert (book.title, book.owner, book.description) == (title, owner, f"{owner} {title}")
    assert (book.links[0].title, book.links[0].url) == (title, sketch.links[0].url)
    assert (book.people["on-call"].name, book.people["on-call"].ways) == (name, (("pagerduty", owner),))
    assert (book.externals[0].name, book.comms.feature) == (name, title)
    assert book.all_clear.stable_for == timedelta(minutes=10)
    deploy, database = book.tree[:2]
    assert isinstance(deploy, Question)
    assert getattr(deploy.if_yes[0], "run", "") == command
    assert isinstance(database, Omitted)
    assert database.reason == reason


@given(SAID)
def test_what_is_plain_reads_well_and_what_is_doubtful_is_quoted(text: str) -> None:
    written = scalar(text)
    assert written == text or (written[0], written[-1]) == ('"', '"')
    assert "\n" not in written


def test_words_are_left_as_they_are_and_traps_are_quoted() -> None:
    assert scalar("kubectl rollout undo deployment/search -n search") == (
        "kubectl rollout undo deployment/search -n search"
    )
    assert scalar("incident commanders' rota") == "incident commanders' rota"
    for trap in ("yes", "null", "12:30", "@search-lead", "https://example.com", "a, b", "1e3", "010"):
        assert scalar(trap) == f'"{trap}"'


def test_a_long_description_stands_in_short_lines() -> None:
    text = "Finds things in the catalogue, and says where they are. " * 6
    sketch = Sketch("search", DAY, description=text)
    assert max(map(len, runbook_yaml(sketch).splitlines())) <= 110
    assert book_with_steps(sketch).description == text.strip()


def test_a_title_that_says_no_more_than_the_name_is_not_written() -> None:
    assert "title" not in runbook_yaml(Sketch("search", DAY, title="search"))
    assert book_with_steps(Sketch("search", DAY, title="search")).title == "search"
