"""What lint says of a runbook that can be walked all the same."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.runbook.doubtful import doubtful_texts, read_elsewhere
from incidentctl.runbook.load import RunbookText, built_in, from_texts
from incidentctl.runbook.source import Problem
from tests.runbook.reading import loaded


def places(problems: tuple[Problem, ...] | list[Problem]) -> list[tuple[str, int, int, str]]:
    return [(problem.slug, problem.line, problem.column, problem.fix) for problem in problems]


def test_a_step_without_an_id_is_walked_and_remarked() -> None:
    result = loaded(
        """
        decision_tree:
          - ask: Is it the moon?
            if_yes:
              - note: Wait.
              - action: Close the curtains
          - {use: slow-database}
          - {use: cache-stampede, omit: no cache}
        all_clear: {checklist: [{do: Open the curtains}, {use: post-mortem}]}
        """
    )
    assert result.book is not None
    assert places(result.remarks) == [
        ("missing-id", 3, 5, "id: is-it-the-moon"),
        ("missing-id", 6, 9, "id: close-the-curtains"),
        ("missing-id", 9, 25, "id: open-the-curtains"),
    ]


def test_a_service_that_is_not_named_as_its_file_is_walked_and_remarked() -> None:
    result = loaded("service: checkout\n")
    assert result.book is not None
    assert places(result.remarks) == [("service-name", 1, 10, "")]
    assert loaded("service: shop\n").remarks == ()


def test_a_format_of_tomorrow_is_walked_as_far_as_it_is_understood_and_remarked() -> None:
    result = loaded("format: 2\nservice: shop\n", "format: 1.1\n")
    assert result.book is not None
    assert [str(remark) for remark in result.remarks] == [
        "_defaults.yaml:1:9: this program reads format 1, and not `1.1`",
        "shop.yaml:1:9: this program reads format 1, and not `2`",
    ]


def test_a_broken_runbook_has_a_draft_of_what_could_be_read() -> None:
    result = loaded("ownr: us\ntitle: [Shop]\npeople: {lead: {name: Ada}}\n")
    assert result.book is None
    assert result.draft is not None
    assert (result.draft.people["lead"].name, result.draft.title) == ("Ada", "shop")
    unreadable = loaded("title: [")
    assert (unreadable.draft, unreadable.root) == (None, None)


def test_texts_that_others_read_otherwise() -> None:
    result = loaded(
        """
        title: 12:30
        owner: "12:30"
        tier: 1
        reviewed: 2026-11-02
        alerts: [no, down, 1_000, 010]
        people:
          on: {name: ~, phone: +49}
        severity:
          P1: {tree: true, meaning: true}
        description: |
          yes
        """
    )
    assert result.book is not None
    found = doubtful_texts(result)
    assert [(problem.line, problem.column, problem.fix) for problem in found] == [
        (2, 8, '"12:30"'),
        (6, 10, '"no"'),
        (6, 20, '"1_000"'),
        (6, 27, '"010"'),
        (8, 3, '"on"'),
        (8, 14, '"~"'),
        (8, 24, '"+49"'),
        (10, 29, '"true"'),
    ]
    assert {problem.slug for problem in found} == {"implicit-type"}


def test_what_is_wrong_already_is_not_doubtful_besides() -> None:
    result = loaded("severity: {P3: {tree: no}}")
    assert [problem.slug for problem in result.problems] == ["bad-value"]
    assert doubtful_texts(result) == []
    assert doubtful_texts(loaded("title: [")) == []
    assert doubtful_texts(built_in("shop")) == []


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("yes", "true"), ("Off", "false"), ("~", "nothing"), ("12:30", "750"), ("010", "8"), ("0x1F", "31"),
        ("1_000", "1000"), ("0o17", "15"), ("1e3", "1000"), (".5", "0.5"), ("+49", "49"), ("-.inf", "infinity"),
        ("1", ""), ("-3", ""), ("0.50", ""), ("5%", ""), ("08", ""), ("5 min", ""), ("", ""), ("y", ""),
    ],
)  # fmt: skip
def test_what_other_readers_make_of_a_text(text: str, other: str) -> None:
    assert read_elsewhere(text) == other


@given(st.text("0123456789_+-.:eExbonyf~", min_size=1, max_size=8))
def test_no_reading_of_yaml_1_1_is_overlooked(text: str) -> None:
    """PyYAML reads YAML 1.1; what prints as it was written is not doubtful."""
    try:
        read = next(iter(yaml.SafeLoader(f"[{text}]").get_single_data()), "")
    except (yaml.YAMLError, ValueError):
        return
    if isinstance(read, bool | int) and str(read) != text:
        assert read_elsewhere(text)


@pytest.mark.parametrize("count", [1, 300])
def test_remarks_are_told_once_each_and_not_without_end(count: int) -> None:
    steps = "".join(f"  - do: step {number}\n" for number in range(count))
    text = f"all_clear:\n checklist:\n{steps}"
    result = from_texts("shop", [*built_in("shop").texts, RunbookText("shop.yaml", text)])
    assert len(result.remarks) == min(count, 100)
