"""`new`: a runbook from a few answers, and from what the repository says already."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.cli.sketching import external_of, person_of
from incidentctl.clock import SystemClock
from incidentctl.errors import NotAllowed
from incidentctl.runbook.load import load_service
from incidentctl.runbook.model import Omitted, Question, Runbook
from incidentctl.runbook.surroundings import codeowner, kind_of_link, look_around, remote_page
from tests.cli.conftest import ROOT, Answers, Done, Program

FULL = ("new.external-users: yes", "new.shared-on-call: no", "new.slo: no")
LIGHT = ("new.external-users: no", "new.shared-on-call: no", "new.slo: no")
USEFUL = (
    *FULL,
    "new.title: Search",
    "new.owner: team-search",
    '{prompt: new.dashboard, answer: "https://grafana.example.com/d/search"}',
    '{prompt: new.on-call, answer: "search on-call, pagerduty PSRCH01"}',
    '{prompt: new.lead, answer: "search lead, @search-lead"}',
    '{prompt: new.rollback, answer: "kubectl rollout undo deployment/search -n search"}',
    "new.database: no",
    '{prompt: new.external, answer: ["Stripe https://status.stripe.com", Twilio]}',
    "{prompt: new.cache, answer: {skip: the cache is the CDN's}}",
    "new.feature: finding things",
    "new.stable-for: 15 min",
)
CATALOG = """\
kind: System
metadata: {name: shop}
---
kind: Component
metadata:
  name: search
  title: Search
  description: >-
    Finds things: in the catalogue.
  annotations: {pagerduty.com/service-id: PSRCH01}
  links:
    - {url: "https://grafana.example.com/d/search", title: Overview, icon: dashboard}
    - {url: "https://wiki.example.com/search", title: Docs}
    - {url: "javascript:alert(1)", title: Bad}
spec:
  owner: "group:default/team-find"
  dependsOn:
    - component:default/ledger
    - Component:mail
    - component:default/ledger
    - component:search
    - resource:default/search-db
    - ledger2
    - "component:default/ x"
    - {not: a text}
---
kind: Component
metadata: {name: other, title: Other}
"""


@pytest.fixture
def repo(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository without runbooks, in which the program is started in a folder below the top."""
    monkeypatch.delenv("INCIDENTCTL_RUNBOOKS")
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    return tmp_path


def written(repo: Path, service: str = "search") -> Runbook:
    """The runbook, which decodes without a problem."""
    loaded = load_service(repo / "runbooks", service)
    assert loaded.problems == ()
    assert loaded.book is not None
    return loaded.book


def linted(program: Program, repo: Path) -> dict[str, set[str]]:
    """What lint says, by severity."""
    findings = program("lint", str(repo / "runbooks"), "--format", "json").json["findings"]
    return {kind: {one["rule"] for one in findings if one["severity"] == kind} for kind in ("error", "warning")}


def test_a_useful_runbook_is_what_was_said(program: Program, repo: Path, answers: Answers) -> None:
    days = [SystemClock().now().date()]
    done = program("new", "search", "--answers", answers(*USEFUL, rest=False))
    days.append(SystemClock().now().date())
    assert done.status == 0, done.err
    assert "never used" not in done.err
    book = written(repo)
    assert (book.title, book.owner, book.process) == ("Search", "team-search", "full")
    assert book.reviewed in days
    assert [link.url for link in book.links] == ["https://grafana.example.com/d/search"]
    assert {role: (one.name, one.ways) for role, one in book.people.items()} == {
        "on-call": ("search on-call", (("pagerduty", "PSRCH01"),)),
        "lead": ("search lead", (("slack", "@search-lead"),)),
    }
    assert [(one.name, one.status) for one in book.externals] == [
        ("Stripe", "https://status.stripe.com"), ("Twilio", ""),
    ]  # fmt: skip
    assert book.comms.feature == "finding things"
    assert book.all_clear.stable_for is not None
    assert book.all_clear.stable_for.total_seconds() == 900
    deploy, database, external, cache = book.tree
    assert isinstance(deploy, Question)
    assert getattr(deploy.if_yes[0], "run", "") == "kubectl rollout undo deployment/search -n search"
    assert isinstance(external, Question)
    assert isinstance(database, Omitted)
    assert isinstance(cache, Omitted)
    assert (database.reason, cache.reason) == ("search has no database", "the cache is the CDN's")


