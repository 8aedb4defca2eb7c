"""A scripted walk that ends before any of its prompts and goes on later is the walk that never ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clocked import VARIABLE, Hand, HeldClock
from tests.crash.walks import ROOT, answered, run, spelt_out, story, write_answers

WALKS = ROOT / "runbooks/answers"


@pytest.fixture(autouse=True)
def _one_clock_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(Hand(tmp_path / "clock").path))
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(ROOT / "runbooks"))
    monkeypatch.setenv("INCIDENTCTL_ME", "Ada")
    monkeypatch.setattr("incidentctl.cli.wiring.SystemClock", HeldClock)


@pytest.mark.rule("P-ROLL-4")
@pytest.mark.parametrize(
    ("walk", "service", "options"),
    [("checkout", "checkout", []), ("payments", "payments", []), ("checkout-fix-forward", "checkout", ["--drill"])],
)
def test_a_walk_that_is_cut_before_any_prompt_gives_the_same_journal(
    tmp_path: Path, walk: str, service: str, options: list[str]
) -> None:
    whole = tmp_path / "whole.db"
    start = ["start", service, "--title", "It fails", *options, "--answers"]
    assert run("--store", str(whole), *start, str(WALKS / f"{walk}.yaml")).status == 0
    rows = spelt_out(WALKS / f"{walk}.yaml", answered(whole))
    assert len(rows) > 20
    for cut in range(len(rows)):
        store = tmp_path / f"{cut}.db"
        begun = run("--store", str(store), *start, write_answers(tmp_path / f"{cut}-begun.yaml", rows[:cut]))
        assert begun.status == 3, begun.err
        assert f"`{rows[cut].prompt}`" in begun.err
        status = json.loads(run("--store", str(store), "status", "--json").out)
        assert status["open_prompt"] == rows[cut].prompt
        rest = run("--store", str(store), "resume", "--answers", write_answers(tmp_path / f"{cut}-rest", rows[cut:]))
        assert (rest.status, rest.err) == (0, ""), f"cut before prompt {cut + 1}, {rows[cut].prompt}"
        assert story(store) == story(whole), f"cut before prompt {cut + 1}, {rows[cut].prompt}"
