"""No secret of a runbook reaches a terminal or a CI log: not in the source line, not in a message that quotes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.lint.engine import Setting, lint
from incidentctl.lint.formats import github, json, junit, sarif, text
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.report import Report
from incidentctl.lint.secrets import shown_columns
from incidentctl.lint.targets import folders
from incidentctl.text.redact import REDACTED, redact
from tests.lint.linting import MINIMAL, TODAY, report_of

CANARY = "canary7hunter"
TREE = "  - use: slow-database\n"
PLACES = [
    # In an address, in a header, after an option, below its key, on a line with two of them, cut off in a message.
    f"    check: {{postgres: {{dsn: 'postgers://app:{CANARY}@db/shop'}}}}\n",
    f"    check: {{postgres: {{dsn: 'postgresql://app:{CANARY}@db/shop', longer: 5}}}}\n",
    f"    check: {{http: {{url: 'https://x.example', headers: {{Authorization: 'Bearer {CANARY}', token: 010}}}}}}\n",
    f"    look: tool --password {CANARY} <ns>\n",
    f"    look: tool --password={CANARY} --token {CANARY}2 <ns> `\n",
    f"    look: mysql -p{CANARY} $UNKNOWN\n",
    f"    within: password={CANARY}\n",
    f"    within: 'password: {CANARY}'\n    token: {CANARY}\n",
    f"    why: |\n      password: {CANARY}\n      TODO\n",
    f"    look: >-\n      curl -u app:{CANARY} https://x.example | <ns>\n",
    f"    links: [{{type: doc, url: 'htps://{'a' * 30}:{CANARY}{'b' * 40}@x.example'}}]\n",
    f"    check: {{command: {{run: x, password: {CANARY}}}}}\n",
    f"    check:\n      password: {CANARY}\n",
]


def in_every_format(report: Report) -> dict[str, str]:
    said = {form.__name__.rpartition(".")[2]: form.written(report) for form in (github, json, junit, sarif)}
    return {**said, "text": "\n".join(line.text for line in text.lines(report, 200))}


@pytest.mark.parametrize("below", PLACES)
def test_a_canary_is_in_no_format(below: str) -> None:
    report = report_of({"shop.yaml": MINIMAL.replace(TREE, TREE + below).encode()})
    assert report.findings
    for form, said in in_every_format(report).items():
        assert CANARY not in said, form
        assert CANARY[:9] not in said, form
    assert "<ns>" not in below or "<ns>" in in_every_format(report)["text"]


COMMENTS = [
    f"# incidentctl: ignore[password={CANARY}]",
    f"# incidentctl: ignore[token: {CANARY}] because",
    f"# incidentctl: ignore[no-rollback, api_key={CANARY}] because",
    f"# incidentctl: ignore[no-rollback] https://app:{CANARY}@db",
    f"# incidentctl: ignore[no-rollback,https://app:{CANARY}@db/x] why",
    f"# incidentctl: password={CANARY}",
    f"# incidentctl: ignore[] password: {CANARY}",
]


@pytest.mark.parametrize("comment", COMMENTS)
@pytest.mark.parametrize("file", ["shop.yaml", "_defaults.yaml"])
def test_a_canary_in_a_comment_that_ignores_is_in_no_format(comment: str, file: str) -> None:
    texts = {"shop.yaml": MINIMAL.encode(), "_defaults.yaml": b"format: 1\n"}
    texts[file] += f"{comment}\nowner: team-shop  {comment}\n".encode() if file != "shop.yaml" else b""
    if file == "shop.yaml":
        texts[file] = MINIMAL.replace("owner: team-shop", f"owner: team-shop  {comment}").encode()
    report = report_of(texts)
    assert [one.rule for one in report.findings if one.file.endswith(file) and "ignore" in one.rule]
    for form, said in in_every_format(report).items():
        assert CANARY not in said, form


@pytest.mark.parametrize(
    ("line", "shown", "carets"),
    [
        ("    run: tool --password hunter2hunter <ns>", "    run: tool --password <redacted> <ns>", (9, 40)),
        ("    takes: password=hunter2hunter", "    takes: password=<redacted>", (11, 30)),
    ],
)
def test_the_caret_stays_under_its_token(line: str, shown: str, carets: tuple[int, int]) -> None:
    step = "  - action: Try it\n    id: try-it\n    undo: no\n"
    report = report_of({"shop.yaml": MINIMAL.replace(TREE, f"{step}{line}\n").encode()})
    lines = in_every_format(report)["text"].splitlines()
    at = next(number for number, one in enumerate(lines) if shown in one)
    assert lines[at].partition("| ")[2] == shown
    start, end = carets
    assert lines[at + 1].partition("| ")[2] == " " * start + "^" * (end - start)


def test_a_token_behind_a_secret_is_pointed_at_where_it_is_shown() -> None:
    line = "curl --token hunter2hunter https://x.example/<ns> and --password swordfish77 <end>"
    shown = redact(line)
    for token in ("curl", "<ns>", "https://x.example/<ns>", "<end>"):
        start = line.index(token)
        place = shown_columns(line, shown, start, start + len(token))
        assert place is not None
        assert shown[slice(*place)] == token
    start = line.index("hunter2hunter")
    hidden = shown_columns(line, shown, start + 3, start + 5)
    assert hidden is not None
    assert shown[slice(*hidden)] == REDACTED


def test_where_columns_cannot_be_kept_no_line_is_shown() -> None:
    assert shown_columns("a SECRET bSECRET b", "a <redacted> b", 2, 4) is None
    assert shown_columns("one", "another", 0, 1) is None


@given(st.lists(st.sampled_from(["token=", "hunter2hunter ", "<ns> ", "--password ", "'", "x, ", "é "]), max_size=12))
def test_a_place_that_is_told_is_the_tokens_place(parts: list[str]) -> None:
    line = "".join(parts)
    shown = redact(line)
    for start in range(len(line)):
        place = shown_columns(line, shown, start, start + 1)
        assert place is None or shown[slice(*place)] in (line[start], REDACTED)


def test_what_is_written_is_not_redacted_in_the_file_that_is_mended() -> None:
    report = report_of({"shop.yaml": MINIMAL.replace(TREE, TREE + PLACES[3]).encode()})
    assert CANARY in report.texts["runbooks/shop.yaml"]


def test_what_is_kept_for_the_next_run_holds_no_secret(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    for number, below in enumerate(PLACES):
        text = MINIMAL.replace("service: shop", f"service: shop{number}").replace(TREE, TREE + below)
        (tmp_path / f"runbooks/shop{number}.yaml").write_text(text)
    setting = Setting(frozenset(CATALOGUE), TODAY, cache=tmp_path / "cache", processes=1)
    first, second = (lint(folders([tmp_path / "runbooks"]), setting) for _ in range(2))
    assert first.findings == second.findings
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if CANARY.encode() in path.read_bytes()] == []