def test_a_useful_runbook_lints_without_errors(program: Program, repo: Path, answers: Answers) -> None:
    program("new", "search", "--answers", answers(*USEFUL, rest=False))
    # What nobody can know yet: who backs up, and what to switch to.
    assert linted(program, repo) == {
        "error": set(), "warning": {"no-backup", "external-without-fallback", "external-without-status"},
    }  # fmt: skip


def test_the_organisation_s_people_leave_nothing_to_lint(program: Program, repo: Path, answers: Answers) -> None:
    (repo / "runbooks").mkdir()
    (repo / "runbooks/_defaults.yaml").write_bytes((ROOT / "runbooks/_defaults.yaml").read_bytes())
    rows = [row for row in USEFUL if "new.external," not in row]
    assert program("new", "search", "--answers", answers(*rows, "new.external: no", rest=False)).status == 0
    assert linted(program, repo) == {"error": set(), "warning": set()}


@pytest.mark.rule("P-FIT-1")
@pytest.mark.parametrize("number", range(4))
def test_any_yes_makes_the_process_full(program: Program, repo: Path, answers: Answers, number: int) -> None:
    rows = [row if index != number else row.replace(": no", ": yes") for index, row in enumerate(LIGHT)]
    assert program("new", "hobby", "--answers", answers(*rows)).status == 0
    assert f"process: {'light' if number == 3 else 'full'}\n" in (repo / "runbooks/hobby.yaml").read_text()


@pytest.mark.rule("P-FIT-2")
def test_a_light_process_asks_for_no_lead_no_words_and_no_window(
    program: Program, repo: Path, answers: Answers
) -> None:
    done = program("new", "hobby", "--answers", answers(*LIGHT))
    assert "Who leads" not in done.out
    assert "customers" not in done.out
    assert "stable" not in done.out
    assert linted(program, repo) == {"error": set(), "warning": {"missing-owner", "no-dashboard"}}


def test_every_default_invents_nothing(program: Program, repo: Path, answers: Answers) -> None:
    program("new", "search", "--answers", answers(*LIGHT))
    text = (repo / "runbooks/search.yaml").read_text()
    body = text.split("\n", 1)[1]
    assert re.sub(r"\d{4}-\d\d-\d\d", "DAY", body) == (
        "format: 1\nservice: search\nprocess: light\nreviewed: DAY\n\ndecision_tree:\n  - use: recent-deploy\n"
        "  - use: slow-database\n  - use: external-dependency\n  - use: cache-stampede\n"
    )
    assert text.startswith("# yaml-language-server: $schema=runbook.schema.json\n")


def test_the_file_goes_to_the_top_of_the_repository_and_is_named(
    program: Program, repo: Path, answers: Answers
) -> None:
    done = program("new", "search", "--answers", answers(*LIGHT))
    assert str(repo / "runbooks/search.yaml") in done.out.splitlines()
    assert "incidentctl show search" in done.out.splitlines()


@pytest.mark.parametrize("file", ["search.yaml", "search.yml", "other.yaml"])
def test_a_runbook_is_never_overwritten(program: Program, repo: Path, answers: Answers, file: str) -> None:
    (repo / "runbooks").mkdir()
    (repo / "runbooks" / file).write_text("format: 1\nservice: search\n")
    done = program("new", "search", "--answers", answers(*LIGHT))
    assert done.status == 2
    assert "there is a runbook for `search`" in done.err
    assert (repo / "runbooks" / file).read_text() == "format: 1\nservice: search\n"
    assert [path.name for path in (repo / "runbooks").iterdir()] == [file]


@pytest.mark.parametrize("name", ["_defaults", "../search", "built-in", "a b", "", ".hidden"])
def test_what_cannot_be_a_name_is_refused(program: Program, repo: Path, name: str) -> None:
    assert program("new", name).status == 2
    assert not (repo / "runbooks").exists()


def test_without_answers_and_without_a_terminal_nothing_is_written(program: Program, repo: Path) -> None:
    done = program("new", "search")
    assert done.status == 3
    assert "new.external-users" in done.err
    assert not (repo / "runbooks").exists()


