"""Tools that some tests need: missing on a person's machine they are a skip with a name, in CI a failure."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def needs(tool: str, *probe: str) -> str:
    """The path of `tool`; `probe` are arguments with which it must exit 0, where being there is not enough."""
    path = shutil.which(tool)
    if path is None:
        _missing(f"{tool} is not installed")
    elif probe and subprocess.run([path, *probe], capture_output=True, check=False).returncode:
        _missing(f"{tool} is installed and does not work here")
    return str(path)


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and with CI=true nothing is skipped")
    pytest.skip(reason)
