"""There and back: a page that `show` printed is the same runbook again, and what people edited on it arrives."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentctl.reports.runbook_markdown import runbook_markdown, runbook_page
from incidentctl.runbook.load import Loaded, RunbookText, built_in, from_texts, load_service
from incidentctl.runbook.markdown.carried import Items, Keys, Text, Value, texts, yaml_text
from incidentctl.runbook.markdown.convert import Imported, convert
from incidentctl.runbook.model import Action, Item, Runbook, steps_below
from incidentctl.text.redact import redact
from incidentctl.text.times import span
from tests.runbook.test_markdown import CORPUS as MARKDOWN
from tests.runbook.test_markdown import errors
from tests.runbook.test_markdown_laws import MARKDOWN as ANY_MARKDOWN
from tests.runbook.test_markdown_laws import nobody

ROOT = Path(__file__).parents[2]
GOOD = sorted((ROOT / "tests/corpus/lint").glob("*/good-*.yaml"))
BUILT_IN = built_in("shop").texts[0]


def bare(value: Any) -> Any:  # noqa: ANN401 - whatever a runbook is made of
    """The same without routes: where it was written may change, what it says may not."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = {one.name: bare(getattr(value, one.name)) for one in fields(value) if one.name != "route"}
        return (type(value).__name__, kept)
    if isinstance(value, tuple):
        return tuple(map(bare, value))
    return {key: bare(one) for key, one in value.items()} if isinstance(value, dict) else value


def loaded(yaml: str, service: str = "shop") -> Loaded:
    return from_texts(service, [BUILT_IN, RunbookText(f"{service}.yaml", yaml)])


def page_of(one: Loaded) -> str:
    assert one.book is not None
    assert one.root is not None
    return runbook_page(one.book, one.root)


def returned(page: str, service: str = "shop") -> Imported:
    return convert(service, [("page.md", page)], nobody, runbook_markdown)


def book_of(one: Imported, service: str = "shop") -> Runbook:
    book = loaded(one.text, service).book
    assert book is not None, one.problems
    return book


@cache
def checkout() -> str:
    return page_of(load_service(ROOT / "runbooks", "checkout"))


def edited(*changes: tuple[str, str]) -> tuple[Imported, Runbook]:
    """What becomes of the page of checkout after some edits."""
    page = checkout()
    for before, after in changes:
        assert before in page
        page = page.replace(before, after, 1)
    one = returned(page, "checkout")
    assert (one.lost, one.misread, one.problems) == ((), (), ())
    return one, book_of(one, "checkout")


def step(book: Runbook, name: str) -> Any:  # noqa: ANN401 - a question or an action, as the test knows
    return next(one for one in steps_below(book.tree) if one.id == name)


def comes_alone(path: Path) -> bool:
    """It needs no files beside it, and holds nothing that looks like a secret: that does not come back."""
    one = loaded(path.read_text(encoding="utf-8"))
    return one.book is not None and all(redact(text.text) == text.text for text in one.texts)


# --- not edited --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["checkout", "payments", "search"])
def test_a_shipped_runbook_comes_back_as_it_was(service: str) -> None:
    before = load_service(ROOT / "runbooks", service)
    one = returned(page_of(before), service)
    assert (one.edits, one.notes, one.problems) == ((), (), ())
    assert bare(book_of(one, service)) == bare(before.book)


def test_the_built_in_runbook_comes_back_and_says_nothing_of_its_own() -> None:
    one = returned(page_of(built_in("shop")))
    assert one.text == "format: 1\nservice: shop\n"


@pytest.mark.parametrize("path", [*filter(comes_alone, GOOD)], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_good_runbook_of_the_corpus_comes_back_as_it_was(path: Path) -> None:
    before = loaded(path.read_text(encoding="utf-8"))
    one = returned(page_of(before))
    assert (one.edits, one.notes, one.problems) == ((), (), ())
    assert bare(book_of(one)) == bare(before.book)


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.stem)
def test_what_was_imported_from_any_markdown_comes_back_as_it_was(path: Path) -> None:
    before = loaded(convert("shop", [("a.md", path.read_text(encoding="utf-8"))], errors).text)
    one = returned(page_of(before))
    assert one.edits == ()
    assert bare(book_of(one)) == bare(before.book)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
