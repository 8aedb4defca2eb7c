"""More than one process: the same findings, and one that dies is not missed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from incidentctl.lint import engine
from incidentctl.lint.crew import Crew
from incidentctl.lint.engine import Setting
from incidentctl.lint.looking import Look
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.said import Neighbour, Said, Surroundings
from incidentctl.lint.targets import Folder, folders
from tests.lint.linting import CORPUS, ROOT, TODAY

ALONE = Setting(frozenset(CATALOGUE), TODAY, processes=1)
TREES = [CORPUS / "shell-syntax", CORPUS / "syntax", CORPUS / "secret-in-file", ROOT / "runbooks"]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: str(tree.name))
@pytest.mark.parametrize("processes", [2, 3, 7])
def test_several_processes_say_what_one_does(tree: Path, processes: int) -> None:
    assert engine.lint(folders([tree]), replace(ALONE, processes=processes)) == engine.lint(folders([tree]), ALONE)


class Weak(Look):
    """Dies, or fails, wherever it is not at home."""

    def __init__(self, folder: Folder, setting: Setting, *, dies_at: str) -> None:
        super().__init__(folder, setting)
        self._home = os.getpid()
        self._dies_at = dies_at

    def neighbour(self, path: Path) -> Neighbour:
        if self._dies_at == "neighbour" and os.getpid() != self._home:
            os._exit(3)
        return super().neighbour(path)

    def said(self, path: Path, around: Surroundings) -> Said:
        if self._dies_at == "said" and os.getpid() != self._home:
            os._exit(0)
        if self._dies_at == "bug":
            message = f"a rule failed on {path.name}"
            raise ArithmeticError(message)
        return super().said(path, around)


class Named(Look):
    """Knows a service by its file's name; in another process only when this one has done so many of them."""

    def __init__(self, folder: Folder, setting: Setting, *, slow_until: int = 0) -> None:
        super().__init__(folder, setting)
        self._home = os.getpid()
        self._gate = os.pipe()
        self._left = slow_until
        self.done_here = 0

    def begin(self) -> None:
        """There is nothing to read."""

    def neighbour(self, path: Path) -> Neighbour:
        if os.getpid() == self._home:
            self.done_here += 1
            if self.done_here == self._left:
                os.write(self._gate[1], b"go")
        elif self._left:
            os.read(self._gate[0], 2)
            self._left = 0
        return Neighbour(path.stem)


def test_each_of_very_many_services_is_looked_at_once() -> None:
    services = [Path(f"{number}.yaml") for number in range(5001)]
    folder = Folder(Path(), None, tuple(services), frozenset())
    with Crew(Named(folder, ALONE), services, 3) as crew:
        found = crew.neighbours(services)
    assert {path: one.service for path, one in found.items()} == {path: path.stem for path in services}


def test_a_process_that_has_to_wait_leaves_the_work_to_others() -> None:
    services = [Path(f"{number}.yaml") for number in range(40)]
    folder = Folder(Path(), None, tuple(services), frozenset())
    look = Named(folder, ALONE, slow_until=39)
    with Crew(look, services, 2) as crew:
        found = crew.neighbours(services)
    assert look.done_here >= 39
    assert found.keys() == {*services}


def everything(look: Look, folder: Folder, processes: int) -> dict[Path, Said]:
    with Crew(look, folder.services, processes) as crew:
        crew.neighbours(folder.services)
        return crew.said(folder.services, Surroundings())


@pytest.mark.parametrize("dies_at", ["neighbour", "said"])
def test_what_a_dead_process_was_to_do_is_done_here(dies_at: str) -> None:
    (folder,) = folders([CORPUS / "shell-syntax"])
    said = everything(Weak(folder, ALONE, dies_at=dies_at), folder, 3)
    assert said == everything(Look(folder, ALONE), folder, 1)


def test_a_bug_in_another_process_is_told_here() -> None:
    (folder,) = folders([ROOT / "runbooks"])
    with pytest.raises(ArithmeticError, match="a rule failed on"):
        everything(Weak(folder, ALONE, dies_at="bug"), folder, 3)


def test_no_process_is_left_behind() -> None:
    engine.lint(folders([ROOT / "runbooks"]), replace(ALONE, processes=3))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
