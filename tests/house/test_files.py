"""What stands in the repository belongs there: no path of one machine, no index, no secret."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.needs import needs

ROOT = Path(__file__).parents[2]
# Written so that this file does not match itself.
OF_ONE_MACHINE = re.compile(r"(?<![\w.])/(?:work|farm|root|home/[a-z]+|Users/[a-z]+)/[\w.]")
AN_INDEX = re.compile(r"pypi\.org|python[h]osted|registry\.npm[j]s|deb\.debian|--(?:extra-)?index[-]url", re.IGNORECASE)
A_SECRET = re.compile(r"xox[abp]-\d{6}|gh[ps]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|BEGIN [A-Z ]*PRIVATE [K]EY")


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """Path and text of every file that is, or would be, tracked."""
    needs("git")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = [path for path in listed.stdout.splitlines() if (ROOT / path).is_file()]
    return {path: (ROOT / path).read_text(errors="replace") for path in paths}


def found(pattern: re.Pattern[str], files: dict[str, str]) -> list[str]:
    """Where `pattern` stands, as file:line."""
    return [
        f"{path}:{number}: {line.strip()[:80]}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_path_of_one_machine(files: dict[str, str]) -> None:
    assert found(OF_ONE_MACHINE, files) == []


def test_no_address_of_a_package_index(files: dict[str, str]) -> None:
    assert found(AN_INDEX, files) == []


def test_no_secret(files: dict[str, str]) -> None:
    # Tests of redaction need something to redact.
    assert found(A_SECRET, {path: text for path, text in files.items() if not path.startswith("tests/")}) == []


def test_every_text_ends_with_one_line_end_and_has_no_emoji(files: dict[str, str]) -> None:
    texts = {
        path: text for path, text in files.items() if Path(path).suffix in {".py", ".md", ".toml", ".yaml", ".yml"}
    }
    assert [path for path, text in texts.items() if text and (not text.endswith("\n") or text.endswith("\n\n"))] == []
    assert found(re.compile("[\U0001f300-\U0001faff\u2705\u274c]"), texts) == []
