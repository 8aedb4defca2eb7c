"""Files -> Loaded: which file is a service's, what is kept of it, and that keeping it loses nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from incidentctl.errors import NotFound
from incidentctl.runbook.find import did_you_mean, find_directory, near
from incidentctl.runbook.load import RunbookText, built_in, from_texts, load_service, services

ROOT = Path(__file__).parents[2]


@pytest.fixture
def runbooks(tmp_path: Path) -> Path:
    directory = tmp_path / "runbooks"
    (directory / "drills" / "search").mkdir(parents=True)
    (directory / "_defaults.yaml").write_text("owner: everyone\n")
    (directory / "checkout.yaml").write_text("service: checkout\ntitle: Checkout\n")
    (directory / "search.yml").write_text("title: Search\n")
    (directory / "money.yaml").write_text('# pay\nservice: "payments"  # the name it has\n')
    (directory / ".hidden.yaml").write_text("service: hidden\n")
    (directory / "notes.txt").write_text("service: notes\n")
    (directory / "directory.yaml").mkdir()
    return directory


def test_services_are_listed_by_the_names_they_have(runbooks: Path) -> None:
    assert services(runbooks) == ["checkout", "payments", "search"]
    assert services(runbooks / "nowhere") == []
    assert services(None) == []


@pytest.mark.parametrize(
    ("service", "title"), [("checkout", "Checkout"), ("search", "Search"), ("payments", "payments")]
)
def test_a_file_is_found_by_its_name_or_by_what_it_says(runbooks: Path, service: str, title: str) -> None:
    result = load_service(runbooks, service)
    assert result.problems == ()
    assert result.book is not None
    assert (result.book.service, result.book.title, result.book.owner) == (service, title, "everyone")


def test_the_name_of_the_file_comes_before_what_another_one_says(runbooks: Path) -> None:
    (runbooks / "a.yaml").write_text("service: checkout\ntitle: another\n")
    book = load_service(runbooks, "checkout").book
    assert book is not None
    assert book.title == "Checkout"


def test_a_service_without_a_file_names_the_near_ones(runbooks: Path) -> None:
    with pytest.raises(NotFound, match="there is no runbook for `chekout`") as error:
        load_service(runbooks, "chekout")
    assert error.value.hint == "Did you mean `checkout`?"


@pytest.mark.parametrize(
    "service", ["../runbooks/checkout", "drills/search/slow", "", ".", "_defaults", ".hidden", "checkout.yaml"]
)
def test_a_name_is_no_path(runbooks: Path, service: str) -> None:
    with pytest.raises(NotFound):
        load_service(runbooks, service)


def test_no_directory_at_all() -> None:
    with pytest.raises(NotFound, match="there is no runbook for `checkout`") as error:
        load_service(None, "checkout")
    assert error.value.hint == "There is no folder `runbooks` here or above: name one with --runbooks DIR."


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        ([], "No service has one yet: incidentctl new writes it."),
        (["a"], "The services that have one: `a`."),
        (["b", "a"], "The services that have one: `a` and `b`."),
    ],
)
def test_where_nothing_is_near_the_services_are_named(tmp_path: Path, names: list[str], hint: str) -> None:
    for name in names:
        (tmp_path / f"{name}.yaml").write_text("format: 1\n")
    with pytest.raises(NotFound) as error:
        load_service(tmp_path, "entirely-else")
    assert error.value.hint == hint


def test_the_texts_are_kept_as_read(runbooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(runbooks.parent)
    generic, defaults, own = load_service(runbooks, "checkout").texts
    assert (generic.name, defaults.name, own.name) == ("built-in", "runbooks/_defaults.yaml", "runbooks/checkout.yaml")
    assert own.text == "service: checkout\ntitle: Checkout\n"
    assert own.digest == hashlib.sha256(own.text.encode()).hexdigest()


def test_what_was_kept_gives_the_same_runbook_when_the_files_are_gone(runbooks: Path) -> None:
    result = load_service(runbooks, "payments")
    for path in runbooks.glob("*.y*ml"):
        if path.is_file():
            path.unlink()
    again = from_texts("payments", result.texts)
    assert (again.book, again.texts, again.problems) == (result.book, result.texts, result.problems)


def test_a_service_without_a_runbook_still_has_its_organisation(runbooks: Path) -> None:
    with_defaults, alone = built_in("ledger", runbooks).book, built_in("ledger").book
    assert with_defaults is not None
    assert alone is not None
    assert (with_defaults.service, with_defaults.owner, alone.owner) == ("ledger", "everyone", "")


def test_a_broken_file_gives_no_book_but_every_problem_and_the_texts(runbooks: Path) -> None:
    (runbooks / "_defaults.yaml").write_text("ownr: everyone\n")
    (runbooks / "checkout.yaml").write_text("service: checkout\nservice: checkout\ntitel: Checkout\n")
    result = load_service(runbooks, "checkout")
    assert result.book is None
    assert len(result.texts) == 3
    places = [(Path(problem.file).name, problem.line, problem.column) for problem in result.problems]
    assert places == [("_defaults.yaml", 1, 1), ("checkout.yaml", 2, 1), ("checkout.yaml", 3, 1)]


def test_a_file_that_may_not_be_read_is_a_problem_and_no_traceback(runbooks: Path) -> None:
    path = runbooks / "checkout.yaml"
    path.unlink()
    path.symlink_to("/proc/self/mem")  # opens, and fails at the first byte
    if not path.is_file():
        pytest.skip("needs /proc")
    result = load_service(runbooks, "checkout")
    assert result.book is None
    assert "cannot be read" in result.problems[0].message


def test_a_file_that_is_too_large_is_not_read_to_its_end(runbooks: Path) -> None:
    with (runbooks / "checkout.yaml").open("wb") as file:
        os.truncate(file.fileno(), 1 << 40)
    result = load_service(runbooks, "checkout")
    assert [problem.message for problem in result.problems] == ["the file is larger than 1024 KiB"]


def test_no_texts_are_no_book() -> None:
    assert from_texts("shop", []).book is None
    assert from_texts("shop", [RunbookText("shop.yaml", "\udcff")]).book is None


def test_runbooks_are_found_here_or_above(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    deep = tmp_path / "src" / "checkout"
    deep.mkdir(parents=True)
    assert find_directory(None, deep) == tmp_path / "runbooks"
    assert find_directory(deep, tmp_path) == deep
    (tmp_path / "src" / "runbooks").write_text("a file")
    assert find_directory(None, deep) == tmp_path / "runbooks"


def test_what_was_probably_meant() -> None:
    assert near("CHECKOT", ["search", "checkout", "check"]) == ["checkout", "check"]
    assert did_you_mean("serch", ["search", "checkout"]) == "Did you mean `search`?"
    assert did_you_mean("zebra", ["search", "checkout"]) == ""
    assert did_you_mean("x" * 100_000, ["search"]) == ""


def test_reading_a_runbook_imports_nothing_slow() -> None:
    program = (
        "import sys; from pathlib import Path; from incidentctl.runbook.load import load_service\n"
        "assert load_service(Path('runbooks'), 'checkout').book\n"
        "slow = {'difflib', 'json', 'tomllib', 'zoneinfo', 'jinja2', 'unicodedata', 'rich'}\n"
        "print(*sorted(slow & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "\n"


@pytest.mark.parametrize("seed", range(4))
def test_the_same_mistake_gets_the_same_suggestion_in_every_process(tmp_path: Path, seed: int) -> None:
    """There are more time zones than were compared once, and a set has another order with each hash seed."""
    (tmp_path / "shop.yaml").write_text("service: shop\ntimezone: Europe/Berlim\n")
    command = [sys.executable, "-m", "incidentctl", "lint", "--select", "bad-value", str(tmp_path)]
    environ = {**os.environ, "PYTHONHASHSEED": str(seed), "COLUMNS": "80"}
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    assert "Did you mean `Europe/Berlin`?" in done.stdout