def refused(program: Program, repo: Path, answers: Answers, *rows: str) -> Done:
    done = program("new", "search", "--answers", answers(*FULL, *rows))
    assert done.status == 2, done.out
    assert not (repo / "runbooks").exists()
    return done


def test_an_answer_that_lint_calls_an_error_is_not_taken(program: Program, repo: Path, answers: Answers) -> None:
    done = refused(program, repo, answers, """{prompt: new.rollback, answer: "echo 'open"}""")
    assert "shell-syntax" in done.err
    assert re.search(r"answers-0\.yaml:\d+", done.err)
    secret = refused(program, repo, answers, "{prompt: new.rollback, answer: deploy --token ghp_" + "a1B2" * 9 + "}")
    assert "secret-in-file" in secret.err
    assert "a1B2" not in secret.err


def test_an_address_is_an_address_and_a_person_has_one_name(program: Program, repo: Path, answers: Answers) -> None:
    assert "no address" in refused(program, repo, answers, "new.dashboard: grafana").err
    assert "is reached" in refused(program, repo, answers, "{prompt: new.on-call, answer: 'Ada, Bo'}").err


def test_a_command_that_needs_a_shell_says_so(program: Program, repo: Path, answers: Answers) -> None:
    program("new", "search", "--answers", answers(*LIGHT, "{prompt: new.rollback, answer: 'deployctl last | sh'}"))
    deploy = written(repo).tree[0]
    assert isinstance(deploy, Question)
    assert getattr(deploy.if_yes[0], "shell", False)


# --- what the repository says ------------------------------------------------------------------------------


def test_the_repository_is_asked_first(program: Program, repo: Path, answers: Answers) -> None:
    (repo / "catalog-info.yaml").write_text(CATALOG)
    (repo / ".git/config").write_text('[remote "origin"]\n\turl = git@github.com:example/search.git\n')
    done = program("new", "search", "--answers", answers(*FULL))
    assert done.status == 0, done.err
    book = written(repo)
    assert (book.title, book.owner) == ("Search", "team-find")
    assert book.description == "Finds things: in the catalogue."
    assert [(link.type, link.url) for link in book.links] == [
        ("dashboard", "https://grafana.example.com/d/search"),
        ("doc", "https://wiki.example.com/search"),
        ("repo", "https://github.com/example/search"),
    ]
    assert book.people["on-call"].ways == (("pagerduty", "PSRCH01"),)
    assert book.depends_on == ("ledger", "mail")
    assert "catalog-info.yaml" in done.out
    assert "depends on ledger, depends on mail" in " ".join(done.out.split())


def test_what_lint_calls_an_error_is_not_taken_over(program: Program, repo: Path, answers: Answers) -> None:
    hostile = CATALOG.replace("Finds things: in the catalogue.", "token ghp_" + "a1B2" * 9)
    hostile = hostile.replace("title: Overview", r'title: "Over\e[31mview"')
    (repo / "catalog-info.yaml").write_text(hostile)
    done = program("new", "search", "--answers", answers(*FULL))
    assert done.status == 0, done.err
    assert "Not taken over (description)" in done.out
    assert "a1B2" not in done.out + done.err + (repo / "runbooks/search.yaml").read_text()
    assert written(repo).links[0].title == "Overview"


def test_an_organisation_s_file_that_is_broken_stops_nobody(program: Program, repo: Path, answers: Answers) -> None:
    (repo / "runbooks").mkdir()
    (repo / "runbooks/_defaults.yaml").write_text("people: [")
    assert program("new", "search", "--answers", answers(*FULL)).status == 0
    assert (repo / "runbooks/search.yaml").is_file()


def test_a_catalog_that_is_no_yaml_says_nothing(repo: Path) -> None:
    for text in ("kind: [", "\x00", "kind: Component\nmetadata: 3\n", "- a\n", "&a [*a]", "kind: Component\nspec: []"):
        (repo / "catalog-info.yaml").write_text(text)
        assert look_around(repo, "search").title == ""


@pytest.mark.parametrize(("service", "title"), [("other", "Other"), ("search-api", "Search"), ("pay", "")])
def test_a_component_of_another_service_says_nothing(repo: Path, service: str, title: str) -> None:
    (repo / "catalog-info.yaml").write_text(CATALOG)
    assert look_around(repo, service).title == title


