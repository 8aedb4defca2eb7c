"""A pipe in place of a file is refused: it might never end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from incidentctl.errors import NotFound
from incidentctl.lint.targets import folders


def test_a_pipe_is_no_runbook(tmp_path: Path) -> None:
    pipe = tmp_path / "shop.yaml"
    os.mkfifo(pipe)
    with pytest.raises(NotFound, match="is no file"):
        folders([pipe])
