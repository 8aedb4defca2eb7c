"""An option wins over its variable, a variable over the default."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from incidentctl.cli.settings import Settings
from incidentctl.errors import NotFound, StoreUnreachable
from tests.needs import needs


@pytest.fixture(autouse=True)
def _somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("INCIDENTCTL_STORE", "INCIDENTCTL_RUNBOOKS", "INCIDENTCTL_ME"):
        monkeypatch.delenv(name, raising=False)


def test_runbooks_are_found_here_and_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().runbooks_folder() is None
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "a/b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a/b")
    assert Settings().runbooks_folder() == tmp_path / "runbooks"


def test_runbooks_option_wins_over_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(tmp_path / "one"))
    assert Settings().runbooks_folder() == tmp_path / "one"
    assert Settings(runbooks=tmp_path / "two").runbooks_folder() == tmp_path / "two"


def test_a_named_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Settings(runbooks=tmp_path / "none").runbooks_folder()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("store.db", Path("store.db")),
        ("sqlite:///store.db", Path("store.db")),
        ("sqlite:////var/lib/store.db", Path("/var/lib/store.db")),
        ("memory:", None),
    ],
)
def test_what_a_store_is_called(url: str, path: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings(store=url).store_path() == path
    monkeypatch.setenv("INCIDENTCTL_STORE", url)
    assert Settings().store_path() == path


def test_the_store_is_in_the_state_directory_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = Settings().store_path()
    assert path is not None
    assert path.name == "incidents.db"
    assert "incidentctl" in path.parts


def test_a_kind_of_store_that_is_not_known_is_said_plainly() -> None:
    with pytest.raises(StoreUnreachable, match="postgresql://"):
        Settings(store="postgresql://db/incidents").store_path()


def test_me_is_the_option_then_the_variable_then_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("git")
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Grace  Hopper\x07\n")
    assert Settings().name() == "Grace Hopper"
    monkeypatch.setenv("INCIDENTCTL_ME", "Eve")
    assert Settings().name() == "Eve"
    assert Settings(me="Ada").name() == "Ada"


def test_without_git_me_is_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("LOGNAME", "ada")
    assert Settings().name() == "ada"


def test_a_command_to_go_on_with_carries_the_options_that_were_given() -> None:
    settings = Settings(store="my store.db", me="Ada")
    assert settings.command("resume", "x") == "incidentctl --store 'my store.db' --me Ada resume x"
    assert Settings().command("resume", "x") == "incidentctl resume x"


def test_only_the_name_starts_another_program() -> None:
    root = Path(__file__).parents[2]
    users = subprocess.run(
        ["grep", "-rlE", r"\bsubprocess\b|os\.system|os\.exec|os\.spawn", "incidentctl", "--include=*.py"],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    # `change --run` is the one that is not read from: it stands in the place of the program.
    doors = {"incidentctl/subprocesses.py", "incidentctl/cli/passing.py"}
    assert set(users.stdout.split()) <= {"incidentctl/cli/settings.py", *doors}