LINES = st.lists(WORDS | st.sampled_from(["-->", "`x`", "| a", "# b", "1. c", "{{ service }}", "- d"]), max_size=3)
PROSE = LINES.map("\n".join).map(lambda text: f"A{text}")
COMMANDS = st.sampled_from(["kubectl get pods -n shop", "a | b", "echo '-->'", 'x "y" --z', "```"])


def keys(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[Keys]:
    """A mapping of which every key but the first may be missing."""
    first, *others = given
    drawn = st.fixed_dictionaries({first: given[first]}, optional={name: given[name] for name in others})
    return drawn.map(lambda entries: Keys({name: as_value(one) for name, one in entries.items()}))


def as_value(one: Any) -> Value:  # noqa: ANN401 - a text, a list or a value already
    return Text(one) if isinstance(one, str) else Items(tuple(map(as_value, one))) if isinstance(one, list) else one


DURATIONS = st.sampled_from(["3 min", "1 h", "90 s"])
LINKS = st.lists(
    keys(title=PROSE, type=st.just("doc"), url=st.just("https://example.com/a(b)")).filter(
        lambda link: {"type", "url"} <= link.entries.keys()
    ),
    max_size=2,
)
ACTIONS = keys(action=PROSE, why=PROSE, run=COMMANDS, undo=COMMANDS, expect=PROSE, takes=DURATIONS)
NOTES = keys(note=PROSE)
STEPS = st.recursive(
    ACTIONS | NOTES | keys(use=st.just("warm-keys"), why=PROSE),
    lambda below: keys(ask=PROSE, why=PROSE, look=COMMANDS, links=LINKS, if_yes=st.lists(below, max_size=2)),
    max_leaves=5,
)
BOOKS = keys(
    title=PROSE,
    description=PROSE,
    alerts=st.lists(WORDS.filter(str.strip), max_size=2),
    links=LINKS,
    first_five_minutes=st.lists(keys(do=PROSE, why=PROSE, run=COMMANDS) | NOTES, max_size=3),
    decision_tree=st.lists(STEPS, max_size=3),
)


@settings(max_examples=40, deadline=None)
@given(BOOKS)
def test_any_runbook_comes_back_as_it_was(value: Keys) -> None:
    before = loaded(yaml_text(value))
    if before.book is None or any(redact(one.text) != one.text for _, one in texts(value)):
        return  # two steps with one id, say
    one = returned(page_of(before))
    assert (one.edits, one.notes, one.lost, one.problems) == ((), (), (), ())
    assert bare(book_of(one)) == bare(before.book)


def test_a_wiki_may_lay_the_page_out_anew() -> None:
    page = re.sub(r"(?m)^\|", "|  ", checkout().replace("\n", "\r\n").replace(r"\_", "_"))
    page = page.replace("- logs:", "* logs:").replace("| --- |", "|:----|").replace("kind, and so", "kind,\nand so")
    one = returned(page, "checkout")
    assert (one.edits, one.notes) == ((), ())


def test_the_comment_shows_nothing_and_ends_where_it_ends() -> None:
    page = page_of(loaded("format: 1\ndescription: 'an arrow --> and --!> another'\n"))
    assert page.count("-->") == page.count("\n-->\n") + page.split("<!--")[0].count("-->")
    assert book_of(returned(page)).description == "an arrow --> and --!> another"


def test_the_page_carries_no_secret() -> None:
    page = page_of(loaded("format: 1\ndescription: 'password: hunter2hunter2'\nchannel: 'token=abc123abc123'\n"))
    assert "hunter2" not in page
    assert "abc123abc123" not in page


# --- edited ------------------------------------------------------------------------------------------------


WHAT_CHANGES = {
    "Takes *money*.": "Takes *money*.", "- Tier: 2": "2", "- Reviewed: 2026-11-20": "2026-11-20",
    "long?": "queue long?", "Is it slow?": "Is it slow?", "limit (about 8": "8 min", "consumer 4Gi": "4Gi",
    "Ada | slack `@ada`": "@ada",
    "| P1 | all is lost, or": "all is lost, or critically", "- Expect: warmed": "warmed", "fails": "orders fails.",
    "5. Thaw": "Thaw", "example.com/shop?level": "com/shop?",
}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("Takes baskets, payments and orders.", "Takes *money*.", lambda book: book.description),
        ("- Tier: 1", "- Tier: 2", lambda book: book.tier),
        ("- Reviewed: 2026-11-02", "- Reviewed: 2026-11-20", lambda book: str(book.reviewed)),
        ("longer than 10,000?", "long?", lambda book: step(book, "queue-backlog").text),
        ("Is a database query slow?", "Is it slow?", lambda book: step(book, "slow-database").text),
        ("memory limit (about 3", "limit (about 8", lambda book: span(step(book, "raise-memory").takes)),
        ("consumer 2Gi", "consumer 4Gi", lambda book: step(book, "raise-memory").run),
        ("lead | slack `@checkout-lead`", "Ada | slack `@ada`", lambda book: str(book.people["lead"].ways)),
        ("| P1 | down, or", "| P1 | all is lost, or", lambda book: book.levels[0].meaning),
        ("- Expect: warmed 1200 keys", "- Expect: warmed", lambda book: step(book, "warm-keys").expect),
        ("is failing for some customers", "fails", lambda book: book.comms.templates[0].text),
        ("5. Unfreeze deploys", "5. Thaw", lambda book: book.all_clear.checklist[-1].text),
        ("example.com/checkout?level", "example.com/shop?level", lambda book: book.links[2].url),
    ],
)
def test_a_text_that_was_edited_arrives(before: str, after: str, where: Callable[[Runbook], str]) -> None:
    one, book = edited((before, after))
    new = WHAT_CHANGES[after]
    assert new in where(book)
    assert [remark.text.split(":")[0] for remark in one.edits] == ["edited"]
    assert one.notes == ()