def test_a_worktree_has_its_configuration_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "main/.git/worktrees/one").mkdir(parents=True)
    (tmp_path / "main/.git/config").write_text('[remote "origin"]\n  url = https://git.example.com/shop/search\n')
    (tmp_path / "main/.git/worktrees/one/commondir").write_text("../..\n")
    (tmp_path / "one").mkdir()
    (tmp_path / "one/.git").write_text(f"gitdir: {tmp_path}/main/.git/worktrees/one\n")
    assert [link.url for link in look_around(tmp_path / "one", "search").links] == [
        "https://git.example.com/shop/search"
    ]


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("git@github.com:example/search.git", "https://github.com/example/search"),
        ("https://ada:secret@git.example.com/shop/search.git", "https://git.example.com/shop/search"),
        ("ssh://git@git.example.com:2222/shop/search.git", "https://git.example.com/shop/search"),
        ("https://git.example.com/shop/search/", "https://git.example.com/shop/search"),
        ("https://git.example.com:8443/shop/search", "https://git.example.com:8443/shop/search"),
        ("https://[::bad/search", ""),
        ("/srv/git/search.git", ""),
        ("../search", ""),
        ("file:///srv/git/search.git", ""),
    ],
)
def test_the_page_of_a_remote(url: str, page: str) -> None:
    assert remote_page(f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n\tfetch = +refs\n') == page


def test_origin_comes_before_other_remotes() -> None:
    config = '[remote "fork"]\nurl = https://g.example.com/b/x\n[remote "origin"]\nurl = https://g.example.com/a/x\n'
    assert remote_page(config) == "https://g.example.com/a/x"
    assert remote_page("") == ""


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("* @example/platform\n/services/search/ @example/team-search @bo\n", "team-search"),
        ("* @example/platform # all\n*.md @example/docs\n", "platform"),
        ("* @one\n* @two\n", "two"),
        ("# nobody\n/search/\n", ""),
        ("search ada@example.com\n", "ada@example.com"),
        ("", ""),
    ],
)
def test_the_code_owner(text: str, owner: str) -> None:
    assert codeowner(text, "search") == owner


@pytest.mark.parametrize(
    ("words", "kind"),
    [(("", "dashboard", "X", ""), "dashboard"), (("", "", "Team wiki", ""), "doc"), (("", "", "Shop", "x"), "other")],
)
def test_the_type_of_a_link(words: tuple[str, ...], kind: str) -> None:
    assert kind_of_link(words) == kind


# --- what is typed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "ways"),
    [
        ("search on-call, pagerduty PSRCH01", "search on-call", [("pagerduty", "PSRCH01")]),
        ("search on-call pagerduty PSRCH01", "search on-call", [("pagerduty", "PSRCH01")]),
        ("search lead @search-lead", "search lead", [("slack", "@search-lead")]),
        ("desk, desk@example.com, phone +49 30 1234567", "desk",
         [("email", "desk@example.com"), ("phone", "+49 30 1234567")]),
        ("Ada, https://example.com/ada", "Ada", [("url", "https://example.com/ada")]),
        ("#search", "#search", [("slack", "#search")]),
        ("Ada", "Ada", []),
    ],
)  # fmt: skip
def test_a_person_and_how_to_reach_them(text: str, name: str, ways: list[tuple[str, str]]) -> None:
    person = person_of("on-call", text)
    assert (person.name, list(person.ways)) == (name, ways)


@given(st.text(min_size=1))
def test_whatever_is_typed_is_a_person_or_refused(text: str) -> None:
    with suppress(NotAllowed):
        assert person_of("lead", text).name


def test_an_external_and_its_status_page() -> None:
    assert external_of("Stripe https://status.stripe.com") == ("Stripe", "https://status.stripe.com")
    assert external_of("Amazon S3") == ("Amazon S3", "")
    with pytest.raises(NotAllowed):
        external_of("https://status.stripe.com")


def test_the_page_lists_every_prompt(program: Program, repo: Path, answers: Answers) -> None:
    page = (ROOT / "docs/new.md").read_text()
    promised = set(re.findall(r"`(new\.[a-z-]+)`", page))
    rows = [row.split("answer: ")[0].rstrip(", ") for row in USEFUL]
    asked = {found for row in rows for found in re.findall(r"new\.[a-z-]+", row)}
    assert promised == asked
