"""What a person confirmed is run: without a shell, with its last lines in view, and it can be stopped."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from incidentctl.actions.hands import RealHands
from incidentctl.actions.interface import Run
from incidentctl.runbook.model import Check
from incidentctl.walker.orders import Order
from incidentctl.walker.running import Result
from tests.servers.recording import recording
from tests.walker.story import START


def started(*argv: str, timeout: timedelta | None = None) -> Run:
    return RealHands().start(Order("test", START, argv, timeout=timeout))


def for_a_shell(line: str) -> Run:
    return RealHands().start(replace(Order("test", START, (line,)), shell=bool(line)))


def ended(run: Run) -> Result:
    run.wait()
    result = run.result()
    assert result is not None
    return result


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


def test_a_command_that_went_well() -> None:
    result = ended(started("echo", "$HOME; rm -rf *"))
    assert (result.ok, result.status, result.output) == (True, 0, ("$HOME; rm -rf *",)), "no shell has seen it"


def test_a_command_that_failed_says_how() -> None:
    result = ended(started(*python("import sys; print('boom', file=sys.stderr); sys.exit(3)")))
    assert (result.ok, result.status, result.output, result.stopped) == (False, 3, ("boom",), False)


def test_a_command_that_is_not_there_has_failed_in_words() -> None:
    result = ended(started("no-such-command-anywhere"))
    assert not result.ok
    assert "cannot be started" in result.reason


def test_only_a_line_for_a_shell_reaches_one() -> None:
    assert ended(for_a_shell("echo a | tr a b")).output == ("b",)


def test_nothing_can_be_typed_into_it() -> None:
    assert ended(started(*python("import sys; print(repr(sys.stdin.read()))"))).output == ("''",)


def test_stopped_it_may_have_run_in_part(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = f"import signal,sys;open({str(ready)!r},'w').close();print('half',flush=True);signal.pause()"
    run = started(*python(code))
    while "half" not in run.lines(1):
        assert run.result() is None
    run.stop()
    result = ended(run)
    assert (result.ok, result.stopped) == (False, True)
    assert "half" in result.output


def test_a_command_that_takes_too_long_is_stopped() -> None:
    result = ended(started("sleep", "60", timeout=timedelta(seconds=0.3)))
    assert (result.ok, result.stopped) == (False, True)


def test_what_it_leaves_in_the_background_holds_up_nothing() -> None:
    result = ended(for_a_shell("sleep 60 & echo gone"))
    assert (result.ok, result.output) == (True, ("gone",))


def test_output_without_an_end_is_bounded_and_loses_its_secrets() -> None:
    code = "for n in range(100000): print('x' * 100, n)\nprint('\\x1b[2Jpassword=hunter2-canary')"
    result = ended(started(*python(code)))
    assert len(result.output) == 40
    assert result.output[-1] == "password=<redacted>"


def test_a_line_that_is_written_over_shows_its_last_state() -> None:
    assert ended(started(*python("print('10%\\r50%\\r100%')"))).output == ("100%",)


def test_a_request_is_sent_with_a_key_that_makes_it_the_same_when_it_is_sent_twice() -> None:
    with recording() as server:
        values = {"url": server.url, "method": "PUT", "body": '{"on": false}', "headers.X-Flag": "payments"}
        order = Order("20261123-0312-abc-flag", START, check=Check("http", values))
        for _ in range(2):
            assert ended(RealHands().start(order)).ok
    keys = [(asked.method, asked.headers["idempotency-key"], asked.headers["x-flag"]) for asked in server.asked]
    assert keys == [("PUT", "20261123-0312-abc-flag", "payments")] * 2
    assert json.loads(server.asked[0].body) == {"on": False}


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "${NOT_SET_ANYWHERE}/x"])
def test_a_request_that_reaches_nobody_has_failed_in_words(url: str) -> None:
    result = ended(RealHands().start(Order("x", START, check=Check("http", {"url": url}))))
    assert not result.ok
    assert result.reason
