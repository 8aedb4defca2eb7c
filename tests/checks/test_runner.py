"""All checks at once, beside whatever else is done: nothing delays a prompt, nothing passes for a no."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from incidentctl.checks.interface import Inquiry
from incidentctl.checks.runner import Runner, harmless
from incidentctl.clock import SystemClock
from incidentctl.incident.words import Answer, Evidence, Row
from incidentctl.runbook.model import Check
from incidentctl.walker.evidence import Measure
from tests.walker.story import START

CLOCK = SystemClock()
Ask = Callable[..., Runner]


def command(run: str, **more: str) -> Check:
    return Check("command", {"run": run, "read_only": "true", **more})


@pytest.fixture
def runner() -> Iterator[Ask]:
    """A runner of these checks, by their subjects; `seconds` is the deadline of each."""
    made: list[Runner] = []

    def make(checks: Mapping[str, Check], *, seconds: float = 5.0, environ: Mapping[str, str] | None = None) -> Runner:
        measures = [Measure(subject, check) for subject, check in checks.items()]

        def inquiry(measure: Measure) -> Inquiry:
            return Inquiry(measure.check, CLOCK.now(), environ=environ or {}, seconds=seconds)

        made.append(Runner(inquiry, CLOCK, measures))
        return made[-1]

    yield make
    for one in made:
        with closing(one):
            pass


def found(runner: Runner, *subjects: str) -> dict[str, Evidence]:
    runner.wish(subjects)
    runner.settle(subjects)
    return {evidence.subject: evidence for evidence in runner.take()}


def test_what_was_found_is_taken_once(runner: Ask) -> None:
    asks = runner({"a/0": command("true"), "b/0": command("false")})
    answers = {subject: one.answer for subject, one in found(asks, "a/0", "b/0").items()}
    assert answers == {"a/0": Answer.YES, "b/0": Answer.NO}
    assert asks.take() == []


def test_a_check_that_hangs_costs_its_deadline_and_holds_up_no_other(runner: Ask) -> None:
    asks = runner({"hangs/0": command("sleep 60"), "quick/0": command("true")}, seconds=1.0)
    before = time.monotonic()
    asks.wish(["hangs/0", "quick/0"])
    assert time.monotonic() - before < 0.5, "to wish is to return at once"
    asks.settle(["quick/0"])
    assert [one.subject for one in asks.take()] == ["quick/0"]
    asks.settle(["hangs/0"])
    assert [one.answer for one in asks.take()] == [Answer.UNKNOWN]
    assert time.monotonic() - before < 5


def test_what_was_asked_a_moment_ago_is_not_asked_again(runner: Ask, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    asks = runner({"a/0": command(f"sh -c 'echo x >> {asked}'")})
    found(asks, "a/0")
    asks.wish(["a/0"], timedelta(minutes=1))
    asks.settle(["a/0"])
    assert asked.read_text() == "x\n"
    found(asks, "a/0")
    assert asked.read_text() == "x\nx\n"


def test_a_variable_that_is_not_set_is_named(runner: Ask) -> None:
    asks = runner({"a/0": Check("http", {"url": "${SHOP_URL}/healthz"})})
    one = found(asks, "a/0")["a/0"]
    assert (one.answer, one.said) == (Answer.UNKNOWN, "SHOP_URL is not set")


def test_a_check_whose_own_code_fails_is_unknown(runner: Ask) -> None:
    asks = runner({"a/0": Check("no-such-kind")})
    one = found(asks, "a/0")["a/0"]
    assert (one.answer, one.said) == (Answer.UNKNOWN, "the check itself failed (KeyError)")


def test_nothing_foreign_and_nothing_secret_gets_through() -> None:
    rows = tuple(Row(f"\x1b[31mrow {n}\x1b[0m password=hunter2-canary", f"{n}") for n in range(99))
    one = harmless(Evidence("a/0", "command", Answer.YES, "said \x07 token: hunter2-canary" + "x" * 999, START, rows))
    text = one.said + "".join(row.text for row in one.rows)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "hunter2-canary" not in text
    assert len(one.rows) == 50
    assert len(one.said) <= 200


def test_the_numbers_of_a_signal_are_kept_for_its_line(runner: Ask, tmp_path: Path) -> None:
    source = tmp_path / "number"
    asks = runner({"signal/queue": Check("command", {"run": f"cat {source}", "read_only": "true", "yes_when": "> 9"})})
    for number in (1, 5, 12):
        source.write_text(f"{number}\n")
        found(asks, "signal/queue")
    assert list(asks.numbers("signal/queue")) == [1, 5, 12]
