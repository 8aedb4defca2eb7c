"""Tools that some tests need: missing on a person's machine they are a skip with a name, in CI a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from tools.servers import Missing


def needs(tool: str, *probe: str) -> str:
    """The path of `tool`; `probe` are arguments with which it must exit 0, where being there is not enough."""
    path = shutil.which(tool)
    if path is None:
        missing(f"{tool} is not installed")
    elif probe and subprocess.run([path, *probe], capture_output=True, check=False).returncode:
        missing(f"{tool} is installed and does not work here")
    return str(path)


def missing(reason: str) -> NoReturn:
    """Leave the test out, or with CI=true fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and with CI=true nothing is skipped")
    pytest.skip(reason)


@contextmanager
def or_left_out() -> Iterator[None]:
    """Leave the test out, or with CI=true fail it, where a server is not installed."""
    try:
        yield
    except Missing as error:
        missing(str(error))
