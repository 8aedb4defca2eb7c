"""What holds for every test: a home of its own, no settings from outside, and an honest closing summary."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A busy machine is no reason to fail; in CI the same examples are tried each time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

SETTINGS = (
    *("INCIDENTCTL_STORE", "INCIDENTCTL_RUNBOOKS", "INCIDENTCTL_ME"),
    *("NO_COLOR", "XDG_STATE_HOME", "XDG_CACHE_HOME"),
)


@pytest.fixture(scope="session", autouse=True)
def _a_home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's real history, and nobody's settings, are ever touched by a test or by a program that it starts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SETTINGS:
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        # The sources that the example runbooks name are nobody's here; tests that have real ones ask them.
        patch.setenv("INCIDENTCTL_NO_CHECKS", "1")
        yield


def _left_out(reporter: pytest.TerminalReporter) -> Counter[str]:
    """Why tests were skipped, and how many for each reason."""
    reasons: Counter[str] = Counter()
    for report in reporter.getreports("skipped"):
        # A skip's longrepr is (file, line, "Skipped: reason").
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] += 1
    return reasons


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was left out: a run that skipped half of itself must not look like one that did not."""
    for reason, count in sorted(_left_out(terminalreporter).items()):
        terminalreporter.write_line(f"left out: {count} {'test' if count == 1 else 'tests'}: {reason}", yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true everything must be there: what is left out is a failure, never a skip."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and session.exitstatus == pytest.ExitCode.OK and reporter and _left_out(reporter):
        reporter.write_line("\nCI=true: nothing may be left out", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
