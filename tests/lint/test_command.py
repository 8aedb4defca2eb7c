"""`incidentctl lint`, as its users know it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentctl.cli.main import main
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.rules import no_rollback
from tests.lint.linting import MINIMAL, ROOT
from tests.needs import needs

BAD = MINIMAL.replace("owner: team-shop", "ownr: team-shop")
WARNS = MINIMAL.replace('"https://grafana', '"http://grafana')


class Done:
    """What the command left behind."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def rules(self) -> list[str]:
        """The slugs of a JSON document."""
        return [finding["rule"] for finding in self.document["findings"]]

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as JSON."""
        return dict(json.loads(self.out))


Lint = Callable[..., Done]


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lint:
    """Runs lint in a folder of this test that has an empty `runbooks/`; `text` is standard input."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runbooks").mkdir()

    def run(*words: str, text: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        monkeypatch.setattr(sys, "argv", ["incidentctl", "lint", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return run


def put(text: str, name: str = "shop.yaml") -> Path:
    path = Path("runbooks") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_nothing_found_is_status_0(lint: Lint) -> None:
    put(MINIMAL)
    done = lint()
    assert (done.status, done.out) == (0, "1 file, nothing found.\n")


def test_an_error_is_status_1_and_has_its_place(lint: Lint) -> None:
    put(BAD)
    done = lint("--format", "json")
    assert done.status == 1
    assert [(one["rule"], one["line"], one["column"]) for one in done.document["findings"]] == [("unknown-key", 5, 1)]


def test_a_warning_is_status_0_and_1_where_warnings_count(lint: Lint) -> None:
    put(WARNS)
    assert lint().status == 0
    assert lint("--strict").status == 1
    Path("pyproject.toml").write_text("[tool.incidentctl.lint]\nstrict = true\n")
    assert lint().status == 1


def test_rules_are_chosen_on_the_command_line_and_in_pyproject(lint: Lint) -> None:
    put(BAD.replace('"https://grafana', '"http://grafana'))
    assert lint("--format", "json").rules == ["unknown-key", "insecure-link"]
    assert lint("--format", "json", "--ignore", "unknown-key").rules == ["missing-owner", "insecure-link"]
    assert lint("--format", "json", "--ignore", "unknown-key,missing-owner").rules == ["insecure-link"]
    assert lint("--format", "json", "--select", "missing-owner", "--select", "insecure-link").rules == [
        "missing-owner",
        "insecure-link",
    ]
    Path("pyproject.toml").write_text(
        '[tool.incidentctl.lint]\nignore = ["missing-owner"]\nselect = ["missing-owner", "insecure-link"]\n'
    )
    assert lint("--format", "json").rules == ["insecure-link"]
    assert lint("--format", "json", "--select", "unknown-key").rules == ["unknown-key"]


@pytest.mark.parametrize(
    ("words", "toml", "said"),
    [
        (("--select", "insecure-links"), "", "Did you mean `insecure-link`?"),
        (("--ignore", "nonsense-nowhere"), "", "there is no rule `nonsense-nowhere`"),
        (("--explain", "no-rolback"), "", "Did you mean `no-rollback`?"),
        ((), "[tool.incidentctl.lint]\nselct = []\n", "Did you mean `select`?"),
        ((), "[tool.incidentctl.lint]\nignore = 'x'\n", "`ignore` is a list of rules"),
        ((), "[tool.incidentctl.lint]\nignore = ['unknwn-key']\n", "Did you mean `unknown-key`?"),
        (
            (),
            "[tool.incidentctl.lint]\nignore = ['x']\n",
            "pyproject.toml, [tool.incidentctl.lint]: there is no rule `x`",
        ),
        ((), "[tool.incidentctl.lnt]\nstrict = true\n", "Did you mean `lint`?"),
        ((), "[tool]\nincidentctl = 3\n", "[tool.incidentctl]: this has to be a table"),
        (("--explain", "everything"), "", "The rules are bad-url, "),
        ((), "[tool", "cannot be read"),
        (("-", "runbooks"), "", "cannot be named beside files"),
        (("--fix", "-"), "", "--fix writes files"),
    ],
)
def test_wrong_usage_is_status_2(lint: Lint, words: tuple[str, ...], toml: str, said: str) -> None:
    put(MINIMAL)
    Path("pyproject.toml").write_text(toml)
    done = lint(*words)
    assert done.status == 2
    assert said in done.err


@pytest.mark.parametrize("words", [("runbooks",), ("nowhere.yaml",), (), ("--since", "HEAD", "runbooks")])
def test_a_check_that_looks_at_nothing_does_not_pass(lint: Lint, words: tuple[str, ...]) -> None:
    assert lint(*words).status == 4


def test_a_link_that_leads_nowhere_is_called_that(lint: Lint) -> None:
    put(MINIMAL)
    Path("runbooks/loop.yaml").symlink_to("loop.yaml")
    done = lint("runbooks/loop.yaml")
    assert done.status == 4
    assert "runbooks/loop.yaml is a link that leads nowhere" in done.err


def test_files_and_folders_can_be_named(lint: Lint) -> None:
    shop, _ = put(BAD), put(MINIMAL.replace(": shop\n", ": store\n"), "store.yaml")
    put("answers: []\n", "answers/shop.yaml")
    put("story: x\n", "drills/shop/night.yaml")
    assert lint("runbooks", "--format", "json").document["files"] == 2
    assert lint(".", "--format", "json").document["files"] == 2
    assert lint("runbooks/store.yaml").status == 0
    assert lint(str(shop)).status == 1
    assert lint("runbooks", str(shop), "--format", "json").rules == ["unknown-key"]


def test_what_is_wrong_in_the_defaults_is_said_once(lint: Lint) -> None:
    put(MINIMAL)
    put(MINIMAL.replace(": shop\n", ": store\n"), "store.yaml")
    defaults = put("format: 1\nlniks: []\n", "_defaults.yaml")
    for words in [("runbooks",), (str(defaults),)]:
        findings = lint(*words, "--format", "json").document["findings"]
        assert [(one["rule"], one["file"], one["line"]) for one in findings] == [("unknown-key", str(defaults), 2)]


def test_defaults_that_every_service_replaces_are_read(lint: Lint) -> None:
    put(MINIMAL)
    put("format: 1\nlinks:\n  - {type: logs, titel: All, url: 'https://logs.example.com'}\n", "_defaults.yaml")
    assert lint("--format", "json").rules == ["unknown-key"]


def test_defaults_without_a_service_are_read(lint: Lint) -> None:
    put("format: 1\nlniks: []\n", "_defaults.yaml")
    assert lint("--format", "json").rules == ["unknown-key"]


def test_standard_input_stands_for_a_file(lint: Lint) -> None:
    put(MINIMAL)
    done = lint("-", "--stdin-filename", "runbooks/shop.yaml", "--format", "json", text=BAD)
    assert [(one["file"], one["rule"]) for one in done.document["findings"]] == [
        ("runbooks/shop.yaml", "unknown-key"),
    ]
    assert lint("-", text=MINIMAL).status == 0
    assert lint("-", text="").status == 0 or lint("-", text="").out


def test_standard_input_without_a_name_stands_among_the_runbooks(
    lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("format: 1\nowner: team-all\n", "_defaults.yaml")
    without = MINIMAL.replace("owner: team-shop\n", "")
    put(WARNS)
    done = lint("-", "--format", "json", text=without)
    assert done.document["findings"] == [], "the owner is that of _defaults.yaml"
    unnamed = lint("-", "--format", "json", text=BAD.replace("service: shop\n", "")).document["findings"]
    assert {one["file"] for one in unnamed} == {"runbooks/stdin.yaml"}
    below = tmp_path / "src/deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert lint("-", "--format", "json", text=without).document["findings"] == []
    (tmp_path / "runbooks").rename(tmp_path / "books")
    assert lint("-", "--format", "json", text=without).rules == ["missing-owner"]
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(tmp_path / "books"))
    assert lint("-", "--format", "json", text=without).document["findings"] == []


def test_an_empty_file_is_one_finding(lint: Lint) -> None:
    put("")
    put("format: 1\nlniks: []\n", "_defaults.yaml")
    done = lint("runbooks/shop.yaml")
    assert "1:1 warning empty-file: the file is empty" in done.out
    assert "`incidentctl new shop` asks what a runbook needs" in " ".join(done.out.split())
    found = lint("--format", "json").document["findings"]
    assert [(one["rule"], one["file"]) for one in found] == [
        ("unknown-key", "runbooks/_defaults.yaml"),
        ("empty-file", "runbooks/shop.yaml"),
    ]
    assert set(lint("runbooks/shop.yaml", "--ignore", "empty-file", "--format", "json").rules) > {"no-on-call"}


def test_what_is_no_file_among_the_runbooks_is_said_and_not_opened(lint: Lint) -> None:
    put(MINIMAL)
    for name in ("pipe.yaml", "_defaults.yml"):
        os.mkfifo(f"runbooks/{name}")
    Path("runbooks/gone.yaml").symlink_to("nowhere.yaml")
    Path("runbooks/.#shop.yaml").symlink_to("ada@laptop.4711")  # an editor's lock
    Path("runbooks/folder.yaml").mkdir()
    done = lint()
    assert done.status == 1
    said = " ".join(done.out.split())
    for name, why in (
        ("_defaults.yml", "is no file: a pipe or a device may never end"),
        ("pipe.yaml", "is no file: a pipe or a device may never end"),
        ("gone.yaml", "is a link that leads nowhere"),
    ):
        assert f"runbooks/{name} 1:1 error syntax: runbooks/{name} {why} Remove it, or put" in said
    assert "3 errors and 0 warnings in 4 files." in done.out
    assert lint("--fix").status == 1
    assert lint("runbooks/shop.yaml").status == 0, "it is not asked for"


def test_the_environment_is_looked_at_where_it_is_asked_for(lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    put(MINIMAL.replace("all_clear:", "sources:\n  prometheus: {url: '${SHOP_PROMETHEUS_URL}'}\nall_clear:"))
    assert lint("--format", "json").rules == []
    assert lint("--environment", "--format", "json").rules == ["unset-environment"]
    monkeypatch.setenv("SHOP_PROMETHEUS_URL", "https://prometheus.example.com")
    assert lint("--environment", "--format", "json").rules == []


def test_fix_writes_the_files_and_says_which(lint: Lint) -> None:
    path = put(BAD)
    done = lint("--fix")
    assert (done.status, done.out, done.err) == (0, "1 file, nothing found.\n", "mended runbooks/shop.yaml\n")
    assert path.read_text() == MINIMAL
    assert lint("--fix").err == ""


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_every_rule_is_explained(lint: Lint, slug: str) -> None:
    done = lint("--explain", slug)
    assert done.status == 0
    assert done.out.startswith(f"# {slug}\n")


def test_the_shipped_runbooks_are_clean(lint: Lint) -> None:
    done = lint("--strict", str(ROOT / "runbooks"))
    assert done.status == 0, done.out


def test_a_rule_that_fails_is_a_bug_and_not_silent(lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    put(MINIMAL)

    def fails(subject: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(no_rollback, "check", fails)
    assert lint().status == 70


# --- git ---------------------------------------------------------------------------------------------------


def git(*words: str) -> None:
    options = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *options, *words], check=True, capture_output=True)


@pytest.fixture
def history(lint: Lint) -> Lint:
    """The same, in a repository with two services committed."""
    needs("git")
    put(MINIMAL)
    put(WARNS.replace(": shop\n", ": store\n"), "store.yaml")
    git("init")
    git("add", ".")
    git("commit", "-m", "runbooks")
    return lint


def test_since_looks_at_what_changed_alone(history: Lint) -> None:
    assert history("--since", "HEAD").out == "0 files, nothing found.\n"
    put(BAD)
    assert history("--since", "HEAD", "--format", "json").rules == ["unknown-key"]
    put(BAD.replace(": shop\n", ": new\n"), "new.yaml")
    assert history("--since", "HEAD", "--format", "json").document["files"] == 2


def test_since_compares_with_what_was_there(history: Lint) -> None:
    put(MINIMAL.replace("  - use: slow-database\n", "").replace("id: roll-back", "id: rollback"))
    assert set(history("--since", "HEAD", "--format", "json").rules) >= {"question-removed", "id-renamed"}
    assert not set(history("--format", "json").rules) & {"question-removed", "id-renamed"}


def test_changed_defaults_concern_every_service(history: Lint) -> None:
    put("format: 1\nseverity:\n  P1:\n    page: [on-call]\n", "_defaults.yaml")
    done = history("--since", "HEAD", "--format", "json")
    assert done.document["files"] == 3
    assert [one["file"] for one in done.document["findings"] if one["rule"] == "paging-thinned"] == [
        "runbooks/_defaults.yaml"
    ]


@pytest.mark.parametrize("name", ["nowhere", "--output=x", "HEAD:runbooks", ""])
def test_a_revision_that_is_not_there_is_said(history: Lint, name: str) -> None:
    done = history(f"--since={name}")
    assert (done.status == 4 and "no revision" in done.err) or not name


def test_what_is_remembered_is_told_in_the_same_words(
    lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    put(BAD)
    bare = lint("--no-cache")
    assert not (tmp_path / "cache").exists()
    first, second = lint(), lint()
    assert list((tmp_path / "cache/incidentctl/lint").glob("*.json"))
    assert (first.status, first.out) == (second.status, second.out) == (bare.status, bare.out)
    assert lint("-", "--stdin-filename", "runbooks/shop.yaml", text=MINIMAL).out == "1 file, nothing found.\n"
    assert lint("--fix").out == "1 file, nothing found.\n"
    put(BAD)
    assert lint().out == bare.out


def test_without_git_there_is_no_since(history: Lint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    done = history("--since", "HEAD")
    assert (done.status, done.out) == (4, "")
    assert done.err.splitlines() == [
        "--since asks git what changed, and `git` cannot be started: it is not on the PATH of this terminal",
        "Install git, or leave --since out: then every runbook is looked at.",
    ]