def test_a_built_in_text_that_was_edited_is_the_service_s_own() -> None:
    changed = ("We are seeing a problem with {{ feature }}.", "Something is wrong with {{ feature }}.")
    also = ("The problem with {{ feature }} is resolved.", "All is well with {{ feature }}.")
    one, book = edited(changed, also)
    own = [(text.phase, text.text.split(".")[0]) for text in book.comms.templates if not text.built_in]
    assert own[:2] == [
        ("investigating", "Something is wrong with {{ feature }}"),
        ("resolved", "All is well with {{ feature }}"),
    ]
    assert [remark.text.split(":")[0] for remark in one.edits] == ["edited", "edited"]
    assert one.notes == ()
    before = load_service(ROOT / "runbooks", "checkout").book
    assert before is not None
    assert repr(bare(book.tree)) == repr(bare(before.tree))


def test_nothing_else_changes_with_an_edit() -> None:
    book = edited(("consumer 2Gi", "consumer 4Gi"))[1]
    before = load_service(ROOT / "runbooks", "checkout").book
    assert repr(bare(book)).replace("consumer 4Gi", "consumer 2Gi") == repr(bare(before))


def test_a_step_that_was_added_stands_where_it_was_added() -> None:
    one, book = edited(("   1. **Action:** Raise", "   1. Look: `kubectl get pods -n shop`\n   2. **Action:** Raise"))
    assert [below.run for below in step(book, "consumers-restarting").if_yes if isinstance(below, Action)] == [
        "kubectl get pods -n shop",
        "deployctl memory payments-consumer 2Gi",
    ]
    assert one.notes == ()


def test_an_item_and_a_link_that_were_added_stand_in_their_lists() -> None:
    link = "- repo: [Code]"
    _, book = edited(("5. Unfreeze", "5. Tell Ada\n6. Unfreeze"), (link, f"- [New](https://example.com/new)\n{link}"))
    assert [one.text for one in book.all_clear.checklist if isinstance(one, Item)][4:] == [
        "Tell Ada",
        "Unfreeze deploys",
    ]
    assert book.links[-1].url == "https://example.com/new"


