"""`--fix`: what was wrong is mended; comments, order, quoting and everything else stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentctl.lint.engine import Setting, lint
from incidentctl.lint.fix import FIXERS
from incidentctl.lint.mending import mend, write
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.report import Report
from incidentctl.lint.targets import Folder
from tests.lint.linting import MINIMAL, NOWHERE, TODAY

FILE = NOWHERE / "shop.yaml"
FOLDER = Folder(NOWHERE, None, (FILE,), frozenset({FILE}))


def setting(data: bytes) -> Setting:
    return Setting(frozenset(CATALOGUE), TODAY, given={FILE: data})


def fixed(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    return mend([FOLDER], setting(data)).get(FILE, data).decode("utf-8", "surrogateescape")


def report_of(text: str) -> Report:
    return lint([FOLDER], setting(text.encode("utf-8", "surrogateescape")))


# What was written, and what `--fix` makes of it, each in place of a part of the minimal runbook.
MENDED = {
    "unknown-key": ("owner: team-shop", "ownr: 'team-shop'  # us", "owner: 'team-shop'  # us"),
    "unknown-key in flow": (", title: Overview", ", tilte: Overview", ", title: Overview"),
    "duplicate-key": ("owner: team-shop\n", "owner: team-shop\nowner: team-shop\n", "owner: team-shop\n"),
    "insecure-link": ("https://grafana", "http://grafana", "https://grafana"),
    "encoding, a mark": ("format: 1", "\ufeffformat: 1", "format: 1"),
    "encoding, NUL": ("title: Shop", "title: Sh\0op", "title: Shop"),
    "encoding, a tab": ("  - use: slow-database", "\t- use: slow-database", "  - use: slow-database"),
    "shell-prompt": ("run: kubectl", "run: $ kubectl", "run: kubectl"),
    "shell-prompt, quoted": (
        "run: kubectl rollout undo deployment/shop -n shop",
        'run: "$ kubectl rollout undo deployment/shop -n shop"  # now',
        'run: "kubectl rollout undo deployment/shop -n shop"  # now',
    ),
    "missing-id": (
        "      - rollback: Roll back the last deploy\n        id: roll-back\n",
        "      - rollback: Roll back the last deploy  # five minutes\n",
        "      - rollback: Roll back the last deploy  # five minutes\n        id: roll-back-the-last-deploy\n",
    ),
    "missing-id in flow": (
        "  - use: slow-database\n",
        "  - {ask: Is it slow?, if_yes: [{note: Wait., id: wait}]}\n  - use: slow-database\n",
        "  - {ask: Is it slow?, id: is-it-slow, if_yes: [{note: Wait., id: wait}]}\n  - use: slow-database\n",
    ),
    "missing-id, folded": (
        "  - use: slow-database\n",
        "  - ask: >-\n      Is it\n      slow?\n    if_yes: [{note: Wait., id: wait}]\n  - use: slow-database\n",
        """  - ask: >-
      Is it
      slow?
    id: is-it-slow
    if_yes: [{note: Wait., id: wait}]
  - use: slow-database
""",
    ),
    "implicit-type": ("title: Shop", "title: on", 'title: "on"'),
}


@pytest.mark.parametrize("name", MENDED)
def test_only_what_was_wrong_changes(name: str) -> None:
    part, bad, good = MENDED[name]
    assert part in MINIMAL
    before, after = MINIMAL.replace(part, bad, 1), MINIMAL.replace(part, good, 1)
    rule = name.partition(",")[0].partition(" ")[0]
    assert rule in {one.rule for one in report_of(before).findings if one.fixable}
    assert fixed(before) == after
    assert rule not in {one.rule for one in report_of(after).findings}


def test_every_rule_that_can_be_mended_has_a_test() -> None:
    assert {name.partition(",")[0].partition(" ")[0] for name in MENDED} == set(FIXERS)


@pytest.mark.parametrize(
    "bad",
    [
        MINIMAL.replace("owner: team-shop\n", "owner: team-shop\nowner: team-store\n"),  # which one is right?
        MINIMAL.replace("owner: team-shop\n", "owner: team-shop\ncolour: green\n"),  # near nothing
        MINIMAL.replace("owner: team-shop\n", "owner: team-shop\nownr: team-shop\n"),  # would be there twice
        MINIMAL.replace("title: Shop", "title: Sh\\xffop")
        .encode()
        .replace(b"\\xff", b"\xff"),  # no UTF-8: not all was read
    ],
)
def test_what_only_a_person_can_decide_stays(bad: str | bytes) -> None:
    assert fixed(bad) == (bad if isinstance(bad, str) else bad.decode("utf-8", "surrogateescape"))


def test_line_ends_stay_as_they_are() -> None:
    part, bad, good = MENDED["missing-id"]
    before, after = (MINIMAL.replace(part, text).replace("\n", "\r\n") for text in (bad, good))
    assert fixed(before) == after


def test_an_ignored_finding_is_not_mended() -> None:
    text = MINIMAL.replace('"https://grafana', '"http://grafana').replace(
        "links:\n", "links:\n  # incidentctl: ignore[insecure-link] only inside the VPN\n"
    )
    assert fixed(text) == text


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(st.sets(st.sampled_from([name for name in MENDED if "encoding" not in name])), st.booleans())
def test_mending_twice_is_mending_once_and_finds_less(names: set[str], crlf: bool) -> None:
    text = MINIMAL
    for name in sorted(names):
        part, bad, _ = MENDED[name]
        text = text.replace(part, bad, 1)
    text = text.replace("\n", "\r\n") if crlf else text
    once = fixed(text)
    assert fixed(once) == once
    before, after = report_of(text).findings, report_of(once).findings
    assert len(after) < len(before) or not any(one.fixable for one in before)


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "shop.yaml", tmp_path / "link.yaml"
    file.write_text("a: 1\n")
    file.chmod(0o640)
    link.symlink_to(file)
    write(link, b"a: 2\n")
    assert file.read_text() == "a: 2\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "shop.yaml"]
