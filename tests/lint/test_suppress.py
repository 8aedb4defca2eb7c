"""`# incidentctl: ignore[slug] reason`: where it counts, where it is only text, and what never can be ignored."""

from __future__ import annotations

import pytest

from incidentctl.lint.suppress import ignores
from incidentctl.runbook.comments import comments
from tests.lint.linting import MINIMAL, findings_of, report_of

LINK = '  - {type: dashboard, title: Overview, url: "https://grafana.example.com/d/shop"}\n'
HTTP = LINK.replace("https", "http")
IGNORE = "# incidentctl: ignore[insecure-link] only inside the VPN"


def with_link(lines: str) -> str:
    assert LINK in MINIMAL
    return MINIMAL.replace(LINK, lines)


@pytest.mark.parametrize(
    "lines",
    [
        HTTP.replace("\n", f"  {IGNORE}\n"),
        f"  {IGNORE}\n{HTTP}",
        f"  {IGNORE}\n  # and something else\n{HTTP}",
        f"{IGNORE}\n{HTTP}",
        HTTP.replace("\n", f"  {IGNORE.replace(': ignore', ':ignore').replace('[', ' [ ')}\n"),
    ],
)
def test_a_comment_on_the_line_or_alone_above_it_ignores(lines: str) -> None:
    assert [finding.rule for finding in findings_of(with_link(HTTP))] == ["insecure-link"]
    assert findings_of(with_link(lines)) == ()


def test_a_comment_two_lines_above_ignores_nothing() -> None:
    text = with_link(HTTP).replace("links:", f"{IGNORE}\nlinks:")
    assert sorted(finding.rule for finding in findings_of(text)) == ["insecure-link", "unused-ignore"]


@pytest.mark.parametrize(
    "text",
    [
        "a: '# incidentctl: x'\n",
        'a: "b # incidentctl: x"\n',
        "a: |\n  # incidentctl: x\nb: 1\n",
        "a: >-\n  b\n  # incidentctl: x\n\nb: 1\n",
        "a: b# incidentctl: x\n",
        "a: 'b\n  # incidentctl: x'\n",
    ],
)
def test_a_number_sign_in_a_text_is_no_comment(text: str) -> None:
    assert comments(text, "incidentctl:") == []


@pytest.mark.parametrize(
    ("text", "line", "column", "alone"),
    [
        ("# incidentctl: x\n", 1, 1, True),
        ("a: b # incidentctl: x\n", 1, 6, False),
        ("a: 'it''s # one' # incidentctl: x\n", 1, 18, False),
        ("a: >-  # incidentctl: x\n  text\n", 1, 8, False),
        ("a: |\n  text\n# incidentctl: x\n", 3, 1, True),
        ("a: [b, # incidentctl: x\n  c]\n", 1, 8, False),
        ("a: b\r\nc: d # incidentctl: x\r\n", 2, 6, False),
        ("a: \U0001f525 # incidentctl: x\n", 1, 6, False),
        ("a: b # incidentctl: x\nc: [\n", 1, 6, False),
    ],
)
def test_a_comment_is_found_where_it_stands(text: str, line: int, column: int, alone: bool) -> None:
    (comment,) = comments(text, "incidentctl:")
    assert (comment.line, comment.column, comment.alone) == (line, column, alone)


def test_several_rules_share_a_reason() -> None:
    (ignore,) = ignores("a: b # incidentctl: ignore[one, two ,three]: because of that\n")
    assert (ignore.slugs, ignore.reason) == (("one", "two", "three"), "because of that")


def test_what_keeps_a_runbook_from_being_walked_cannot_be_ignored() -> None:
    text = MINIMAL.replace("title: Shop", "titel: Shop  # incidentctl: ignore[unknown-key] we say so")
    assert [finding.rule for finding in findings_of(text)] == ["unknown-key", "unused-ignore"]


def test_a_rule_that_did_not_run_leaves_its_comment_in_peace() -> None:
    text = with_link(f"  {IGNORE}\n{LINK}")
    assert [finding.rule for finding in findings_of(text)] == ["unused-ignore"]
    asked = frozenset({"bad-url", "unused-ignore"})
    assert findings_of(text, chosen=asked) == ()


def test_a_comment_in_the_defaults_is_used_by_any_service() -> None:
    defaults = f"format: 1\nlinks:\n{HTTP.rstrip()}  {IGNORE}\n".encode()
    without = "".join(MINIMAL.split("links:\n" + LINK)).encode()
    texts = {
        "_defaults.yaml": defaults,
        "shop.yaml": without,
        "store.yaml": MINIMAL.replace(": shop\n", ": store\n").encode(),
    }
    assert report_of(texts).findings == ()
