"""The same findings in five formats; none of them can change a verdict."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog

from incidentctl.lint.explain import summary
from incidentctl.lint.finding import Finding
from incidentctl.lint.formats import github, junit, sarif, text
from incidentctl.lint.formats import json as json_format
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.report import Report
from incidentctl.text.escape import columns
from tests.lint.linting import MINIMAL, report_of

SOURCE = "format: 1\nownr: team-shop\n"
ERROR = Finding(
    "unknown-key", "error", "there is no key `ownr`", "runbooks/shop.yaml", 2, 1, 2, 5, "ownr", "Did you?", fixable=True
)
WARNING = Finding("no-rollback", "warning", "nothing rolls back", "runbooks/shop.yaml", 2, 7, 2, 16, "decision_tree[0]")
REPORT = Report(("runbooks/shop.yaml", "runbooks/store.yaml"), (ERROR, WARNING), {"runbooks/shop.yaml": SOURCE})


def as_text(report: Report, width: int = 80) -> str:
    return "\n".join(line.text for line in text.lines(report, width))


def test_text_groups_by_file_and_points_at_the_token() -> None:
    assert as_text(REPORT) == (
        "runbooks/shop.yaml\n"
        "  2:1 error unknown-key: there is no key `ownr`\n"
        "      2 | ownr: team-shop\n"
        "        | ^^^^\n"
        "      Did you?\n"
        "  2:7 warning no-rollback: nothing rolls back\n"
        "      2 | ownr: team-shop\n"
        "        |       ^^^^^^^^^\n"
        "\n"
        "1 error and 1 warning in 2 files.\n"
        "1 of them can be mended with `incidentctl lint --fix`.\n"
        "`incidentctl lint --explain SLUG` says why, and what to write instead."
    )


@pytest.mark.parametrize(
    ("line", "column", "end", "shown"),
    [
        ("\tkey: \U0001f525 value", 9, 14, (" key: \U0001f525 value", "         ^^^^^")),
        ("key: 日本 value", 6, 8, ("key: 日本 value", "     ^^^^")),
        ("key: \x1b[31mred\x1b[0m value", 6, 6, ("key: red value", "     ^")),
    ],
)
def test_the_caret_stands_under_the_token_whatever_its_width(
    line: str, column: int, end: int, shown: tuple[str, str]
) -> None:
    finding = Finding("unknown-key", "error", "m", "f", 1, column, 1, end, "")
    lines = as_text(Report(("f",), (finding,), {"f": line})).splitlines()
    assert tuple(part.partition("| ")[2] for part in lines[2:4]) == shown


@given(st.text(max_size=300), st.integers(1, 320), st.integers(0, 320), st.integers(40, 100))
def test_no_line_of_source_is_wider_than_the_screen(line: str, column: int, length: int, width: int) -> None:
    finding = Finding("unknown-key", "error", "m", "f", 1, column, 1, column + length, "")
    for shown in as_text(Report(("f",), (finding,), {"f": line}), width).splitlines()[2:4]:
        assert columns(shown) <= width or " | " not in shown


def test_nothing_found_says_how_much_was_looked_at() -> None:
    assert as_text(Report(("a", "b"), ())) == "2 files, nothing found."


def test_json_has_the_promised_shape() -> None:
    document = json.loads(json_format.written(REPORT))
    assert document["schema"] == "incidentctl/lint/1"
    assert document["files"] == 2
    assert document["findings"][0] == {
        "rule": "unknown-key", "severity": "error", "message": "there is no key `ownr`", "hint": "Did you?",
        "file": "runbooks/shop.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 5, "path": "ownr",
        "fixable": True,
    }  # fmt: skip


def test_github_annotations_are_escaped() -> None:
    finding = Finding("unknown-key", "error", "50% of a,b: c\nd", "odd, name: 100%.yaml", 3, 4, 5, 6, "")
    assert github.written(Report((), (finding, WARNING))).splitlines() == [
        "::error file=odd%2C name%3A 100%25.yaml,line=3,endLine=5,col=4,title=unknown-key::50%25 of a,b: c%0Ad",
        "::warning file=runbooks/shop.yaml,line=2,endLine=2,col=7,endColumn=16,title=no-rollback::nothing rolls back",
    ]


def test_sarif_fits_the_schema() -> None:
    log = SarifLog.model_validate_json(sarif.written(REPORT))
    run = log.runs[0]
    assert run.results is not None
    assert [result.ruleId for result in run.results] == ["unknown-key", "no-rollback"]
    assert run.columnKind is not None
    assert run.columnKind.value == "unicodeCodePoints"
    assert [rule.id for rule in run.tool.driver.rules or []] == ["no-rollback", "unknown-key"]


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(sorted(CATALOGUE)))
def test_sarif_fits_the_schema_whatever_is_found(message: str, name: str, rule: str) -> None:
    finding = Finding(rule, "error", message or "m", f"runbooks/{name}.yaml", 1, 1, 1, 1, name)
    SarifLog.model_validate_json(sarif.written(Report((), (finding, finding))))


def test_text_breaks_the_last_lines_too_on_a_narrow_screen() -> None:
    assert all(columns(line) <= 40 for line in as_text(REPORT, 40).splitlines())


def test_sarif_describes_each_rule_in_whole_sentences() -> None:
    for slug in CATALOGUE:
        assert summary(slug).endswith((".", ".)")), slug
        assert "\n" not in summary(slug)


def test_sarif_fingerprints_outlive_lines_that_move_and_are_unique() -> None:
    moved = Finding("no-rollback", "warning", WARNING.message, WARNING.file, 90, 7, 90, 16, WARNING.path)
    first, second, third = (
        result["partialFingerprints"]["incidentctl/1"]
        for findings in ((WARNING,), (moved, moved))
        for result in json.loads(sarif.written(Report((), findings)))["runs"][0]["results"]
    )
    assert first == second != third


@given(st.text(max_size=40))
def test_junit_is_xml_whatever_is_found(words: str) -> None:
    finding = Finding("unknown-key", "error", words, f"{words}.yaml", 1, 1, 1, 2, "", words)
    suites = ET.fromstring(junit.written(Report(("good.yaml",), (finding, WARNING))))  # noqa: S314 - our own
    assert sorted(suite.get("failures", "") for suite in suites) == ["0", "0", "1"]


def test_junit_counts_warnings_where_they_count() -> None:
    strict = Report((), (WARNING,), strict=True)
    assert ET.fromstring(junit.written(strict))[0].get("failures") == "1"  # noqa: S314 - our own


def test_what_fails_has_at_least_one_finding_with_a_place() -> None:
    """Peer defect 15: a lint that failed with no finding, and annotations all on line 1."""
    report = report_of({"shop.yaml": MINIMAL.replace("owner:", "ownr:").encode()})
    assert report.failed
    document = json.loads(json_format.written(report))
    assert [(one["line"], one["column"]) for one in document["findings"] if one["rule"] == "unknown-key"] == [(5, 1)]
    assert "line=5" in github.written(report)
