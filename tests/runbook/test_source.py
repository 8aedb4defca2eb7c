"""Text -> nodes: what is written is what is read, and nothing that a file holds can hurt."""

from __future__ import annotations

from time import process_time

import pytest

from incidentctl.runbook.nodes import File, MappingNode, Origin, ScalarNode, Span, path_text
from incidentctl.runbook.source import ENOUGH, MAX_BYTES, MAX_NODES, Problems, Source, read_source

FILE = File("shop.yaml", Origin.SERVICE)


def read(data: bytes | str) -> tuple[Source, list[str]]:
    problems = Problems()
    source = read_source(FILE, data.encode() if isinstance(data, str) else data, problems)
    return source, [f"{one} {one.hint}".strip() for one in problems.found]


@pytest.mark.parametrize(
    "text", ["yes", "no", "on", "off", "12:30", "1_000", "010", "0x1f", "1e3", "null", "~", "2026-11-02", ".inf", "="]
)
def test_a_scalar_is_the_text_that_was_written(text: str) -> None:
    source, problems = read(f"{text}: {text}\n")
    assert problems == []
    key, value = source.root.entries[text]
    assert isinstance(value, ScalarNode)
    assert (key.text, value.text) == (text, text)


def test_a_node_knows_its_place_and_the_way_to_it() -> None:
    source, _ = read("people:\n  lead: {name: Ada}\n")
    people = source.root.value("people")
    assert isinstance(people, MappingNode)
    lead = people.value("lead")
    assert isinstance(lead, MappingNode)
    name = lead.value("name")
    assert name is not None
    assert name.span == Span(2, 16, 2, 19)
    assert path_text(name.route) == "people.lead.name"
    assert path_text(("decision_tree", 0, "if_yes", 1, "run")) == "decision_tree[0].if_yes[1].run"


def test_columns_count_characters_and_not_bytes() -> None:
    _, problems = read("title: [\u00fc\u00fc\u00fc, \U0001f525, *lead]\n")
    assert problems == ["shop.yaml:1:17: the alias `*lead` names nothing above it"]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "\n\n"])
def test_an_empty_file_says_nothing(text: str) -> None:
    source, problems = read(text)
    assert (source.readable, source.root.entries, problems) == (True, {}, [])


NO_ITEM = "this is not YAML: did not find expected '-' indicator"
NOT_ALLOWED = "there is a character here that YAML does not allow"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xef\xbb\xbfservice: shop\n", "shop.yaml:1:1: the file begins with a byte order mark Save it without one."),
        (b"service: shop\nowner: \xff\n", "shop.yaml:2:8: the file is not UTF-8 Save it as UTF-8."),
        ("service: shop\n".encode("utf-16"), "shop.yaml:1:1: the file is not UTF-8 Save it as UTF-8."),
        (b"service: shop\ntitle: a\0b\n", "shop.yaml:2:9: there is a NUL character here Remove it."),
        (
            b"a: b\n" * (MAX_BYTES // 5 + 1),
            "shop.yaml:1:1: the file is larger than 1024 KiB Keep what is read at 3 AM, and link to the rest.",
        ),
        (b"service: a\x1bb\n", f"shop.yaml:1:11: {NOT_ALLOWED} Remove it: U+001B."),
        ("owner: \u00fc\ntitle: \x07\n".encode(), f"shop.yaml:2:8: {NOT_ALLOWED} Remove it: U+0007."),
        (
            b"tree:\n  - {use: a}\n    check: b\n",
            f"shop.yaml:3:5: {NO_ITEM} Begin this line with `- `, or indent it like the item that it belongs to.",
        ),
        (b"people:\n\tlead: Ada\n", "shop.yaml:2:1: a tab indents this line Indent with spaces."),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_no_traceback(data: bytes, problem: str) -> None:
    source, problems = read(data)
    assert (source.readable, problems) == (False, [problem])


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{below}'] * 9)}]\n" for below, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{x: *{below}, y: *{below}, z: *{below}}}\n"
    for below, name in zip("abcdefghijklmnopqrs", "bcdefghijklmnopqrst", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAUGHS, "the aliases stand for more than"),
        (MERGES, "the aliases stand for more than"),
        ("a: " + "[" * 100_000, "nested more than"),
        ("- " * 100_000, "nested more than"),
        ("a: " + "{a: " * 100_000, "nested more than"),
        ("a:\n" + "- b\n" * (MAX_NODES + 1), "has more than"),
        ("a: b\n" * (MAX_NODES // 2), "a second time"),
        ("? " * 100_000, "a key is a plain word"),
    ],
)
def test_a_hostile_file_ends_quickly(text: str, said: str) -> None:
    before = process_time()
    _, problems = read(text)
    assert process_time() - before < 5
    assert said in problems[0]
    assert len(problems) <= ENOUGH


def test_an_alias_stands_for_its_value() -> None:
    source, problems = read("a: &words [x, y]\nb: *words\n")
    assert problems == []
    assert source.root.value("b") is source.root.value("a")


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!int", "!shop", "!!timestamp"])
def test_nothing_is_ever_constructed(tag: str) -> None:
    _, problems = read(f"title: {tag} '1'\n")
    assert len(problems) == 1
    assert "YAML tags are not read" in problems[0]