def test_a_text_that_was_added_is_read_on_the_walk() -> None:
    one, book = edited(("## Signals", "Think twice.\n\n## Signals"), ("and orders.", "and orders.\n\nAsk Ada."))
    last = book.tree[-1]
    assert isinstance(last, Action)
    assert (last.text, book.description) == ("Read: Think twice.", "Takes baskets, payments and orders.\n\nAsk Ada.")
    assert [str(remark) for remark in one.edits] == ["page.md:5: added: Ask Ada.", "page.md:211: added: Think twice."]


def test_a_sentence_that_was_added_above_steps_is_kept_with_them() -> None:
    added = "# Checkout\n\nAsk Ada.\n\n1. Look at pods\n  - Look at restarts\n2. Look again\n"
    done, _ = edited(("# Checkout\n", added))
    for said in ("Ask Ada.", "Look at pods", "Look at restarts", "Look again"):
        assert said in done.text


def test_what_was_removed_is_gone() -> None:
    page = checkout()
    only = page[page.index("   1. **Action:** Restart one") : page.index("### Left out")]
    one, book = edited((only, ""), ("   - Look first: migrated, third-party\n", ""))
    assert (step(book, "consumers-restarting").if_no, step(book, "roll-back").blocked_by, one.notes) == ((), (), ())


def test_what_cannot_be_taken_out_is_kept_and_said() -> None:
    one, book = edited(("- Process: full\n", ""))
    assert book.process == "full"
    assert [remark.text for remark in one.notes] == ["gone from the page, and kept: - Process: full"]


def test_an_edit_that_no_runbook_can_say_is_a_note() -> None:
    one, book = edited(("| every 1 h |", "| whenever you like |"))
    assert "whenever you like" in one.text
    assert book.levels[1].update_every == timedelta(hours=1)


def test_an_added_command_that_lint_calls_an_error_is_a_note() -> None:
    page = checkout().replace("## Signals", "```\nkubectl delete pod checkout-0 -n shop\n```\n\n## Signals", 1)
    one = convert("shop", [("page.md", page)], errors, runbook_markdown)
    assert "run: kubectl delete pod checkout-0" not in one.text
    assert "kubectl delete pod checkout-0 -n shop" in one.text


def test_a_page_without_its_comment_is_read_by_its_headings() -> None:
    page = checkout().partition("<!--")[0]
    one = returned(page, "checkout")
    assert (one.lost, one.problems, one.edits) == ((), (), ())
    assert book_of(one, "checkout").title == "Checkout"


@pytest.mark.parametrize("yaml", ["a: [", "title: {a: b}", "decision_tree: 1", "\x00", "&a [*a]", "title: x\n" * 3])
def test_a_comment_that_is_no_runbook_is_a_comment(yaml: str) -> None:
    one = returned(f"# Shop\n\n<!-- incidentctl: x\n{yaml}\n-->\n")
    assert (one.lost, one.problems, one.edits) == ((), (), ())


@settings(max_examples=15, deadline=None)
@given(ANY_MARKDOWN, st.integers(0, 420), st.integers(0, 6))
def test_whatever_is_pasted_into_a_page_arrives_whole_and_can_be_walked(text: str, at: int, gone: int) -> None:
    lines = checkout().split("\n")
    end = lines.index("<!-- " + checkout().partition("<!-- ")[2].partition("\n")[0])
    at = min(at, end)
    one = returned("\n".join([*lines[:at], *text.split("\n"), *lines[min(at + gone, end) :]]), "checkout")
    assert (one.lost, one.problems) == ((), ())


def test_a_hostile_page_is_read_soon() -> None:
    before = process_time()
    body, _, comment = checkout().partition("<!-- ")
    for noise in ("x\n\n" * 8_000, "**If yes:**\n\n" * 8_000, "> " * 50_000 + "x\n", "| a " * 20_000 + "\n"):
        one = returned(f"{body}\n{noise}\n<!-- {comment}", "checkout")
        assert one.lost == ()
    assert process_time() - before < 60
